/**
 * What libp2p needs of a certificate, found by one walk over its DER (RFC 5280, section 4.1). Nothing is parsed that is
 * not needed, and what is stepped over is bounded: a remote that nobody knows yet has sent it.
 */
import { equals, fromHex } from '@weft/bytes'
import { CertificateError } from '../errors.ts'
import { timeOf } from './calendar.ts'
import { contextTag, DerCursor, tags } from './der.ts'
import { oidText } from './oid.ts'

/** What the walk finds. Its bytes are views. */
export interface WalkedCertificate {
  readonly validity: Validity
  /** The certificate's own key as SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  /** What stands in the libp2p extension. */
  readonly signedKey: Uint8Array
}

/** When a certificate is valid, in milliseconds since 1970. */
export interface Validity {
  readonly notBefore: number
  readonly notAfter: number
}

// Four times a certificate with an identity of RSA, 8,192 bits, and a key of RSA, 4,096 bits.
const maxLength = 16_384
// Those of libp2p have one, or a few that stacks add by themselves: RFC 5280 names 17 in all.
const maxExtensions = 16
// Issuer and subject together, in bytes. libp2p asks for none; nothing is read from them.
const maxNames = 2_048

// 1.3.6.1.4.1.53594.1.1
const libp2pOid = fromHex('2b0601040183a25a0101')
// Critical extensions that say nothing that matters here: key usage, basic constraints, extended key usage (RFC 5280).
const harmless: readonly Uint8Array[] = ['551d0f', '551d13', '551d25'].map(fromHex)

/**
 * Walks over a certificate. Throws `CertificateError`: its size, its names, the number of its extensions, a critical one
 * that is not known, no libp2p extension or several, or that it is no certificate. Whether the key and the signatures are
 * right is not looked at.
 */
export function walkCertificate(der: Uint8Array): WalkedCertificate {
  if (der.byteLength > maxLength) {
    const why = `the certificate has ${der.byteLength} bytes, at most ${maxLength} are read`
    throw new CertificateError('ERR_TLS_CERTIFICATE_SIZE', why)
  }
  const outside = new DerCursor(der, malformed)
  const certificate = outside.enter(tags.sequence)
  outside.end()
  const body = certificate.enter(tags.sequence)
  certificate.read(tags.sequence) // signatureAlgorithm
  certificate.read(tags.bitString) // signatureValue
  certificate.end()

  body.readOptional(contextTag(0)) // version
  body.read(tags.integer) // serialNumber
  body.read(tags.sequence) // signature
  const issuer = body.read(tags.sequence)
  const validity = readValidity(body.enter(tags.sequence))
  const subject = body.read(tags.sequence)
  const names = issuer.byteLength + subject.byteLength
  if (names > maxNames) {
    const why = `the certificate's names have ${names} bytes, at most ${maxNames} are read`
    throw new CertificateError('ERR_TLS_CERTIFICATE_SIZE', why)
  }
  const spki = body.readWhole(tags.sequence)
  body.readOptional(contextTag(1, 'primitive')) // issuerUniqueID
  body.readOptional(contextTag(2, 'primitive')) // subjectUniqueID
  const extensions = body.readOptional(contextTag(3))
  body.end()
  return { validity, spki, signedKey: findSignedKey(extensions) }
}

function findSignedKey(extensions: Uint8Array | undefined): Uint8Array {
  let found: Uint8Array | undefined
  if (extensions !== undefined) {
    const outside = new DerCursor(extensions, malformed)
    const list = outside.enter(tags.sequence)
    outside.end()
    for (let count = 1; list.next !== undefined; count++) {
      if (count > maxExtensions) throw unfit(`the certificate has more than ${maxExtensions} extensions`)
      const extension = list.enter(tags.sequence)
      const oid = extension.read(tags.objectIdentifier)
      const critical = extension.readOptional(tags.boolean)?.some(octet => octet !== 0) === true
      const value = extension.read(tags.octetString)
      extension.end()
      if (equals(oid, libp2pOid)) {
        if (found !== undefined) throw unfit('the certificate has more than one libp2p extension')
        found = value
      } else if (critical && !harmless.some(known => equals(oid, known))) {
        throw unfit(`the critical extension ${oidText(oid)} is not known`)
      }
    }
  }
  if (found === undefined) throw unfit('the certificate has no libp2p extension')
  return found
}

function readValidity(period: DerCursor): Validity {
  const [notBefore, notAfter] = [readTime(period), readTime(period)]
  period.end()
  return { notBefore, notAfter }
}

/** `YYMMDDhhmmssZ` for the years from 1950 to 2049, `YYYYMMDDhhmmssZ` for any: no other forms (RFC 5280, section 4.1.2.5). */
function readTime(period: DerCursor): number {
  const short = period.next === tags.utcTime
  const text = String.fromCharCode(...period.read(short ? tags.utcTime : tags.generalizedTime).subarray(0, 16))
  const whole = short ? `${text < '5' ? '20' : '19'}${text}` : text
  const time = whole.endsWith('Z') ? timeOf(whole.slice(0, -1)) : undefined
  if (time === undefined) throw malformed('a time is none')
  return time
}

function unfit(why: string): CertificateError {
  return new CertificateError('ERR_TLS_CERTIFICATE_EXTENSION', why)
}

function malformed(why: string): CertificateError {
  return new CertificateError('ERR_TLS_CERTIFICATE_MALFORMED', `the certificate cannot be read: ${why}`)
}
