import type { ByteQueue } from '@weft/bytes'
import { type HandshakePipe, SecureStreamBase } from '@weft/interface-crypto-channel'
import type { Opener, Sealer } from './core/records.ts'

/** The connection after its handshake. */
export class SecioStream extends SecureStreamBase {
  private readonly _sealer: Sealer
  private readonly _opener: Opener
  private readonly _deliver = (plaintext: Uint8Array): void => this.deliver(plaintext)

  constructor(pipe: HandshakePipe, sealer: Sealer, opener: Opener) {
    super(pipe, 'secio')
    this._sealer = sealer
    this._opener = opener
  }

  protected override seal(queue: ByteQueue): Uint8Array[] {
    return this._sealer.sealQueue(queue)
  }

  protected override open(chunk: Uint8Array): void {
    this._opener.read(chunk, this._deliver)
  }

  protected override heldLength(): number {
    return this._opener.heldLength
  }

  protected override isBetweenRecords(): boolean {
    return this._opener.isBetweenFrames
  }
}
