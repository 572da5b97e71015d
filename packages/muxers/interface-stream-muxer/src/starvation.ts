import type { ConnectionScope, ResourceScope } from '@weft/resources'
import type { MuxedStreamBase } from './muxed-stream.ts'

// As long as a full receive window stops a connection (yamux): a reader that has not come by then will not come soon.
const maxStarvation = 10_000

/** What a starving muxer can do. */
export interface StarvationInit {
  account: ConnectionScope
  /** Reads no more from the connection. */
  pause: () => void
  /** Reads again. */
  resume: () => void
}

/**
 * A connection for whose unread bytes the node has no room: it is not read from until there is some. After 10 s, and again
 * every 10 s, the stream that holds the most of what is short is ended, be it on this connection or on another.
 */
export class Starvation {
  readonly #init: StarvationInit
  /** Streams with bytes that are not charged: what had arrived already when there was no more room. */
  readonly #streams = new Set<MuxedStreamBase>()
  #refusing: ResourceScope | undefined
  #timer: ReturnType<typeof setInterval> | undefined
  #retrying = false

  constructor(init: StarvationInit) {
    this.#init = init
  }

  /** `refusing` has no room for what has arrived for a stream. */
  begin(stream: MuxedStreamBase, refusing: ResourceScope): void {
    this.#streams.add(stream)
    this.#waitFor(refusing)
    if (this.#timer !== undefined) return
    this.#init.pause()
    this.#timer = setInterval(() => this.#relieve(), maxStarvation)
    // A connection holds the process open; this does not.
    ;(this.#timer as { unref?: () => void }).unref?.()
  }

  /** The muxer is over. */
  end(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#streams.clear()
    this.#refusing?.offRelief(this.#retrySoon)
    this.#refusing = undefined
  }

  #waitFor(refusing: ResourceScope): void {
    if (this.#refusing !== refusing) this.#refusing?.offRelief(this.#retrySoon)
    this.#refusing = refusing
    refusing.onRelief(this.#retrySoon)
  }

  /** Not at once: it is told in the middle of someone's reading. */
  readonly #retrySoon = (): void => {
    if (this.#retrying) return
    this.#retrying = true
    queueMicrotask(() => {
      this.#retrying = false
      this.#retry()
    })
  }

  #retry(): void {
    if (this.#timer === undefined) return
    for (const stream of this.#streams) {
      // What has no room still comes back to `begin()`, which waits for the next relief.
      if (stream.chargeUnread()) this.#streams.delete(stream)
    }
    if (this.#streams.size > 0) return
    this.end()
    this.#init.resume()
  }

  #relieve(): void {
    // Until what has arrived here fits. Each turn ends a stream, or is the last one.
    for (let before = Number.POSITIVE_INFINITY; this.#refusing !== undefined; ) {
      const used = this.#refusing.used('memory')
      if (used >= before || !this.#init.account.relieve(this.#refusing)) return
      before = used
      this.#retry()
    }
  }
}
