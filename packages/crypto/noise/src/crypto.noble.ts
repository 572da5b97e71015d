/** The cryptography in JavaScript: what browsers use, and Node for hashing, where short inputs make it the faster one. */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { x25519 } from '@noble/curves/ed25519.js'
import { concat } from '@weft/bytes'
import { prefixLength, tagLength, writePrefix } from './core/constants.ts'
import type { CipherKey, DhKeyPair, NoiseCrypto } from './core/crypto.ts'
import { hash, hkdf } from './sha256.ts'

export const nobleCrypto: NoiseCrypto = {
  hash,
  hkdf,
  generateKeyPair: () => keyPairOf(x25519.utils.randomSecretKey()),
  keyPairOf,
  importKey: publicKey => publicKey,
  dh: (pair, remote) => x25519.getSharedSecret(pair.privateKey as Uint8Array, remote as Uint8Array),
  cipherKey: key => new NobleKey(key),
  handshakeKey: key => new NobleKey(key)
}

function keyPairOf(privateKey: Uint8Array): DhKeyPair {
  return { publicKey: x25519.getPublicKey(privateKey), privateKey }
}

class NobleKey implements CipherKey {
  readonly #key: Uint8Array

  constructor(key: Uint8Array) {
    this.#key = key
  }

  seal(nonce: Uint8Array, ad: Uint8Array, plaintext: Uint8Array): Uint8Array {
    return chacha20poly1305(this.#key, nonce, ad).encrypt(plaintext)
  }

  open(nonce: Uint8Array, ad: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined {
    try {
      return chacha20poly1305(this.#key, nonce, ad).decrypt(ciphertext)
    } catch {
      return undefined
    }
  }

  sealRecord(nonce: Uint8Array, parts: readonly Uint8Array[], length: number, out: Uint8Array[]): void {
    const target = aligned(length + tagLength)
    const record = new Uint8Array(target.buffer, target.byteOffset - prefixLength, prefixLength + length + tagLength)
    writePrefix(length + tagLength, record)
    let plaintext = parts[0]!
    if (parts.length > 1 || !isAligned(plaintext)) {
      // The parts are put where their ciphertext will be: the cipher works in place.
      plaintext = target.subarray(0, length)
      let at = 0
      for (const part of parts) {
        plaintext.set(part, at)
        at += part.byteLength
      }
    }
    chacha20poly1305(this.#key, nonce).encrypt(plaintext, target)
    out.push(record)
  }

  openRecord(nonce: Uint8Array, pieces: readonly Uint8Array[]): Uint8Array[] | undefined {
    try {
      return [chacha20poly1305(this.#key, nonce).decrypt(joined(pieces))]
    } catch {
      return undefined
    }
  }
}

// The cipher reads and writes whole words where its bytes begin at one, and is five times as slow where they do not, as
// behind a prefix of two bytes: copying them costs less.
const wordLength = 4

function isAligned({ byteOffset }: Uint8Array): boolean {
  return byteOffset % wordLength === 0
}

/** Zeros that begin at a word, with room for a prefix before them. */
function aligned(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(wordLength + length), wordLength)
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces
  if (pieces.length > 1) return concat(pieces)
  return isAligned(first!) ? first! : new Uint8Array(first!)
}
