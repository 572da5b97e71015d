import type { ByteQueue } from '@weft/bytes'
import { type HandshakePipe, SecureStreamBase } from '@weft/interface-crypto-channel'
import type { Opener, Sealer } from './core/records.ts'

/** The connection after its handshake. */
export class SecioStream extends SecureStreamBase {
  readonly #sealer: Sealer
  readonly #opener: Opener
  readonly #deliver = (plaintext: Uint8Array): void => this.deliver(plaintext)

  constructor(pipe: HandshakePipe, sealer: Sealer, opener: Opener) {
    super(pipe, 'secio')
    this.#sealer = sealer
    this.#opener = opener
  }

  protected override seal(queue: ByteQueue): Uint8Array[] {
    return this.#sealer.sealQueue(queue)
  }

  protected override open(chunk: Uint8Array): void {
    this.#opener.read(chunk, this.#deliver)
  }

  protected override isBetweenRecords(): boolean {
    return this.#opener.isBetweenFrames
  }
}
