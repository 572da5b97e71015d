/** The DER of the one certificate that a node makes: self-signed by a key on a curve, with one extension (RFC 5280). */
import { fromHex, fromUtf8 } from '@weft/bytes'
import { digitsOf } from './calendar.ts'
import { contextTag, element, tags } from './der.ts'

/** What stands in it. */
export interface CertificateContents {
  /** A positive number, the first octet 0x01 to 0x7f. */
  readonly serialNumber: Uint8Array
  /** In milliseconds since 1970; what is below a second is left out. */
  readonly notBefore: number
  readonly notAfter: number
  /** The certificate's own key as SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  /** What stands in the libp2p extension. */
  readonly signedKey: Uint8Array
}

// AlgorithmIdentifier of ecdsa-with-SHA256, 1.2.840.10045.4.3.2, which has no parameters (RFC 5758, section 3.2).
const ecdsaWithSha256 = fromHex('300a06082a8648ce3d040302')
const version3 = element(contextTag(0), element(tags.integer, Uint8Array.of(2)))
// libp2p asks for no names; TLS stacks take a certificate without.
const noName = element(tags.sequence)
// 1.3.6.1.4.1.53594.1.1
const libp2pOid = fromHex('060a2b0601040183a25a0101')

/** `TBSCertificate`, what the certificate's own key signs by ECDSA with SHA-256. */
export function writeCertificateBody(contents: CertificateContents): Uint8Array<ArrayBuffer> {
  const { serialNumber, notBefore, notAfter, spki, signedKey } = contents
  // Not critical: stacks that do not know it could not even read the certificate.
  const extension = element(tags.sequence, libp2pOid, element(tags.octetString, signedKey))
  return element(
    tags.sequence,
    ...[version3, element(tags.integer, serialNumber), ecdsaWithSha256, noName],
    element(tags.sequence, time(notBefore), time(notAfter)),
    ...[noName, spki, element(contextTag(3), element(tags.sequence, extension))]
  )
}

/** The certificate, of its body and the signature over it, which is DER of `Ecdsa-Sig-Value`. */
export function writeCertificate(body: Uint8Array, signature: Uint8Array): Uint8Array<ArrayBuffer> {
  // A bit string tells how many bits of its last octet are not used.
  return element(tags.sequence, body, ecdsaWithSha256, element(tags.bitString, Uint8Array.of(0), signature))
}

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280, section 4.1.2.5). */
function time(at: number): Uint8Array {
  const digits = digitsOf(at)
  const short = digits < '2050'
  return element(short ? tags.utcTime : tags.generalizedTime, fromUtf8(`${short ? digits.slice(2) : digits}Z`))
}
