import type { ConnectionScope, ResourceScope } from '@weft/resources'

// As long as a full receive window stops a connection (yamux): a reader that has not come by then will not come soon.
const slowReaderTimeout = 10_000

/** A stream with bytes for which there was no room. */
export interface UnchargedStream {
  /** Charges what lies unread. Returns whether there was room for all of it. */
  chargeUnread(): boolean
}

/** What a muxer that pauses for want of room can do. */
export interface ReadPauseInit {
  account: ConnectionScope
  /** Reads no more from the connection. */
  pause: () => void
  /** Reads again. */
  resume: () => void
  /** Runs a task of a timer or a microtask, which may throw. */
  guard: (task: () => void) => void
}

/**
 * A connection for whose unread bytes the node has no room: it is not read from until there is some. After 10 s, and again
 * every 10 s, the stream that holds the most of what is short is ended, be it on this connection or on another.
 */
export class ReadPause {
  private readonly _init: ReadPauseInit
  /** Streams with bytes that are not charged: what had arrived already when there was no more room. */
  private readonly _streams = new Set<UnchargedStream>()
  private _exhausted: ResourceScope | undefined
  private _timer: ReturnType<typeof setInterval> | undefined
  private _retrying = false

  constructor(init: ReadPauseInit) {
    this._init = init
  }

  /** `exhausted` has no room for what has arrived for a stream. */
  begin(stream: UnchargedStream, exhausted: ResourceScope): void {
    this._streams.add(stream)
    this._waitFor(exhausted)
    if (this._timer !== undefined) return
    this._init.pause()
    this._timer = setInterval(() => this._init.guard(() => this._shed()), slowReaderTimeout)
    // A connection holds the process open; this does not.
    ;(this._timer as { unref?: () => void }).unref?.()
  }

  /** The muxer is over. */
  end(): void {
    clearInterval(this._timer)
    this._timer = undefined
    this._streams.clear()
    this._exhausted?.offRelief(this._retrySoon)
    this._exhausted = undefined
  }

  private _waitFor(exhausted: ResourceScope): void {
    if (this._exhausted !== exhausted) this._exhausted?.offRelief(this._retrySoon)
    this._exhausted = exhausted
    exhausted.onRelief(this._retrySoon)
  }

  /** Not at once: it is told in the middle of someone's reading. */
  private readonly _retrySoon = (): void => {
    if (this._retrying) return
    this._retrying = true
    queueMicrotask(() => {
      this._retrying = false
      this._init.guard(() => this._retry())
    })
  }

  private _retry(): void {
    if (this._timer === undefined) return
    for (const stream of this._streams) {
      // What has no room still comes back to `begin()`, which waits for the next relief.
      if (stream.chargeUnread()) this._streams.delete(stream)
    }
    if (this._streams.size > 0) return
    this.end()
    this._init.resume()
  }

  private _shed(): void {
    // Until what has arrived here fits. Each turn ends a stream, or is the last one.
    for (let before = Number.POSITIVE_INFINITY; this._exhausted !== undefined; ) {
      const used = this._exhausted.used('memory')
      if (used >= before || !this._init.account.shedLargestStream(this._exhausted)) return
      before = used
      this._retry()
    }
  }
}
