import type { Uint8ArrayList } from 'uint8arraylist'

/** What an iterator asks of its stream. */
interface Source {
  /** Everything that is buffered, or `undefined`. */
  take(): Uint8ArrayList | undefined
  /** Whether nothing more can come; throws the stream's error. */
  end(): boolean
  /** The loop was left early. */
  leave(): void
}

type Result = IteratorResult<Uint8ArrayList, undefined>

/** Pull-based iteration: bytes leave the stream's buffer, and credit is granted, when the loop asks for them. */
export class StreamIterator implements AsyncGenerator<Uint8ArrayList, undefined, unknown> {
  readonly #source: Source
  #waiting: { resolve: (result: Result) => void; reject: (error: unknown) => void } | undefined
  #left = false

  constructor(source: Source) {
    this.#source = source
  }

  next(): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.wake()
    })
  }

  return(): Promise<Result> {
    if (!this.#left) {
      this.#left = true
      this.#source.leave()
    }
    return Promise.resolve({ done: true, value: undefined })
  }

  throw(error: unknown): Promise<Result> {
    return this.return().then(() => {
      throw error
    })
  }

  /** Something has changed: settles a `next()` that waits, if it can. */
  wake(): void {
    const waiting = this.#waiting
    if (waiting === undefined) return
    // Taking grants credit, which may bring bytes, and this call again, at once.
    this.#waiting = undefined
    try {
      const value = this.#left ? undefined : this.#source.take()
      if (value !== undefined) waiting.resolve({ done: false, value })
      else if (this.#left || this.#source.end()) waiting.resolve({ done: true, value: undefined })
      else this.#waiting = waiting
    } catch (error) {
      this.#left = true
      waiting.reject(error)
    }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }
}
