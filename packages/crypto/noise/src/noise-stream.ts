import type { ByteQueue } from '@weft/bytes'
import { type HandshakePipe, SecureStreamBase } from '@weft/interface-crypto-channel'
import type { CipherState } from './core/cipher-state.ts'
import type { TransportKeys } from './core/handshake.ts'
import { RecordReader, sealQueue } from './core/records.ts'

/** The connection after its handshake. */
export class NoiseStream extends SecureStreamBase {
  private readonly _cipher: CipherState
  private readonly _reader: RecordReader
  private readonly _deliver = (plaintext: Uint8Array): void => this.deliver(plaintext)

  constructor(pipe: HandshakePipe, keys: TransportKeys) {
    super(pipe, 'noise')
    this._cipher = keys.send
    this._reader = new RecordReader(keys.receive, pipe.givesBuffers)
  }

  protected override seal(queue: ByteQueue): Uint8Array[] {
    return sealQueue(this._cipher, queue)
  }

  protected override open(chunk: Uint8Array): void {
    this._reader.read(chunk, this._deliver)
  }

  protected override isBetweenRecords(): boolean {
    return this._reader.isBetweenRecords
  }
}
