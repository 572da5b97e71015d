import { leastCredit } from '@weft/interface-stream-muxer'
import { SpdyError } from '../errors.ts'
import { initialWindow, maxWindow } from './frame.ts'
import type { StreamState } from './stream-state.ts'

/**
 * What this side may send: a window of each stream, and one of the session (SPDY/3.1, section 2.6.8). Go's spdystream has
 * neither and grants nothing: a remote whose first frame is no SETTINGS and no WINDOW_UPDATE counts nothing until it sends
 * one.
 */
export class SendCredit<Handle> {
  private readonly _streams: ReadonlyMap<number, StreamState<Handle>>
  private readonly _onCredit: (stream: StreamState<Handle>) => void
  private _initial = initialWindow
  private _session = initialWindow
  /** Frames of payload that were sent and for which no credit of the session has come. */
  private _framesToCredit = 0
  private _remoteCounts: boolean | undefined
  /** Streams that wait for the session's window, in the order in which they came. */
  private readonly _waiting = new Set<StreamState<Handle>>()

  constructor(streams: ReadonlyMap<number, StreamState<Handle>>, onCredit: (stream: StreamState<Handle>) => void) {
    this._streams = streams
    this._onCredit = onCredit
  }

  /** Whether the remote has flow control, as far as is known. */
  get remoteCounts(): boolean {
    return this._remoteCounts === true
  }

  /** Bytes that a new stream may send. */
  get initial(): number {
    return this._initial
  }

  /** The remote has sent a frame. */
  heard(isOfFlowControl: boolean): void {
    if (isOfFlowControl) this._remoteCounts = true
    else if (this._remoteCounts === undefined) {
      this._remoteCounts = false
      for (const stream of this._streams.values()) if (stream.waitsForCredit) this._wake(stream)
    }
  }

  /** Bytes that a stream may send now. */
  available(stream: StreamState<Handle>): number {
    if (this._remoteCounts === false) return Number.POSITIVE_INFINITY
    return Math.max(0, Math.min(stream.sendWindow, this._session))
  }

  /** Whether so much may be sent that a stream with more to send does not wait: else who grants byte by byte gets as many frames. */
  isWorthFrame(available: number): boolean {
    return available >= Math.min(leastCredit, this._initial / 2)
  }

  spend(stream: StreamState<Handle>, length: number): void {
    stream.sendWindow -= length
    stream.framesToCredit++
    this._session -= length
    this._framesToCredit++
  }

  /** The stream may send nothing now. `onCredit` follows. */
  wait(stream: StreamState<Handle>): void {
    stream.waitsForCredit = true
    if (stream.sendWindow > 0) this._waiting.add(stream)
  }

  /** The stream is gone. */
  forget(stream: StreamState<Handle>): void {
    this._waiting.delete(stream)
  }

  /** The remote has read from a stream. Returns whether the credit is of use: worth a frame, or the answer to one. */
  grantStream(stream: StreamState<Handle>, credit: number): boolean {
    this._add(stream, credit)
    if (credit === 0) return false
    return (stream.framesToCredit > 0 && stream.framesToCredit-- > 0) || credit >= leastCredit
  }

  private _add(stream: StreamState<Handle>, credit: number): void {
    stream.sendWindow = checked(stream.sendWindow + credit, stream.id)
    if (!stream.waitsForCredit || stream.sendWindow <= 0) return
    if (this.available(stream) > 0) this._wake(stream)
    else this._waiting.add(stream)
  }

  /** The remote has read from the connection. Returns whether the credit is of use. */
  grantSession(credit: number): boolean {
    this._session = checked(this._session + credit, 0)
    // Each takes what it can: those behind wait for more.
    for (const stream of [...this._waiting]) {
      if (this._session <= 0) break
      this._wake(stream)
    }
    if (credit === 0) return false
    return (this._framesToCredit > 0 && this._framesToCredit-- > 0) || credit >= leastCredit
  }

  /** The remote gives each stream another window; what was sent counts in it. */
  setInitial(value: number): void {
    if (value > maxWindow) throw overflow(0, value)
    const change = value - this._initial
    this._initial = value
    for (const stream of this._streams.values()) this._add(stream, change)
  }

  private _wake(stream: StreamState<Handle>): void {
    this._waiting.delete(stream)
    stream.waitsForCredit = false
    this._onCredit(stream)
  }
}

function checked(window: number, streamId: number): number {
  if (window > maxWindow) throw overflow(streamId, window)
  return window
}

function overflow(streamId: number, window: number): SpdyError {
  return new SpdyError('ERR_SPDY_WINDOW_OVERFLOW', 'a window grew past 2^31-1', { streamId, window })
}
