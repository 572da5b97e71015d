/** The certificate of a node: self-signed, its identity in an extension. It serves TLS over TCP, and QUIC. */
import { generateKeyPair, randomBytes, sign } from 'node:crypto'
import { promisify } from 'node:util'
import type { PrivateKey } from '@libp2p/interface'
import { publicKeyToProtobuf } from '@weft/peer-id'
import { writeCertificate, writeCertificateBody } from './core/certificate-writer.ts'
import { encodeSignedKey, signedBytes } from './core/extension.ts'

/** A certificate with its key, as PEM. */
export interface Certificate {
  /** `CERTIFICATE`. */
  readonly cert: string
  /** `PRIVATE KEY`, in PKCS#8. */
  readonly key: string
}

// Clocks are wrong by less; the end is as good as none, as it is with go-libp2p and js-libp2p.
const hour = 3_600_000
const century = 100 * 365 * 24 * hour

/** Makes a certificate for an identity, with a fresh key. One is enough for all connections of a node. */
export async function makeCertificate(identity: PrivateKey, now: number = Date.now()): Promise<Certificate> {
  // P-256: every implementation has it, and it is the cheapest to sign with (TLS specification, "TLS key").
  const { publicKey, privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))
  const signedKey = encodeSignedKey({
    publicKey: publicKeyToProtobuf(identity.publicKey),
    signature: await identity.sign(signedBytes(spki))
  })
  const serialNumber = makeSerialNumber()
  const body = writeCertificateBody({
    ...{ serialNumber, notBefore: now - hour, notAfter: now + century },
    ...{ spki, signedKey }
  })
  return {
    cert: pem('CERTIFICATE', writeCertificate(body, sign('sha256', body, privateKey))),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  }
}

/** A positive number of 8 random bytes (RFC 5280, section 4.1.2.2). */
function makeSerialNumber(): Uint8Array {
  const bytes = randomBytes(8)
  bytes[0] = (bytes[0]! & 0x7f) | 0x01
  return bytes
}

function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
