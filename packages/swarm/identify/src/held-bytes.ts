import type { Stream } from '@libp2p/interface'
import { streamScopeOf } from '@weft/interface-connection'

/** Bytes that were read from a stream and are kept for now, in the account of the stream if it has one. */
export class HeldBytes {
  readonly #scope: ReturnType<typeof streamScopeOf>
  #charged = 0

  constructor(stream: Stream) {
    this.#scope = streamScopeOf(stream)
  }

  /** So many are kept from now on. Throws `ResourceLimitError`, and changes nothing, if there is no room for them. */
  set(bytes: number): void {
    const more = bytes - this.#charged
    if (more > 0) this.#scope?.reserve('memory', more)
    else this.#scope?.release('memory', -more)
    this.#charged = bytes
  }
}
