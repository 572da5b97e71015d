/**
 * The handshake of `/secio/1.0.0`, which is the same on both sides: proposals cross, then exchanges, then each shows that it
 * has the keys. The caller frames and carries the messages, signs, and decides about the remote's signature.
 */
import { concat, equals } from '@weft/bytes'
import { InvalidCryptoExchangeError } from '@weft/errors'
import { type Agreement, agree, offer, stretch } from './agreement.ts'
import type { EphemeralKey, SecioCrypto } from './crypto.ts'
import { decodeExchange, decodePropose, encodeExchange, encodePropose, nonceLength, type Propose } from './messages.ts'
import { Opener, Sealer } from './records.ts'

export interface HandshakeInit {
  readonly crypto: SecioCrypto
  /** The identity key in its protobuf form. */
  readonly publicKey: Uint8Array
  /** 16 random bytes. */
  readonly nonce: Uint8Array
  /** What is offered, for tests: everything by default. */
  readonly offer?: Partial<typeof offer>
}

/** A signature that the caller has to check. */
export interface Claim {
  /** What must have been signed. */
  readonly signed: Uint8Array
  readonly signature: Uint8Array
}

/** One side of one handshake; its methods are called in the order in which they stand here. */
export class Handshake {
  readonly #crypto: SecioCrypto
  readonly #own: Propose
  readonly #ownBytes: Uint8Array
  #remote: Propose | undefined
  #remoteBytes: Uint8Array | undefined
  #agreement: Agreement | undefined
  #ephemeral: EphemeralKey | undefined
  #remoteEphemeral: Uint8Array | undefined

  constructor({ crypto, publicKey, nonce, offer: own }: HandshakeInit) {
    const { exchanges, ciphers, hashes } = { ...offer, ...own }
    this.#crypto = crypto
    this.#own = {
      ...{ rand: nonce, pubkey: publicKey },
      ...{ exchanges: exchanges.join(','), ciphers: ciphers.join(','), hashes: hashes.join(',') }
    }
    this.#ownBytes = encodePropose(this.#own)
  }

  /** The first message. */
  get propose(): Uint8Array {
    return this.#ownBytes
  }

  /** Reads the remote's first message, and returns its identity key. Throws `InvalidCryptoExchangeError`. */
  readPropose(message: Uint8Array): Uint8Array {
    const remote = decodePropose(message)
    if (remote.rand.byteLength !== nonceLength) {
      throw new InvalidCryptoExchangeError(`secio: a nonce has ${remote.rand.byteLength} bytes, not ${nonceLength}`)
    }
    if (equals(remote.rand, this.#own.rand) || equals(remote.pubkey, this.#own.pubkey)) {
      throw new InvalidCryptoExchangeError('secio: the remote is this node itself, or repeats what it was sent')
    }
    this.#remote = remote
    this.#remoteBytes = message
    this.#agreement = agree(this.#crypto, this.#own, remote)
    this.#ephemeral = this.#crypto.makeEphemeral(this.#agreement.curve)
    return remote.pubkey
  }

  /** What this side signs. */
  get toSign(): Uint8Array {
    return concat([this.#ownBytes, this.#remoteBytes!, this.#ephemeral!.publicKey])
  }

  /** The second message. */
  writeExchange(signature: Uint8Array): Uint8Array {
    return encodeExchange({ epubkey: this.#ephemeral!.publicKey, signature })
  }

  /** Reads the remote's second message. Throws `InvalidCryptoExchangeError`. */
  readExchange(message: Uint8Array): Claim {
    const { epubkey, signature } = decodeExchange(message)
    this.#remoteEphemeral = epubkey
    return { signed: concat([this.#remoteBytes!, this.#ownBytes, epubkey]), signature }
  }

  /** The ciphers of both directions. Throws `InvalidCryptoExchangeError` for an ephemeral key that is none. */
  split(): { sealer: Sealer; opener: Opener } {
    const { hash } = this.#agreement!
    const [own, remote] = stretch(this.#crypto, this.#agreement!, this.#secret())
    return { sealer: new Sealer(this.#crypto, hash, own), opener: new Opener(this.#crypto, hash, remote) }
  }

  /** The first thing to send encrypted: what the remote proposed as its nonce. */
  get remoteNonce(): Uint8Array {
    return this.#remote!.rand
  }

  /** Checks the first thing that the remote has sent encrypted. Throws `InvalidCryptoExchangeError`. */
  checkNonce(plaintext: Uint8Array): void {
    if (this.#crypto.equals(plaintext, this.#own.rand)) return
    throw new InvalidCryptoExchangeError('secio: the remote did not repeat the nonce')
  }

  #secret(): Uint8Array {
    try {
      return this.#ephemeral!.secretWith(this.#remoteEphemeral!)
    } catch (cause) {
      throw new InvalidCryptoExchangeError('secio: the ephemeral key is no point of the curve', { cause })
    }
  }
}
