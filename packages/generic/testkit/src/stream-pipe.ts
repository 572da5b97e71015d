import { TestkitError } from './errors.ts'
import type { StreamDirection, StreamHandler } from './stream-direction.ts'

/**
 * One end of a simulated byte stream, in the shape of a socket: bytes arrive complete and in order, however late. Set
 * `handler` before the time moves.
 */
export class StreamEnd {
  /** Name of the place that this end is at. */
  readonly name: string
  readonly #outgoing: StreamDirection
  readonly #incoming: StreamDirection
  #state: 'open' | 'ended' | 'reset' = 'open'

  constructor(name: string, outgoing: StreamDirection, incoming: StreamDirection) {
    this.name = name
    this.#outgoing = outgoing
    this.#incoming = incoming
    this.handler = {}
  }

  /** Who is told what arrives here. */
  set handler(handler: StreamHandler) {
    this.#incoming.handler = {
      onData: bytes => handler.onData?.(bytes),
      onEnd: () => handler.onEnd?.(),
      onReset: () => {
        if (this.#state === 'reset') return
        this.#state = 'reset'
        this.#outgoing.close()
        handler.onReset?.()
      }
    }
  }

  /** Bytes written here that the other end has not received. */
  get queued(): number {
    return this.#outgoing.queued
  }

  /** Sends a copy. Throws `TestkitError` once this end was ended or reset. */
  write(bytes: Uint8Array): void {
    this.#checkOpen('write')
    this.#outgoing.write(bytes)
  }

  /** Sends no more; what was written still arrives, then the end. Throws `TestkitError` if it has ended. */
  end(): void {
    this.#checkOpen('end')
    this.#state = 'ended'
    this.#outgoing.end()
  }

  /** Ends both directions at once; what has not arrived is lost. Nothing more is heard here. */
  reset(): void {
    if (this.#state === 'reset') return
    this.#state = 'reset'
    this.#incoming.close()
    this.#outgoing.reset()
  }

  /** Receives nothing until `resume`; the bytes wait in the other end's `queued`. */
  pause(): void {
    this.#incoming.pause()
  }

  /** Receives again. What waited comes when the time next moves. */
  resume(): void {
    this.#incoming.resume()
  }

  #checkOpen(what: string): void {
    if (this.#state !== 'open') throw new TestkitError('ERR_CLOSED', `${what} on a stream that was ${this.#state}`)
  }
}
