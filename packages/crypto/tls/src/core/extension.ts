/**
 * The extension of a libp2p certificate, `SignedKey ::= SEQUENCE { publicKey OCTET STRING, signature OCTET STRING }`, in
 * DER (TLS specification, "libp2p Public Key Extension"; X.690 for the encoding).
 */
import { concat } from '@weft/bytes'
import { InvalidCryptoExchangeError } from '@weft/errors'

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
const [sequence, octetString] = [0x30, 0x04]

/** What the identity key signs: a prefix, and the certificate's public key as SubjectPublicKeyInfo in DER. */
export function signedBytes(subjectPublicKeyInfo: Uint8Array): Uint8Array {
  return concat([prefix, subjectPublicKeyInfo])
}

/** The DER of `SignedKey`. */
export function encodeSignedKey({ publicKey, signature }: SignedKey): Uint8Array {
  return element(sequence, concat([element(octetString, publicKey), element(octetString, signature)]))
}

/** Throws `InvalidCryptoExchangeError` for what is not DER of a `SignedKey`, of 4,096 bytes at most. */
export function decodeSignedKey(bytes: Uint8Array): SignedKey {
  if (bytes.byteLength > maxLength) throw malformed(`it has ${bytes.byteLength} bytes, at most ${maxLength} are read`)
  const [content, behind] = readElement(bytes, sequence)
  const [publicKey, rest] = readElement(content, octetString)
  const [signature, end] = readElement(rest, octetString)
  if (behind.byteLength > 0 || end.byteLength > 0) throw malformed('something follows it')
  return { publicKey, signature }
}

function element(tag: number, content: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(tag, ...lengthOctets(content.byteLength)), content])
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length]
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
}

/** The content of the first element, and what is behind it. */
function readElement(bytes: Uint8Array, tag: number): [Uint8Array, Uint8Array] {
  if (bytes[0] !== tag) throw malformed('an element is missing or of another type')
  const first = bytes[1] ?? 0x80
  const count = first < 0x80 ? 0 : first - 0x80
  if (first === 0x80 || count > 2 || bytes.byteLength < 2 + count) throw malformed('a length is none')
  let length = first
  if (count > 0) length = count === 1 ? bytes[2]! : (bytes[2]! << 8) | bytes[3]!
  // DER has one form for each length, the shortest.
  if (count > 0 && lengthOctets(length).length !== 1 + count) throw malformed('a length is not in its shortest form')
  const start = 2 + count
  if (bytes.byteLength < start + length) throw malformed('it is cut off')
  return [bytes.subarray(start, start + length), bytes.subarray(start + length)]
}

function malformed(why: string): InvalidCryptoExchangeError {
  return new InvalidCryptoExchangeError(`tls: the certificate's libp2p extension cannot be read: ${why}`)
}
