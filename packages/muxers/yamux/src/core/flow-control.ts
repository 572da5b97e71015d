/**
 * Receive windows: credit is granted when the reader has consumed, and a window grows while the remote empties it faster
 * than a few round trips, so that it comes to match bandwidth times delay. What it grows by is a promise, for which a budget
 * has room; when the node is short, windows shrink before anything else gives way.
 */
import { ReadAhead } from '@weft/interface-stream-muxer'
import { initialWindow } from './frame.ts'
import type { SessionLimits } from './limits.ts'
import type { StreamState } from './stream-state.ts'

// Half a window is granted at a time, of a large one an eighth, so that little of what the link holds waits for credit. Up to
// this many round trips in which half a window is read the window, not the reader, is taken to be what may hold the sender
// back: a busy machine delays either side by several. A window grows only as fast as its reader empties it.
const growthRoundTrips = 16
// Up to this many nothing else holds the sender back.
const fullSpeedRoundTrips = 2
// The most by which a window grows at once, where what has arrived says that the link holds so much: one burst may mislead.
const maxFactor = 16
// What arrives within one turn of a clock says no more of the bandwidth than this, in milliseconds.
const shortestBurst = 1
// Growth that is not granted in full is asked for by halves, down to this many bytes.
const leastGrowth = 64 * 1024

/** Who says whether there is room for windows. */
export interface WindowBudget<Handle> {
  /** Takes room for a stream's window to grow from `window` by `growth` bytes. Returns whether there was any. */
  growWindow(stream: StreamState<Handle>, window: number, growth: number): boolean
  /** Gives back so much of what a window has grown by. */
  shrinkWindow(stream: StreamState<Handle>, length: number): void
  /** Whether windows are to shrink: what is in use has come near to what all of them promise. */
  isShort(stream: StreamState<Handle>): boolean
}

export class FlowControl<Handle> {
  private readonly _limits: SessionLimits
  private readonly _budget: WindowBudget<Handle>
  private readonly _ahead: ReadAhead
  /** Bytes by which all windows together have grown. */
  private _grown = 0
  /** Bytes received and not yet consumed, of all streams. */
  buffered = 0
  /** Milliseconds to the remote and back, once measured. */
  roundTrip: number | undefined

  constructor(limits: SessionLimits, budget: WindowBudget<Handle>) {
    this._limits = limits
    this._budget = budget
    this._ahead = new ReadAhead(limits.maxConnectionWindow, limits.maxConnectionWindow / 2)
  }

  /** Payload of a stream has arrived. */
  received(stream: StreamState<Handle>, length: number, now: number): void {
    stream.receiveWindow -= length
    stream.buffered += length
    this.buffered += length
    if (stream.burstAt < 0) stream.burstAt = now
  }

  /** The reader has taken payload. Returns the credit to grant now, 0 for not yet. */
  consumed(stream: StreamState<Handle>, length: number, clock: () => number): number {
    stream.buffered -= length
    this.buffered -= length
    const missing = stream.targetWindow - stream.receiveWindow - stream.buffered
    if (stream.ahead > 0) this._ahead.giveBack(stream, Math.max(0, -missing))
    if (missing < Math.min(stream.targetWindow / 2, Math.max(initialWindow, stream.targetWindow / 8))) return 0
    const now = clock()
    const credit = missing + (this._shrink(stream) ?? this._grow(stream, now, missing))
    stream.grantedAt = now
    stream.burstAt = -1
    // A window that has shrunk below what is granted already is granted nothing.
    if (credit <= 0) return 0
    stream.receiveWindow += credit
    return credit
  }

  /**
   * Credit for a stream that nobody reads yet, 0 for none.
   *
   * @param mayHold - bytes that it may hold unread
   * @param streams - streams that are open
   */
  readAhead(stream: StreamState<Handle>, mayHold: number, streams: number): number {
    const wanted = mayHold - stream.buffered - stream.receiveWindow
    const credit = this._ahead.take(stream, wanted, streams * initialWindow)
    stream.receiveWindow += credit
    return credit
  }

  /** The stream is gone: what it held is free. */
  release(stream: StreamState<Handle>): void {
    this.buffered -= stream.buffered
    stream.buffered = 0
    this._ahead.giveBack(stream, 0)
    this._resize(stream, initialWindow - stream.targetWindow)
  }

  /** By how much the window changes because the node is short; undefined if it is not. */
  private _shrink(stream: StreamState<Handle>): number | undefined {
    if (stream.targetWindow === initialWindow || !this._budget.isShort(stream)) return undefined
    const less = Math.ceil(Math.min(stream.targetWindow / 2, stream.targetWindow - initialWindow))
    this._budget.shrinkWindow(stream, less)
    this._resize(stream, -less)
    return -less
  }

  private _grow(stream: StreamState<Handle>, now: number, missing: number): number {
    const wanted = Math.min(this._limits.maxStreamWindow, this._wanted(stream, now, missing)) - stream.targetWindow
    const room = this._limits.maxWindowGrowth - this._grown
    for (let growth = Math.floor(Math.min(wanted, room)); growth > 0; growth = Math.floor(growth / 2)) {
      if (this._budget.growWindow(stream, stream.targetWindow, growth)) {
        this._resize(stream, growth)
        return growth
      }
      if (growth < 2 * leastGrowth) break
    }
    return 0
  }

  private _resize(stream: StreamState<Handle>, change: number): void {
    stream.targetWindow += change
    this._grown += change
  }

  /** The window that the link asks for. */
  private _wanted(stream: StreamState<Handle>, now: number, missing: number): number {
    const { targetWindow } = stream
    if (this.roundTrip === undefined) return targetWindow
    const passed = ((now - stream.grantedAt) * targetWindow) / (2 * missing)
    if (passed > growthRoundTrips * this.roundTrip) return targetWindow
    // What came since the last credit came at the speed of the link; as much again is under way while credit is.
    const bandwidth = missing / Math.max(shortestBurst, now - stream.burstAt)
    const held = Math.min(maxFactor * targetWindow, 2 * bandwidth * this.roundTrip)
    return Math.max(held, targetWindow * (passed <= fullSpeedRoundTrips * this.roundTrip ? 4 : 2))
  }
}
