/** Certificates that are right, but for what a test asks for. */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { Extension, X509CertificateGenerator } from '@peculiar/x509'
import type { PrivateKey } from '@libp2p/interface'
import { generateKeyPair, publicKeyToProtobuf } from '@weft/peer-id'
import { encodeSignedKey, extensionOid, signedBytes } from '../src/core/extension.ts'

export const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
export const rsa1024 = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: Uint8Array.of(1, 0, 1),
  modulusLength: 1024
}
export const day = 86_400_000

/** Whom the certificates prove. */
export const identity: PrivateKey = await generateKeyPair('Ed25519')

export interface Odd {
  /** Of the certificate's own key. */
  algorithm?: object
  /** The certificate's own keys. */
  keys?: CryptoKeyPair
  /** In milliseconds from now. */
  notBefore?: number
  notAfter?: number
  /** Signs the key of the certificate instead of the identity. */
  signer?: PrivateKey
  /** Signs the certificate instead of its own key. */
  issuer?: CryptoKeyPair
  subject?: string
  issuerName?: string
  extensions?: (own: Extension) => Extension[]
  /** What stands in the libp2p extension. */
  signedKey?: (own: Uint8Array) => Uint8Array
}

export interface OddCertificate {
  readonly der: Uint8Array
  /** The certificate, and its key in PKCS#8. */
  readonly cert: string
  readonly key: string
}

export async function keysOf(algorithm: object): Promise<CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(algorithm as never, true, ['sign', 'verify'])) as never
}

export async function oddCertificate({ algorithm = ecdsa, ...odd }: Odd = {}): Promise<OddCertificate> {
  const keys = odd.keys ?? (await keysOf(algorithm))
  const spki = new Uint8Array(await webcrypto.subtle.exportKey('spki', keys.publicKey as never))
  const right = encodeSignedKey({
    publicKey: publicKeyToProtobuf(identity.publicKey),
    signature: await (odd.signer ?? identity).sign(signedBytes(spki))
  })
  const own = new Extension(extensionOid, false, (odd.signedKey?.(right) ?? right).slice())
  const made = await X509CertificateGenerator.create(
    {
      serialNumber: '01',
      subject: odd.subject ?? '',
      issuer: odd.issuerName ?? odd.subject ?? '',
      notBefore: new Date(Date.now() + (odd.notBefore ?? -day)),
      notAfter: new Date(Date.now() + (odd.notAfter ?? day)),
      signingAlgorithm: algorithm as never,
      publicKey: keys.publicKey,
      signingKey: (odd.issuer ?? keys).privateKey,
      extensions: odd.extensions?.(own) ?? [own]
    },
    webcrypto as Crypto
  )
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey as never)).toString('base64')
  return {
    der: new Uint8Array(made.rawData),
    cert: made.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`
  }
}
