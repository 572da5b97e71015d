import 'reflect-metadata'
import { generateKeyPairSync } from 'node:crypto'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { Extension } from '@peculiar/x509'
import type { MessageStream, SecuredConnection } from '@libp2p/interface'
import { ended, messageStreamPair } from '@weft/interface-connection/compliance'
import { generateKeyPair, peerIdFromPrivateKey, publicKeyToProtobuf } from '@weft/peer-id'
import { describe, expect, it } from 'vitest'
import { decodeSignedKey, encodeSignedKey, extensionOid } from '../src/core/extension.ts'
import { startTls } from '../src/handshake.ts'
import { tls } from '../src/index.ts'
import { StreamDuplex } from '../src/stream-duplex.ts'
import { verifyCertificate } from '../src/verify-certificate.ts'
import { dsaSha256, ecdsaSha256, ed25519, ed448, keyCertificate, type Keys, rsaPssSha256 } from './key-certificate.ts'
import {
  day,
  ecdsa,
  identity,
  keysOf,
  type Odd,
  oddCertificate,
  type OddCertificate,
  rsa1024
} from './odd-certificate.ts'

const ownKey = await generateKeyPair('Ed25519')
const otherKey = await generateKeyPair('Ed25519')

interface Attempt {
  /** This side's connection, and its being over. */
  near: MessageStream
  closed: Promise<unknown>
  secured: Promise<SecuredConnection>
}

/** A peer with such a context connects to this side, as its server or as its client. */
function attempt(context: SecureContextOptions, isServer: boolean): Attempt {
  const [outbound, inbound] = messageStreamPair()
  const [near, far] = isServer ? [inbound, outbound] : [outbound, inbound]
  const remote = startTls(new StreamDuplex(far), {
    isServer: !isServer,
    // OpenSSL would refuse to use some of these certificates.
    context: createSecureContext({ ciphers: 'DEFAULT@SECLEVEL=0', ...context }),
    alpn: ['libp2p']
  })
  remote.on('error', () => {})
  remote.on('close', () => far.abort(new Error('the peer has gone')))
  // What it sends at once is never read.
  remote.write('before anybody is known')
  const closed = ended(near)
  const encrypter = tls()({ privateKey: ownKey })
  const remotePeer = peerIdFromPrivateKey(identity)
  const secured = isServer
    ? encrypter.secureInbound(near, { remotePeer })
    : encrypter.secureOutbound(near, { remotePeer })
  return { near, closed, secured }
}

/** What such a peer meets. */
async function meet(context: SecureContextOptions, isServer: boolean): Promise<{ error: Error; near: MessageStream }> {
  const { near, closed, secured } = attempt(context, isServer)
  const error = await secured.then(
    () => expect.unreachable('the peer was taken'),
    (reason: Error) => reason
  )
  await closed
  return { error, near }
}

const otherSignedKey = (publicKey: Uint8Array, signature: Uint8Array) => encodeSignedKey({ publicKey, signature })

const bad: Array<[string, string | undefined, () => Promise<Odd>]> = [
  ['has expired', 'ERR_TLS_CERTIFICATE_NOT_VALID_NOW', async () => ({ notAfter: -day / 2 })],
  ['is not valid yet', 'ERR_TLS_CERTIFICATE_NOT_VALID_NOW', async () => ({ notBefore: day / 2 })],
  ['has no libp2p extension', 'ERR_TLS_CERTIFICATE_EXTENSION', async () => ({ extensions: () => [] })],
  ['has two of them', 'ERR_TLS_CERTIFICATE_EXTENSION', async () => ({ extensions: own => [own, own] })],
  [
    'has a critical extension that is not known',
    'ERR_TLS_CERTIFICATE_EXTENSION',
    async () => ({ extensions: own => [own, new Extension('1.2.3.4', true, Uint8Array.of(5, 0))] })
  ],
  [
    'has an extension that is none',
    'ERR_TLS_CERTIFICATE_EXTENSION',
    async () => ({ extensions: () => [new Extension(extensionOid, false, Uint8Array.of(1, 2, 3))] })
  ],
  [
    'has an extension of 8 KiB',
    'ERR_TLS_CERTIFICATE_EXTENSION',
    async () => ({ signedKey: () => new Uint8Array(8192) })
  ],
  ['has an extension of 20 KiB', 'ERR_TLS_CERTIFICATE_SIZE', async () => ({ signedKey: () => new Uint8Array(20_480) })],
  [
    // OpenSSL ends the handshake above 100 KiB.
    'has an extension of 200 KiB',
    'ERR_INVALID_CRYPTO_EXCHANGE',
    async () => ({ signedKey: () => new Uint8Array(204_800) })
  ],
  [
    'has an identity key of a type that is not known',
    'ERR_TLS_CERTIFICATE_EXTENSION',
    // KeyType 9
    async () => ({ signedKey: own => otherSignedKey(Uint8Array.of(8, 9, 18, 1, 1), decodeSignedKey(own).signature) })
  ],
  ['is signed by another key', 'ERR_TLS_CERTIFICATE_SIGNATURE', async () => ({ issuer: await keysOf(ecdsa) })],
  // A newer OpenSSL ends the handshake itself.
  ['has an RSA key of 1,024 bits', undefined, async () => ({ algorithm: rsa1024 })],
  ['is not signed by its identity', 'ERR_TLS_IDENTITY_SIGNATURE', async () => ({ signer: otherKey })]
]

const curve = (namedCurve: string): Keys => generateKeyPairSync('ec', { namedCurve })
const pss = { modulusLength: 2048, hashAlgorithm: 'sha256', mgf1HashAlgorithm: 'sha256' }

