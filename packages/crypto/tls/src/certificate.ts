/** The certificate of a node: self-signed, its identity in an extension. It serves TLS over TCP, and QUIC. */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { Extension, X509CertificateGenerator } from '@peculiar/x509'
import type { PrivateKey } from '@libp2p/interface'
import { publicKeyToProtobuf } from '@weft/peer-id'
import { encodeSignedKey, extensionOid, signedBytes } from './core/extension.ts'

/** A certificate with its key, as PEM. */
export interface Certificate {
  /** `CERTIFICATE`. */
  readonly cert: string
  /** `PRIVATE KEY`, in PKCS#8. */
  readonly key: string
}

// P-256: every implementation has it, and it is the cheapest to sign with (TLS specification, "TLS key").
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
// Clocks are wrong by less; the end is as good as none, as it is with go-libp2p and js-libp2p.
const hour = 3_600_000
const century = 100 * 365 * 24 * hour

/** Makes a certificate for an identity, with a fresh key. One is enough for all connections of a node. */
export async function makeCertificate(identity: PrivateKey, now: number = Date.now()): Promise<Certificate> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const spki = new Uint8Array(await webcrypto.subtle.exportKey('spki', keys.publicKey))
  const signedKey = encodeSignedKey({
    publicKey: publicKeyToProtobuf(identity.publicKey),
    signature: await identity.sign(signedBytes(spki))
  })
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(),
      notBefore: new Date(now - hour),
      notAfter: new Date(now + century),
      signingAlgorithm: algorithm,
      keys: keys as CryptoKeyPair,
      // Not critical: stacks that do not know it could not even read the certificate.
      extensions: [new Extension(extensionOid, false, new Uint8Array(signedKey))]
    },
    webcrypto as Crypto
  )
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    cert: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`
  }
}

/** A positive number of 8 random bytes (RFC 5280, section 4.1.2.2). */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(Buffer.alloc(8))
  bytes[0] = (bytes[0]! & 0x7f) | 0x01
  return bytes.toString('hex')
}
