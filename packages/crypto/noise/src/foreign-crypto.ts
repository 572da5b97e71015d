import { concat } from '@weft/bytes'
import { tagLength, withPrefix } from './core/constants.ts'
import type { CipherKey, NoiseCrypto } from './core/crypto.ts'
import type { ICryptoInterface } from './crypto-interface.ts'

const noData = new Uint8Array(0)

/** What the core uses, made of functions that a user gave. */
export function foreignCrypto(crypto: ICryptoInterface): NoiseCrypto {
  return {
    hash: (head, tail) => crypto.hashSHA256(concat([head, tail])),
    hkdf(chainingKey, input) {
      const [first, second] = crypto.getHKDF(chainingKey, input)
      return [first, second]
    },
    generateKeyPair: () => crypto.generateX25519KeyPair(),
    keyPairOf: privateKey => crypto.generateX25519KeyPairFromSeed(privateKey),
    importKey: publicKey => publicKey,
    dh: (pair, remote) =>
      crypto.generateX25519SharedKey(pair.privateKey as Uint8Array, remote as Uint8Array).subarray(0, 32),
    cipherKey: key => new ForeignKey(crypto, key),
    handshakeKey: key => new ForeignKey(crypto, key)
  }
}

class ForeignKey implements CipherKey {
  readonly #crypto: ICryptoInterface
  readonly #key: Uint8Array

  constructor(crypto: ICryptoInterface, key: Uint8Array) {
    this.#crypto = crypto
    this.#key = key
  }

  seal(nonce: Uint8Array, ad: Uint8Array, plaintext: Uint8Array): Uint8Array {
    return this.#crypto.chaCha20Poly1305Encrypt(plaintext, nonce, ad, this.#key).subarray()
  }

  open(nonce: Uint8Array, ad: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined {
    if (ciphertext.byteLength < tagLength) return undefined
    try {
      return this.#crypto.chaCha20Poly1305Decrypt(ciphertext, nonce, ad, this.#key).subarray()
    } catch {
      return undefined
    }
  }

  sealRecord(nonce: Uint8Array, parts: readonly Uint8Array[], length: number, out: Uint8Array[]): void {
    out.push(withPrefix(this.seal(nonce, noData, concat(parts, length))))
  }

  openRecord(nonce: Uint8Array, pieces: readonly Uint8Array[]): Uint8Array[] | undefined {
    const plaintext = this.open(nonce, noData, concat(pieces))
    return plaintext === undefined ? undefined : [plaintext]
  }
}
