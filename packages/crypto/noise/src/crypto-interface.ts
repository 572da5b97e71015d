/** Cryptography that a user brings, in the shape of js-libp2p's option `crypto`. */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { x25519 } from '@noble/curves/ed25519.js'
import { expand, extract } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Uint8ArrayList } from 'uint8arraylist'

/** An X25519 key pair, both parts of 32 bytes. */
export interface KeyPair {
  /** The point, as its u-coordinate (RFC 7748, section 5). */
  publicKey: Uint8Array
  /** The scalar (RFC 7748, section 5). */
  privateKey: Uint8Array
}

/** The functions that `noise({ crypto })` takes. */
export interface ICryptoInterface {
  /** SHA-256 of `data`: 32 bytes. */
  hashSHA256(data: Uint8Array | Uint8ArrayList): Uint8Array
  /** HKDF with SHA-256 and without info: three outputs of 32 bytes. */
  getHKDF(ck: Uint8Array, ikm: Uint8Array): [Uint8Array, Uint8Array, Uint8Array]
  /** A fresh key pair from the platform's randomness. */
  generateX25519KeyPair(): KeyPair
  /** The key pair whose private key is `seed`, 32 bytes. */
  generateX25519KeyPairFromSeed(seed: Uint8Array): KeyPair
  /** The shared secret of 32 bytes (RFC 7748, section 6.1). */
  generateX25519SharedKey(privateKey: Uint8Array | Uint8ArrayList, publicKey: Uint8Array | Uint8ArrayList): Uint8Array
  /** The ciphertext with its tag of 16 bytes behind it. */
  chaCha20Poly1305Encrypt(
    plaintext: Uint8Array | Uint8ArrayList,
    nonce: Uint8Array,
    ad: Uint8Array,
    k: Uint8Array
  ): Uint8ArrayList | Uint8Array
  /** Throws if the tag is wrong. */
  chaCha20Poly1305Decrypt(
    ciphertext: Uint8Array | Uint8ArrayList,
    nonce: Uint8Array,
    ad: Uint8Array,
    k: Uint8Array,
    dst?: Uint8Array
  ): Uint8ArrayList | Uint8Array
}

/** All of it in JavaScript, for any runtime. */
export const pureJsCrypto: ICryptoInterface = {
  hashSHA256: data => sha256(data.subarray()),
  getHKDF(ck, ikm) {
    const okm = expand(sha256, extract(sha256, ikm, ck), undefined, 96)
    return [okm.subarray(0, 32), okm.subarray(32, 64), okm.subarray(64)]
  },
  generateX25519KeyPair: () => pureJsCrypto.generateX25519KeyPairFromSeed(x25519.utils.randomSecretKey()),
  generateX25519KeyPairFromSeed: seed => ({ publicKey: x25519.getPublicKey(seed), privateKey: seed }),
  generateX25519SharedKey: (privateKey, publicKey) =>
    x25519.getSharedSecret(privateKey.subarray(), publicKey.subarray()),
  chaCha20Poly1305Encrypt: (plaintext, nonce, ad, k) => chacha20poly1305(k, nonce, ad).encrypt(plaintext.subarray()),
  chaCha20Poly1305Decrypt: (ciphertext, nonce, ad, k, dst) =>
    chacha20poly1305(k, nonce, ad).decrypt(ciphertext.subarray(), dst)
}
