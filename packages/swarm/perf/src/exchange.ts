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
  private readonly _pipe: BytePipe
  private readonly _signal: AbortSignal | undefined
  private _arrived = 0
  private _wake = (): void => {}

  constructor(stream: Stream, signal: AbortSignal | undefined) {
    this._signal = signal
    this._pipe = openPipe(stream)
    this._pipe.attach({
      onBytes: chunk => {
        this._arrived += chunk.byteLength
        this._wake()
      },
      onDrain: () => {
        this.blocked = false
        this._wake()
      },
      onEnd: () => {
        this.ended = true
        this._wake()
      },
      onClose: error => {
        this.closed = error ?? new ConnectionClosedError('the stream was closed')
        this._wake()
      }
    })
  }

  write(bytes: Uint8Array): void {
    this.blocked = !this._pipe.writev([bytes])
  }

  /** Number of bytes that arrived since the last call. */
  takeArrived(): number {
    const arrived = this._arrived
    this._arrived = 0
    return arrived
  }

  /** Resolves when there is room to write. Rejects with what closed the stream, or the signal's reason. */
  async drained(): Promise<void> {
    while (this.blocked) {
      if (this.closed !== undefined) throw this.closed
      await this._changed()
    }
  }

  /** Resolves when something has arrived, or the remote has ended. Rejects as `drained`. */
  async arrived(): Promise<void> {
    if (this.ended) return
    if (this.closed === undefined) await this._changed()
    if (!this.ended && this.closed !== undefined) throw this.closed
  }

  private _changed(): Promise<void> {
    const change = new Promise<void>(resolve => {
      this._wake = resolve
    })
    return raceSignal(change, this._signal)
  }
}
