import type { Stream } from '@libp2p/interface'
import { streamScopeOf } from '@weft/interface-connection'

/** Bytes that were read from a stream and are kept for now, in the account of the stream if it has one. */
export class HeldBytes {
  private readonly _scope: ReturnType<typeof streamScopeOf>
  private _charged = 0

  constructor(stream: Stream) {
    this._scope = streamScopeOf(stream)
  }

  /** So many are kept from now on. Throws `ResourceLimitError`, and changes nothing, if there is no room for them. */
  set(bytes: number): void {
    const more = bytes - this._charged
    if (more > 0) this._scope?.reserve('memory', more)
    else this._scope?.release('memory', -more)
    this._charged = bytes
  }
}
