import { fromUtf8 } from '@weft/bytes'
import { CipherState } from './cipher-state.ts'
import type { NoiseCrypto } from './crypto.ts'

// 32 bytes, so that it is its own hash (Noise, section 5.2).
const protocolName: Uint8Array = fromUtf8('Noise_XX_25519_ChaChaPoly_SHA256')
const noData = new Uint8Array(0)

/** Noise's SymmetricState (section 5.2): the chaining key, the transcript's hash and the current cipher. */
export class SymmetricState {
  readonly #crypto: NoiseCrypto
  #chainingKey: Uint8Array = protocolName
  #hash: Uint8Array = protocolName
  #cipher: CipherState | undefined

  constructor(crypto: NoiseCrypto, prologue: Uint8Array) {
    this.#crypto = crypto
    this.mixHash(prologue)
  }

  /** Identifies the session after the handshake (section 11.2). */
  get handshakeHash(): Uint8Array {
    return this.#hash
  }

  mixHash(data: Uint8Array): void {
    this.#hash = this.#crypto.hash(this.#hash, data)
  }

  mixKey(input: Uint8Array): void {
    const [chainingKey, key] = this.#crypto.hkdf(this.#chainingKey, input)
    this.#chainingKey = chainingKey
    this.#cipher = new CipherState(this.#crypto.handshakeKey(key))
  }

  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const ciphertext = this.#cipher === undefined ? plaintext : this.#cipher.seal(plaintext, this.#hash)
    this.mixHash(ciphertext)
    return ciphertext
  }

  decryptAndHash(ciphertext: Uint8Array): Uint8Array {
    const plaintext = this.#cipher === undefined ? ciphertext : this.#cipher.open(ciphertext, this.#hash)
    this.mixHash(ciphertext)
    return plaintext
  }

  /** The ciphers of the initiator's and of the responder's messages. */
  split(): [CipherState, CipherState] {
    const [first, second] = this.#crypto.hkdf(this.#chainingKey, noData)
    return [new CipherState(this.#crypto.cipherKey(first)), new CipherState(this.#crypto.cipherKey(second))]
  }
}
