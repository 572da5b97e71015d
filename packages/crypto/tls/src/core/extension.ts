/**
 * The extension of a libp2p certificate, `SignedKey ::= SEQUENCE { publicKey OCTET STRING, signature OCTET STRING }`, in
 * DER (TLS specification, "libp2p Public Key Extension"; X.690 for the encoding).
 */
import { concat } from '@weft/bytes'
import { InvalidCryptoExchangeError } from '@weft/errors'
import { DerCursor, element, tags } from './der.ts'

/** The object identifier of the extension. */
export const extensionOid = '1.3.6.1.4.1.53594.1.1'

/** What the extension says: who the peer is, and that the certificate is its own. */
export interface SignedKey {
  /** The identity key, as the protobuf `PublicKey`. */
  readonly publicKey: Uint8Array
  /** The identity key's signature over `signedBytes`. */
  readonly signature: Uint8Array
}

// Twice what the largest identity, of RSA with 8,192 bits, takes.
const maxLength = 4_096
const prefix: Uint8Array = new TextEncoder().encode('libp2p-tls-handshake:')

/** What the identity key signs: a prefix, and the certificate's public key as SubjectPublicKeyInfo in DER. */
export function signedBytes(subjectPublicKeyInfo: Uint8Array): Uint8Array {
  return concat([prefix, subjectPublicKeyInfo])
}

/** The DER of `SignedKey`. */
export function encodeSignedKey({ publicKey, signature }: SignedKey): Uint8Array {
  return element(tags.sequence, element(tags.octetString, publicKey), element(tags.octetString, signature))
}

/** Throws `InvalidCryptoExchangeError` for what is not DER of a `SignedKey`, of 4,096 bytes at most. */
export function decodeSignedKey(bytes: Uint8Array): SignedKey {
  if (bytes.byteLength > maxLength) throw malformed(`it has ${bytes.byteLength} bytes, at most ${maxLength} are read`)
  const outside = new DerCursor(bytes, malformed)
  const fields = outside.enter(tags.sequence)
  const publicKey = fields.read(tags.octetString)
  const signature = fields.read(tags.octetString)
  fields.end()
  outside.end()
  return { publicKey, signature }
}

function malformed(why: string): InvalidCryptoExchangeError {
  return new InvalidCryptoExchangeError(`tls: the certificate's libp2p extension cannot be read: ${why}`)
}
