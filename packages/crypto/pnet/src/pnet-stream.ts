import type { ByteQueue } from '@weft/bytes'
import { type HandshakePipe, SecureStreamBase } from '@weft/interface-crypto-channel'
import { Incoming, Outgoing } from './core/directions.ts'

/** A connection of a private network. It exposes no socket, so that all data passes through the keystreams. */
export class PnetStream extends SecureStreamBase {
  readonly #outgoing: Outgoing
  readonly #incoming: Incoming

  /** `nonce` has been sent. */
  constructor(pipe: HandshakePipe, key: Uint8Array, nonce: Uint8Array) {
    super(pipe, 'pnet')
    this.#outgoing = new Outgoing(key, nonce)
    this.#incoming = new Incoming(key)
  }

  protected override seal(queue: ByteQueue): Uint8Array[] {
    return [this.#outgoing.take(queue)]
  }

  protected override open(chunk: Uint8Array): void {
    const plaintext = this.#incoming.open(chunk)
    if (plaintext !== undefined) this.deliver(plaintext)
  }

  protected override isBetweenRecords(): boolean {
    return !this.#incoming.isTruncated
  }
}
