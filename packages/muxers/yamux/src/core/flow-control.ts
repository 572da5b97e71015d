/**
 * Receive windows: credit is granted when the reader has consumed, and a window grows while the remote empties it faster
 * than a few round trips, so that it comes to match bandwidth times delay.
 */
import { initialWindow } from './frame.ts'
import type { SessionLimits } from './limits.ts'
import type { StreamState } from './stream-state.ts'

// Half a window is granted at a time. At full speed that happens about every half round trip; up to this many round
// trips the window, not the reader, is taken to be what may hold the sender back: a busy machine delays either side by
// several. A window grows only as fast as its reader empties it.
const growthRoundTrips = 16
// Up to this many nothing else holds the sender back: from 256 KiB to 8 MiB in three round trips instead of five.
const fullSpeedRoundTrips = 2

/** Asks whether a stream's window may grow. */
type MayGrow<Handle> = (stream: StreamState<Handle>, window: number, growth: number) => boolean

export class FlowControl<Handle> {
  private readonly _limits: SessionLimits
  private readonly _mayGrow: MayGrow<Handle>
  /** Bytes by which all windows together have grown. */
  private _grown = 0
  /** Bytes received and not yet consumed, of all streams. */
  buffered = 0
  /** Milliseconds to the remote and back, once measured. */
  roundTrip: number | undefined

  constructor(limits: SessionLimits, mayGrow: MayGrow<Handle>) {
    this._limits = limits
    this._mayGrow = mayGrow
  }

  /** Payload of a stream has arrived. */
  received(stream: StreamState<Handle>, length: number): void {
    stream.receiveWindow -= length
    stream.buffered += length
    this.buffered += length
  }

  /** The reader has taken payload. Returns the credit to grant now, 0 for not yet. */
  consumed(stream: StreamState<Handle>, length: number, clock: () => number): number {
    stream.buffered -= length
    this.buffered -= length
    const missing = stream.targetWindow - stream.receiveWindow - stream.buffered
    if (missing < stream.targetWindow / 2) return 0
    const now = clock()
    const grown = this._grow(stream, now)
    stream.grantedAt = now
    stream.receiveWindow += missing + grown
    return missing + grown
  }

  /** The stream is gone: what it held is free. */
  release(stream: StreamState<Handle>): void {
    this.buffered -= stream.buffered
    stream.buffered = 0
    this._grown -= stream.targetWindow - initialWindow
    stream.targetWindow = initialWindow
  }

  private _grow(stream: StreamState<Handle>, now: number): number {
    const limit = Math.min(this._limits.maxStreamWindow, stream.targetWindow * this._factor(stream, now))
    const room = this._limits.maxConnectionWindow - this._grown
    const growth = Math.max(0, Math.min(limit - stream.targetWindow, room))
    if (growth === 0 || !this._mayGrow(stream, stream.targetWindow, growth)) return 0
    stream.targetWindow += growth
    this._grown += growth
    return growth
  }

  /** By how much a window may grow at once. */
  private _factor(stream: StreamState<Handle>, now: number): number {
    if (this.roundTrip === undefined) return 1
    const passed = now - stream.grantedAt
    if (passed <= fullSpeedRoundTrips * this.roundTrip) return 4
    return passed <= growthRoundTrips * this.roundTrip ? 2 : 1
  }
}
