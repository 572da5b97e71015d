import { TestkitError } from './errors.ts'
import type { StreamDirection, StreamHandler } from './stream-direction.ts'

/**
 * One end of a simulated byte stream, in the shape of a socket: bytes arrive complete and in order, however late. Set
 * `handler` before the time moves.
 */
export class StreamEnd {
  /** Name of the place that this end is at. */
  readonly name: string
  private readonly _outgoing: StreamDirection
  private readonly _incoming: StreamDirection
  private _state: 'open' | 'ended' | 'reset' = 'open'

  constructor(name: string, outgoing: StreamDirection, incoming: StreamDirection) {
    this.name = name
    this._outgoing = outgoing
    this._incoming = incoming
    this.handler = {}
  }

  /** Who is told what arrives here. */
  set handler(handler: StreamHandler) {
    this._incoming.handler = {
      onData: bytes => handler.onData?.(bytes),
      onEnd: () => handler.onEnd?.(),
      onReset: () => {
        if (this._state === 'reset') return
        this._state = 'reset'
        this._outgoing.close()
        handler.onReset?.()
      }
    }
  }

  /** Bytes written here that the other end has not received. */
  get queued(): number {
    return this._outgoing.queued
  }

  /** Sends a copy. Throws `TestkitError` once this end was ended or reset. */
  write(bytes: Uint8Array): void {
    this._checkOpen('write')
    this._outgoing.write(bytes)
  }

  /** Sends no more; what was written still arrives, then the end. Throws `TestkitError` if it has ended. */
  end(): void {
    this._checkOpen('end')
    this._state = 'ended'
    this._outgoing.end()
  }

  /** Ends both directions at once; what has not arrived is lost. Nothing more is heard here. */
  reset(): void {
    if (this._state === 'reset') return
    this._state = 'reset'
    this._incoming.close()
    this._outgoing.reset()
  }

  /** Receives nothing until `resume`; the bytes wait in the other end's `queued`. */
  pause(): void {
    this._incoming.pause()
  }

  /** Receives again. What waited comes when the time next moves. */
  resume(): void {
    this._incoming.resume()
  }

  private _checkOpen(what: string): void {
    if (this._state !== 'open') throw new TestkitError('ERR_CLOSED', `${what} on a stream that was ${this._state}`)
  }
}
