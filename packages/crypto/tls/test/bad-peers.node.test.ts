import 'reflect-metadata'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { Extension } from '@peculiar/x509'
import type { MessageStream } from '@libp2p/interface'
import { ended, messageStreamPair } from '@weft/interface-connection/compliance'
import { generateKeyPair, peerIdFromPrivateKey, publicKeyToProtobuf } from '@weft/peer-id'
import { describe, expect, it } from 'vitest'
import { decodeSignedKey, encodeSignedKey, extensionOid } from '../src/core/extension.ts'
import { startTls } from '../src/handshake.ts'
import { tls } from '../src/index.ts'
import { StreamDuplex } from '../src/stream-duplex.ts'
import { day, ecdsa, identity, keysOf, type Odd, oddCertificate, rsa1024 } from './odd-certificate.ts'

const ownKey = await generateKeyPair('Ed25519')
const otherKey = await generateKeyPair('Ed25519')

/** What a peer with such a context meets on this side, as its server or as its client. */
async function meet(context: SecureContextOptions, isServer: boolean): Promise<{ error: Error; near: MessageStream }> {
  const [outbound, inbound] = messageStreamPair()
  const [own, far] = isServer ? [inbound, outbound] : [outbound, inbound]
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
  const closed = ended(own)
  const encrypter = tls()({ privateKey: ownKey })
  const remotePeer = peerIdFromPrivateKey(identity)
  const secured = isServer
    ? encrypter.secureInbound(own, { remotePeer })
    : encrypter.secureOutbound(own, { remotePeer })
  const error = await secured.then(
    () => expect.unreachable('the peer was taken'),
    (reason: Error) => reason
  )
  await closed
  return { error, near: own }
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

describe.each([
  ['as a dialer', true],
  ['as a listener', false]
])('a peer %s', (_role, isServer) => {
  it.each(bad)('whose certificate %s is refused', async (_what, code, odd) => {
    const { error, near } = await meet(await oddCertificate(await odd()), isServer)
    expect(error).toMatchObject({ name: 'InvalidCryptoExchangeError', code: code ?? expect.stringMatching(/^ERR_/) })
    expect([near.status, near.readBufferLength]).toEqual(['aborted', 0])
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
