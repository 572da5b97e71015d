/**
 * The cryptographic functions injected into the core: synchronous, so that a handshake is a plain sequence of calls.
 */

/** An X25519 key pair. The private key is in whatever form its implementation uses. */
export interface DhKeyPair {
  /** 32 bytes (RFC 7748, section 5). */
  readonly publicKey: Uint8Array
  readonly privateKey: unknown
}

/** ChaCha20-Poly1305 (RFC 8439) under one key. Nonces have 12 bytes; ciphertexts end in a tag of 16. */
export interface CipherKey {
  /** The ciphertext of one handshake field. */
  seal(nonce: Uint8Array, ad: Uint8Array, plaintext: Uint8Array): Uint8Array
  /** The plaintext of one handshake field, or `undefined` if the tag is wrong. */
  open(nonce: Uint8Array, ad: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined
  /**
   * Appends one complete transport message to `out`, in one or more pieces, whichever is cheapest: the length prefix,
   * and the ciphertext of `parts`, which have `length` bytes in total. No associated data. The pieces are newly
   * allocated.
   */
  sealRecord(nonce: Uint8Array, parts: readonly Uint8Array[], length: number, out: Uint8Array[]): void
  /**
   * The plaintext of `pieces`, the last of which ends with the complete tag, or `undefined` if the tag is wrong;
   * nothing is returned before the tag is verified. It is newly allocated: the memory of `pieces` may be released.
   */
  openRecord(nonce: Uint8Array, pieces: readonly Uint8Array[]): Uint8Array[] | undefined
}

/** The functions behind `25519_ChaChaPoly_SHA256`. */
export interface NoiseCrypto {
  /** SHA-256 of both, in this order. */
  hash(head: Uint8Array, tail: Uint8Array): Uint8Array
  /** The first two outputs of HKDF in Noise's form (section 4.3): 32 bytes each. */
  hkdf(chainingKey: Uint8Array, input: Uint8Array): readonly [Uint8Array, Uint8Array]
  generateKeyPair(): DhKeyPair
  /** The pair of a private key of 32 bytes. */
  keyPairOf(privateKey: Uint8Array): DhKeyPair
  /** A remote's public key of 32 bytes, in the form that `dh` takes: a handshake uses one twice. May throw. */
  importKey(publicKey: Uint8Array): unknown
  /** X25519, with what `importKey` gave. May throw for a public key of small order. */
  dh(pair: DhKeyPair, remote: unknown): Uint8Array
  /** For the many messages of a channel. */
  cipherKey(key: Uint8Array): CipherKey
  /** For the one or two fields of a handshake: the cheapest to create. */
  handshakeKey(key: Uint8Array): CipherKey
}
