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
  private readonly _source: Source
  private _waiting: { resolve: (result: Result) => void; reject: (error: unknown) => void } | undefined
  private _left = false

  constructor(source: Source) {
    this._source = source
  }

  next(): Promise<Result> {
    return new Promise((resolve, reject) => {
      this._waiting = { resolve, reject }
      this.wake()
    })
  }

  return(): Promise<Result> {
    if (!this._left) {
      this._left = true
      this._source.leave()
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
    const waiting = this._waiting
    if (waiting === undefined) return
    // Taking grants credit, which may bring bytes, and this call again, at once.
    this._waiting = undefined
    try {
      const value = this._left ? undefined : this._source.take()
      if (value !== undefined) waiting.resolve({ done: false, value })
      else if (this._left || this._source.end()) waiting.resolve({ done: true, value: undefined })
      else this._waiting = waiting
    } catch (error) {
      this._left = true
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
