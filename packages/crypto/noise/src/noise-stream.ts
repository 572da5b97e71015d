import type { ByteQueue } from '@weft/bytes'
import { type HandshakePipe, SecureStreamBase } from '@weft/interface-crypto-channel'
import type { CipherState } from './core/cipher-state.ts'
import type { TransportKeys } from './core/handshake.ts'
import type { NoiseMetrics } from './metrics.ts'
import { RecordReader, sealQueue } from './core/records.ts'

/** The connection after its handshake. */
export class NoiseStream extends SecureStreamBase {
  private readonly _cipher: CipherState
  private readonly _reader: RecordReader
  private readonly _receive: CipherState
  private readonly _metrics: NoiseMetrics | undefined
  private readonly _deliver = (plaintext: Uint8Array): void => this.deliver(plaintext)

  constructor(pipe: HandshakePipe, keys: TransportKeys, metrics?: NoiseMetrics) {
    super(pipe, 'noise')
    this._receive = keys.receive
    this._metrics = metrics
    this._cipher = keys.send
    this._reader = new RecordReader(keys.receive, pipe.givesBuffers)
  }

  protected override seal(queue: ByteQueue): Uint8Array[] {
    if (this._metrics === undefined) return sealQueue(this._cipher, queue)
    const before = this._cipher.count
    const sealed = sealQueue(this._cipher, queue)
    this._metrics.encrypted.increment(this._cipher.count - before)
    return sealed
  }

  protected override open(chunk: Uint8Array): void {
    const metrics = this._metrics
    if (metrics === undefined) {
      this._reader.read(chunk, this._deliver)
      return
    }
    const before = this._receive.count
    let failed = 0
    try {
      this._reader.read(chunk, this._deliver)
    } catch (error) {
      if ((error as Error).name === 'NoiseError') failed = 1
      throw error
    } finally {
      const opened = this._receive.count - before - failed
      if (opened > 0) metrics.decrypted.increment(opened)
      if (failed > 0) metrics.decryptErrors.increment()
    }
  }

  protected override isBetweenRecords(): boolean {
    return this._reader.isBetweenRecords
  }
}
