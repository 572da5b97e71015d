/** What the core is given of cryptography: synchronous functions, so that a handshake is a plain sequence of calls. */

/** The curves, ciphers and hashes of SECIO, by their names on the wire. */
export type Curve = 'P-256' | 'P-384' | 'P-521'
export type CipherName = 'AES-256' | 'AES-128'
export type HashName = 'SHA256' | 'SHA512'

/** An ephemeral key. */
export interface EphemeralKey {
  /** The point, uncompressed: 04, then both coordinates (SEC 1, section 2.3.3). */
  readonly publicKey: Uint8Array
  /** The x coordinate of the common point, as wide as the field. Throws for what is no point of the curve. */
  secretWith(publicKey: Uint8Array): Uint8Array
}

/** AES in counter mode; the counter runs on from one call to the next. */
export interface StreamCipher {
  update(bytes: Uint8Array): Uint8Array
}

/** The functions behind `/secio/1.0.0`. */
export interface SecioCrypto {
  sha256(bytes: Uint8Array): Uint8Array
  hmac(hash: HashName, key: Uint8Array, parts: readonly Uint8Array[]): Uint8Array
  makeEphemeral(curve: Curve): EphemeralKey
  cipher(key: Uint8Array, iv: Uint8Array): StreamCipher
  /** In a time that does not depend on the bytes. */
  equals(a: Uint8Array, b: Uint8Array): boolean
}

/** Bytes of a cipher's key. */
export const keyLengths: Readonly<Record<CipherName, number>> = { 'AES-256': 32, 'AES-128': 16 }
/** Bytes of a hash, and so of a MAC. */
export const macLengths: Readonly<Record<HashName, number>> = { SHA256: 32, SHA512: 64 }
/** Bytes of a cipher's initial counter, whichever its key. */
export const ivLength = 16
/** Bytes of a MAC's key, whichever its hash. */
export const macKeyLength = 20