// What is left of the keys that a certificate can have: OpenSSL uses these, whatever our own certificate has.
const unusual: Array<[string, () => Promise<OddCertificate>]> = [
  ['P-384', () => keyCertificate(curve('P-384'), ecdsaSha256)],
  ['P-521', () => keyCertificate(curve('P-521'), ecdsaSha256)],
  ['Ed25519', () => keyCertificate(generateKeyPairSync('ed25519'), ed25519)],
  ['Ed448', () => keyCertificate(generateKeyPairSync('ed448'), ed448)],
  ['RSA-PSS', () => keyCertificate(generateKeyPairSync('rsa-pss', pss), rsaPssSha256)]
]

// No signature scheme of TLS 1.3 is for these (RFC 8446, section 4.2.3). Brainpool curves have some since OpenSSL 3.2.
const unusable: Array<[string, () => Promise<OddCertificate>]> = [
  ['P-224', () => keyCertificate(curve('P-224'), ecdsaSha256)],
  ['secp256k1', () => keyCertificate(curve('secp256k1'), ecdsaSha256)],
  ['DSA', () => keyCertificate(generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }), dsaSha256)]
]

describe.each([
  ['as a dialer', true],
  ['as a listener', false]
])('a peer %s', (_role, isServer) => {
  it.each(bad)('whose certificate %s is refused', async (_what, code, odd) => {
    const { error, near } = await meet(await oddCertificate(await odd()), isServer)
    expect(error).toMatchObject({ name: 'InvalidCryptoExchangeError', code: code ?? expect.stringMatching(/^ERR_/) })
    expect([near.status, near.readBufferLength]).toEqual(['aborted', 0])
  })

  it.each(unusual)('whose certificate has a key of %s is taken', async (_key, certificate) => {
    const { near, closed, secured } = attempt(await certificate(), isServer)
    expect((await secured).remotePeer.equals(peerIdFromPrivateKey(identity))).toBe(true)
    near.abort(new Error('done'))
    await closed
  })

  it.each(unusable)('whose certificate has a key of %s is refused', async (_key, certificate) => {
    const { error, near } = await meet(await certificate(), isServer)
    // OpenSSL does not show it as a client, and gives up as a server.
    const code = isServer ? 'ERR_TLS_CERTIFICATE_MISSING' : 'ERR_INVALID_CRYPTO_EXCHANGE'
    expect(error).toMatchObject({ name: 'InvalidCryptoExchangeError', code })
    // The peer that gives up may be the first to say so.
    expect([near.status, near.readBufferLength]).toEqual([expect.stringMatching(/^(aborted|reset)$/), 0])
  })

  it('that proves another identity is refused', async () => {
    const certificate = await oddCertificate({
      signer: otherKey,
      signedKey: own => otherSignedKey(publicKeyToProtobuf(otherKey.publicKey), decodeSignedKey(own).signature)
    })
    const { error } = await meet(certificate, isServer)
    expect(error).toMatchObject({
      name: 'UnexpectedPeerError',
      actual: peerIdFromPrivateKey(otherKey).toString(),
      expected: peerIdFromPrivateKey(identity).toString()
    })
  })

  it('that sends the certificate of its issuer too is refused', async () => {
    const issuer = await keysOf(ecdsa)
    const [leaf, root] = [
      await oddCertificate({ issuer, subject: 'CN=leaf', issuerName: 'CN=root' }),
      await oddCertificate({ keys: issuer, subject: 'CN=root' })
    ]
    const { error } = await meet({ cert: `${leaf.cert}\n${root.cert}`, key: leaf.key }, isServer)
    expect(error).toMatchObject({ name: 'InvalidCryptoExchangeError', code: 'ERR_TLS_CERTIFICATE_CHAIN' })
  })

  // OpenSSL looks at the chain too. Node tells of what it finds once the handshake is done, or not at all.
  it('that sends the certificate of somebody who only has the name of its issuer is refused', async () => {
    const [leaf, root] = [
      await oddCertificate({ issuer: await keysOf(ecdsa), subject: 'CN=leaf', issuerName: 'CN=root' }),
      await oddCertificate({ subject: 'CN=root' })
    ]
    const { error } = await meet({ cert: `${leaf.cert}\n${root.cert}`, key: leaf.key }, isServer)
    expect(error).toMatchObject({ name: 'InvalidCryptoExchangeError' })
  })

  it('that speaks TLS 1.2 at most is refused', async () => {
    const { error } = await meet({ ...(await oddCertificate()), maxVersion: 'TLSv1.2' }, isServer)
    expect(error).toMatchObject({ name: 'InvalidCryptoExchangeError' })
  })

  it('without a certificate is refused', async () => {
    const { error } = await meet({}, isServer)
    // A listener without one cannot take part in a handshake at all.
    const code = isServer ? 'ERR_TLS_CERTIFICATE_MISSING' : 'ERR_INVALID_CRYPTO_EXCHANGE'
    expect(error).toMatchObject({ name: 'InvalidCryptoExchangeError', code })
  })
})

// With OpenSSL nobody can show it in a handshake.
it.each(['x25519', 'x448'])('a certificate whose key, of %s, cannot sign is refused', async type => {
  const keys = generateKeyPairSync(type as 'x25519')
  const { der } = await keyCertificate(keys, ecdsaSha256, curve('P-256'))
  await expect(verifyCertificate(der)).rejects.toMatchObject({ code: 'ERR_TLS_CERTIFICATE_SIGNATURE' })
})
