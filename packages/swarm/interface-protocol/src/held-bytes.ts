import type { MessageStream } from '@libp2p/interface'
import { streamScopeOf } from '@weft/interface-connection'

/**
 * Bytes that were taken from a stream and are kept for now, charged to the account of the stream if it has one. What lies
 * unread in the stream itself is charged by the stream.
 */
export class HeldBytes {
  private readonly _scope: ReturnType<typeof streamScopeOf>
  private _charged = 0

  constructor(stream: MessageStream) {
    this._scope = streamScopeOf(stream)
  }

  /** Sets the number of bytes that are kept. Throws `ResourceLimitError`, and changes nothing, if there is no room. */
  set(bytes: number): void {
    const more = bytes - this._charged
    if (more === 0) return
    if (more > 0) this._scope?.reserve('memory', more)
    else this._scope?.release('memory', -more)
    this._charged = bytes
  }
}
