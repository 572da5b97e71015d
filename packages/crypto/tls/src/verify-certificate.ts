/** What a certificate proves (TLS specification, "Peer Authentication"). */
import { type KeyObject, X509Certificate } from 'node:crypto'
import type { PeerId, PublicKey } from '@libp2p/interface'
import { UnexpectedPeerError } from '@weft/errors'
import { peerIdFromPublicKey, publicKeyFromProtobuf } from '@weft/peer-id'
import { type Validity, walkCertificate } from './core/certificate-walk.ts'
import { decodeSignedKey, type SignedKey, signedBytes } from './core/extension.ts'
import { CertificateError } from './errors.ts'

// As for identities. Curves and Ed25519 have no weak sizes that TLS 1.3 would take.
const minRsaBits = 2_048
const maxRsaBits = 8_192
// As go-libp2p's TLS has it: every key that is in use has 65,537. Above, checking one signature takes as long as making one.
const maxRsaExponent = 2n ** 31n - 1n

/** What a certificate says, when nothing but the identity's signature is left to check. */
export interface Claim {
  readonly identity: PublicKey
  readonly signedKey: SignedKey
  /** The certificate's own key as SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  readonly validity: Validity
}

/** Whom a certificate proves, and when. */
export interface ProvenCertificate {
  readonly peerId: PeerId
  readonly validity: Validity
}

/**
 * The peer that a certificate, as DER, proves. Throws `CertificateError`, whose code says which rule it breaks, and
 * `UnexpectedPeerError` for another peer than expected.
 */
export async function verifyCertificate(der: Uint8Array, expected?: PeerId, now: number = Date.now()): Promise<PeerId> {
  const { peerId } = await proveCertificate(der, now)
  checkPeer(peerId, expected)
  return peerId
}

/** All checks but whether it is the peer that is expected. Throws `CertificateError`. */
export async function proveCertificate(der: Uint8Array, now: number): Promise<ProvenCertificate> {
  const claim = readCertificate(der, now)
  await checkSignature(claim)
  return { peerId: peerIdFromPublicKey(claim.identity), validity: claim.validity }
}

/** Throws `UnexpectedPeerError`. */
export function checkPeer(actual: PeerId, expected: PeerId | undefined): void {
  if (expected === undefined || actual.equals(expected)) return
  throw new UnexpectedPeerError(`the remote is ${actual.toString()}, not ${expected.toString()}`, {
    facts: { actual: actual.toString(), expected: expected.toString() }
  })
}

/** Throws `CertificateError`. */
export function checkValidity({ notBefore, notAfter }: Validity, now: number): void {
  if (now >= notBefore && now <= notAfter) return
  const span = `${new Date(notBefore).toUTCString()} to ${new Date(notAfter).toUTCString()}`
  throw new CertificateError('ERR_TLS_CERTIFICATE_NOT_VALID_NOW', `the certificate is valid from ${span}`)
}

/**
 * Throws `CertificateError`. The identity is not proved yet. What costs least comes first: nothing is computed for a
 * certificate whose shape is wrong.
 */
export function readCertificate(der: Uint8Array, now: number): Claim {
  const { validity, spki, signedKey: extension } = walkCertificate(der)
  checkValidity(validity, now)
  const signedKey = readExtension(extension)
  const identity = identityOf(signedKey)
  checkOwnKey(der)
  return { identity, signedKey, spki, validity }
}

function readExtension(bytes: Uint8Array): SignedKey {
  try {
    return decodeSignedKey(bytes)
  } catch (cause) {
    throw new CertificateError('ERR_TLS_CERTIFICATE_EXTENSION', (cause as Error).message.replace(/^tls: /, ''), cause)
  }
}

/** That the certificate's own key is strong enough, and signed it. The system's parser has to take the certificate too. */
function checkOwnKey(der: Uint8Array): void {
  let certificate: X509Certificate
  let key: KeyObject
  try {
    certificate = new X509Certificate(der)
    key = certificate.publicKey
  } catch (cause) {
    throw new CertificateError('ERR_TLS_CERTIFICATE_MALFORMED', 'the certificate cannot be read', cause)
  }
  checkKey(key)
  if (!isSignedBy(certificate, key)) {
    throw new CertificateError('ERR_TLS_CERTIFICATE_SIGNATURE', 'the certificate is not signed by its own key')
  }
}

function isSignedBy(certificate: X509Certificate, key: KeyObject): boolean {
  try {
    return certificate.verify(key)
  } catch (cause) {
    throw new CertificateError('ERR_TLS_CERTIFICATE_MALFORMED', 'the certificate cannot be read', cause)
  }
}

function checkKey({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): void {
  const { modulusLength: bits, publicExponent: exponent } = asymmetricKeyDetails ?? {}
  const key = `the certificate's ${asymmetricKeyType ?? ''} key`
  if (bits !== undefined && (bits < minRsaBits || bits > maxRsaBits)) {
    const why = `${key} has ${bits} bits, ${minRsaBits} to ${maxRsaBits} are taken`
    throw new CertificateError('ERR_TLS_CERTIFICATE_KEY', why)
  }
  if (exponent !== undefined && exponent > maxRsaExponent) {
    throw new CertificateError('ERR_TLS_CERTIFICATE_KEY', `${key} has an exponent above ${maxRsaExponent}`)
  }
}

function identityOf({ publicKey }: SignedKey): PublicKey {
  try {
    return publicKeyFromProtobuf(publicKey)
  } catch (cause) {
    throw new CertificateError('ERR_TLS_CERTIFICATE_EXTENSION', 'the identity key cannot be read', cause)
  }
}

async function checkSignature({ identity, signedKey, spki }: Claim): Promise<void> {
  let signed: boolean
  try {
    signed = await identity.verify(signedBytes(spki), signedKey.signature)
  } catch (cause) {
    throw new CertificateError('ERR_TLS_IDENTITY_SIGNATURE', 'the identity signature cannot be checked', cause)
  }
  if (!signed) throw new CertificateError('ERR_TLS_IDENTITY_SIGNATURE', 'the identity key did not sign the certificate')
}
