import type { Stream } from '@libp2p/interface'
import { ConnectionClosedError } from '@weft/errors'
import { type BytePipe, openPipe, raceSignal } from '@weft/interface-connection'

/** The measuring side's stream: what arrives is counted and thrown away, and one caller waits for changes. */
export class Exchange {
  /** True from a `write` to a stream that is full, to its drain. */
  blocked = false
  /** True once the remote has ended. */
  ended = false
  /** Why it is closed. */
  closed: Error | undefined
  readonly #pipe: BytePipe
  readonly #signal: AbortSignal | undefined
  #arrived = 0
  #wake = (): void => {}

  constructor(stream: Stream, signal: AbortSignal | undefined) {
    this.#signal = signal
    this.#pipe = openPipe(stream)
    this.#pipe.attach({
      onBytes: chunk => {
        this.#arrived += chunk.byteLength
        this.#wake()
      },
      onDrain: () => {
        this.blocked = false
        this.#wake()
      },
      onEnd: () => {
        this.ended = true
        this.#wake()
      },
      onClose: error => {
        this.closed = error ?? new ConnectionClosedError('the stream was closed')
        this.#wake()
      }
    })
  }

  write(bytes: Uint8Array): void {
    this.blocked = !this.#pipe.writev([bytes])
  }

  /** Number of bytes that arrived since the last call. */
  takeArrived(): number {
    const arrived = this.#arrived
    this.#arrived = 0
    return arrived
  }

  /** Resolves when there is room to write. Rejects with what closed the stream, or the signal's reason. */
  async drained(): Promise<void> {
    while (this.blocked) {
      if (this.closed !== undefined) throw this.closed
      await this.#changed()
    }
  }

  /** Resolves when something has arrived, or the remote has ended. Rejects as `drained`. */
  async arrived(): Promise<void> {
    if (this.ended) return
    if (this.closed === undefined) await this.#changed()
    if (!this.ended && this.closed !== undefined) throw this.closed
  }

  #changed(): Promise<void> {
    const change = new Promise<void>(resolve => {
      this.#wake = resolve
    })
    return raceSignal(change, this.#signal)
  }
}
