/** What a certificate proves (TLS specification, "Peer Authentication"). */
import 'reflect-metadata'
import { type KeyObject, X509Certificate as NodeCertificate } from 'node:crypto'
import { type Extension, X509Certificate } from '@peculiar/x509'
import type { PeerId, PublicKey } from '@libp2p/interface'
import { UnexpectedPeerError } from '@weft/errors'
import { peerIdFromPublicKey, publicKeyFromProtobuf } from '@weft/peer-id'
import { decodeSignedKey, extensionOid, type SignedKey, signedBytes } from './core/extension.ts'
import { CertificateError } from './errors.ts'

// Four times one with an identity of RSA, 8,192 bits, and a key of RSA, 4,096 bits.
const maxCertificateLength = 16_384
// As for identities. Curves and Ed25519 have no weak sizes that TLS 1.3 would take.
const minRsaBits = 2_048

// Critical extensions that say nothing that matters here: key usage, basic constraints, extended key usage (RFC 5280).
const harmless: ReadonlySet<string> = new Set(['2.5.29.15', '2.5.29.19', '2.5.29.37'])

/** What a certificate says, when nothing but the identity's signature is left to check. */
export interface Claim {
  readonly identity: PublicKey
  readonly signedKey: SignedKey
  /** The certificate's own key as SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  readonly validity: Validity
}

/** When a certificate is valid, in milliseconds since 1970. */
export interface Validity {
  readonly notBefore: number
  readonly notAfter: number
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

/** Throws `CertificateError`. The identity is not proved yet. */
export function readCertificate(der: Uint8Array, now: number): Claim {
  if (der.byteLength > maxCertificateLength) {
    const why = `the certificate has ${der.byteLength} bytes, at most ${maxCertificateLength} are read`
    throw new CertificateError('ERR_TLS_CERTIFICATE_SIZE', why)
  }
  const { validity, key, isSelfSigned, extensions, spki } = read(der)
  checkValidity(validity, now)
  checkKey(key)
  if (!isSelfSigned) {
    throw new CertificateError('ERR_TLS_CERTIFICATE_SIGNATURE', 'the certificate is not signed by its own key')
  }
  const signedKey = signedKeyOf(extensions)
  return { identity: identityOf(signedKey), signedKey, spki, validity }
}

interface Contents {
  readonly validity: Validity
  readonly key: KeyObject
  readonly isSelfSigned: boolean
  readonly extensions: readonly Extension[]
  /** The key as SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
}

// The system's parser checks signatures; the other one tells of extensions. Both have to take it, and all of it.
function read(der: Uint8Array): Contents {
  try {
    const native = new NodeCertificate(der)
    const { notBefore, notAfter, extensions, publicKey } = new X509Certificate(new Uint8Array(der))
    const key = native.publicKey
    const spki = new Uint8Array(publicKey.rawData)
    const validity = { notBefore: notBefore.getTime(), notAfter: notAfter.getTime() }
    return { validity, key, isSelfSigned: native.verify(key), extensions, spki }
  } catch (cause) {
    throw new CertificateError('ERR_TLS_CERTIFICATE_MALFORMED', 'the certificate cannot be read', cause)
  }
}

function checkKey({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): void {
  const bits = asymmetricKeyDetails?.modulusLength
  if (bits === undefined || bits >= minRsaBits) return
  const why = `the certificate's ${asymmetricKeyType ?? ''} key has ${bits} bits, fewer than ${minRsaBits}`
  throw new CertificateError('ERR_TLS_CERTIFICATE_KEY', why)
}

function signedKeyOf(extensions: readonly Extension[]): SignedKey {
  for (const { type, critical } of extensions) {
    if (!critical || type === extensionOid || harmless.has(type)) continue
    throw new CertificateError('ERR_TLS_CERTIFICATE_EXTENSION', `the critical extension ${type} is not known`)
  }
  const [extension, another] = extensions.filter(({ type }) => type === extensionOid)
  if (extension === undefined || another !== undefined) {
    const count = extension === undefined ? 'no' : 'more than one'
    throw new CertificateError('ERR_TLS_CERTIFICATE_EXTENSION', `the certificate has ${count} libp2p extension`)
  }
  try {
    return decodeSignedKey(new Uint8Array(extension.value))
  } catch (cause) {
    throw new CertificateError('ERR_TLS_CERTIFICATE_EXTENSION', (cause as Error).message.replace(/^tls: /, ''), cause)
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
