import type { Stream } from '@libp2p/interface'
import { TimeoutError } from '@weft/errors'

/** Aborts a stream on which nothing moves. */
export class IdleTimer {
  readonly #expire: () => void
  readonly #milliseconds: number
  #timer: ReturnType<typeof setTimeout>

  constructor(stream: Stream, milliseconds: number) {
    this.#expire = () => {
      stream.abort(new TimeoutError(`nothing moved for ${milliseconds} ms`, { facts: { milliseconds } }))
    }
    this.#milliseconds = milliseconds
    this.#timer = setTimeout(this.#expire, milliseconds)
  }

  restart(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#expire, this.#milliseconds)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
