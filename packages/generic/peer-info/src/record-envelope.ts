import type { AbortOptions, Envelope, PrivateKey, PublicKey, Record } from '@libp2p/interface'
import { equals } from '@weft/bytes'
import { InvalidMessageError } from '@weft/errors'
import { publicKeyFromProtobuf, publicKeyToProtobuf } from '@weft/peer-id'
import type { Uint8ArrayList } from 'uint8arraylist'
import { type EnvelopeMessage, envelopeMessage, signedBytes } from './core/envelope-message.ts'
import { InvalidSignatureError } from './errors.ts'
import { maxEnvelopeLength } from './limits.ts'

/** The parts of an envelope. */
export interface RecordEnvelopeInit {
  /** Of whoever signed. */
  publicKey: PublicKey
  /** Says what the payload is: a multicodec, or a name. */
  payloadType: Uint8Array
  /** The record's bytes. */
  payload: Uint8Array
  /** Over domain, type and payload. */
  signature: Uint8Array
}

/**
 * A record and the signature of whoever vouches for it (libp2p RFC 0002). The domain is not part of it: signer and
 * verifier name it themselves, so that a signature over one kind of record is none over another.
 */
export class RecordEnvelope implements Envelope {
  /** Of whoever signed. */
  readonly publicKey: PublicKey
  /** Says what the payload is. */
  readonly payloadType: Uint8Array
  /** The record's bytes. */
  readonly payload: Uint8Array
  /** Over domain, type and payload. */
  readonly signature: Uint8Array
  #bytes: Uint8Array | undefined

  constructor({ publicKey, payloadType, payload, signature }: RecordEnvelopeInit) {
    this.publicKey = publicKey
    this.payloadType = payloadType
    this.payload = payload
    this.signature = signature
  }

  /**
   * Reads an envelope of at most 8 KiB, which is copied. Nothing is verified. Throws `InvalidMessageError`, and what
   * `publicKeyFromProtobuf` of `@weft/peer-id` throws.
   */
  static createFromProtobuf(data: Uint8Array | Uint8ArrayList): RecordEnvelope {
    if (data.byteLength > maxEnvelopeLength) {
      throw new InvalidMessageError(`an envelope has at most ${maxEnvelopeLength} bytes`)
    }
    let message: EnvelopeMessage
    try {
      message = envelopeMessage.decode(new Uint8Array(data.subarray()), { maxSize: maxEnvelopeLength })
    } catch (cause) {
      throw new InvalidMessageError('bytes are no envelope', { cause })
    }
    return new RecordEnvelope({ ...message, publicKey: publicKeyFromProtobuf(message.publicKey) })
  }

  /** Signs a record. The domain and the type are the record's. */
  static async seal(record: Record, privateKey: PrivateKey, options?: AbortOptions): Promise<RecordEnvelope> {
    const payload = record.marshal()
    const signature = await privateKey.sign(signedBytes(record.domain, record.codec, payload), options)
    return new RecordEnvelope({ publicKey: privateKey.publicKey, payloadType: record.codec, payload, signature })
  }

  /**
   * Reads an envelope and verifies its signature for this domain. That says who signed, not that the signer may: a peer
   * record is opened with `openPeerRecord`. Throws `InvalidSignatureError`, and as `createFromProtobuf`.
   */
  static async openAndCertify(
    data: Uint8Array | Uint8ArrayList,
    domain: string,
    options?: AbortOptions
  ): Promise<RecordEnvelope> {
    const envelope = RecordEnvelope.createFromProtobuf(data)
    if (await envelope.validate(domain, options)) return envelope
    throw new InvalidSignatureError('ERR_INVALID_SIGNATURE', 'the signature is not valid for this domain')
  }

  /** The bytes for the wire, made once. */
  marshal(): Uint8Array {
    this.#bytes ??= envelopeMessage.encode({
      publicKey: publicKeyToProtobuf(this.publicKey),
      payloadType: this.payloadType,
      payload: this.payload,
      signature: this.signature
    })
    return this.#bytes
  }

  equals(other?: Envelope): boolean {
    return other != null && equals(this.marshal(), other.marshal())
  }

  /** Whether the signature is the key's over domain, type and payload. */
  async validate(domain: string, options?: AbortOptions): Promise<boolean> {
    return await this.publicKey.verify(signedBytes(domain, this.payloadType, this.payload), this.signature, options)
  }
}
