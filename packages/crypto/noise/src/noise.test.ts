import type { MessageStream, PrivateKey, StreamMuxerFactory } from '@libp2p/interface'
import { collect, ended, messageStreamPair, settled } from '@weft/interface-connection/compliance'
import {
  channelEndSuite,
  channelFaultSuite,
  cryptoChannelSuite,
  secure
} from '@weft/interface-crypto-channel/compliance'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { describe, expect, it } from 'vitest'
import { noise, type NoiseComponents, type NoiseInit, pureJsCrypto } from './index.ts'

const [dialerKey, listenerKey, impostorKey] = [
  await generateKeyPair('Ed25519'),
  await generateKeyPair('Ed25519'),
  await generateKeyPair('Ed25519')
]

function peer(privateKey: PrivateKey = dialerKey, init?: NoiseInit, more?: Partial<NoiseComponents>) {
  return { encrypter: noise(init)({ privateKey, ...more }), peerId: peerIdFromPrivateKey(privateKey) }
}

function muxers(...protocols: string[]): Partial<NoiseComponents> {
  const entries = protocols.map(protocol => [protocol, { protocol } as StreamMuxerFactory] as const)
  return { upgrader: { getStreamMuxers: () => new Map(entries) } }
}

cryptoChannelSuite(
  { describe, it, expect },
  { setup: async () => ({ dialer: peer(dialerKey), listener: peer(listenerKey) }) }
)

channelEndSuite(
  { describe, it, expect },
  { setup: async () => ({ dialer: peer(dialerKey), listener: peer(listenerKey) }) }
)

channelFaultSuite(
  { describe, it, expect },
  {
    setup: async () => ({ dialer: peer(dialerKey), listener: peer(listenerKey), impostor: peer(impostorKey) }),
    // Two bytes of length before each message, in the handshake and behind it.
    framing: { measure: bytes => (bytes.byteLength < 2 ? undefined : 2 + ((bytes[0]! << 8) | bytes[1]!)) }
  }
)

describe('noise', () => {
  it('names itself', () => {
    expect(peer().encrypter.protocol).toBe('/noise')
  })

  it.each([
    [{ staticNoiseKey: new Uint8Array(31) }, 'staticNoiseKey'],
    [{ extensions: { webtransportCerthashes: [new Uint8Array(257)] } }, 'webtransportCerthashes']
  ])('refuses %o', (init, name) => {
    expect(() => noise(init)).toThrow(
      expect.objectContaining({ name: 'InvalidParametersError', message: expect.stringContaining(name) })
    )
  })

  it.each(['secp256k1', 'ECDSA', 'RSA'] as const)('proves identities of type %s', async type => {
    const key = type === 'RSA' ? await generateKeyPair('RSA', 2048) : await generateKeyPair(type as 'secp256k1')
    const { outbound, inbound } = await secure(peer(key), peer(listenerKey))
    expect(inbound.remotePeer.equals(peerIdFromPrivateKey(key))).toBe(true)
    outbound.connection.abort(new Error('done'))
  })

  // Who was proved once is remembered by static key, identity key and signature.
  it('holds a remote that comes again to what the caller expects', async () => {
    const dialer = peer(dialerKey)
    const listener = peer(listenerKey)
    const { outbound } = await secure(dialer, listener)
    outbound.connection.abort(new Error('done'))
    const [near, far] = messageStreamPair()
    const results = await Promise.allSettled([
      dialer.encrypter.secureOutbound(near, { remotePeer: dialer.peerId }),
      listener.encrypter.secureInbound(far)
    ])
    expect(results[0]).toMatchObject({ status: 'rejected', reason: { name: 'UnexpectedPeerError' } })
    expect(results[1]).toMatchObject({ status: 'rejected' })
  })

  it('takes cryptography, a static key and certificate hashes from its user', async () => {
    const { privateKey } = pureJsCrypto.generateX25519KeyPair()
    const webtransportCerthashes = [Uint8Array.of(1, 2), Uint8Array.of(3)]
    const init = { crypto: pureJsCrypto, staticNoiseKey: privateKey, extensions: { webtransportCerthashes } }
    const { outbound, inbound } = await secure(peer(dialerKey, init), peer(listenerKey))
    expect(inbound.remoteExtensions).toMatchObject({ webtransportCerthashes })
    expect(outbound.remoteExtensions).toMatchObject({ webtransportCerthashes: [] })
    outbound.connection.send(new Uint8Array(100_000).fill(7))
    await outbound.connection.close()
    expect((await collect(inbound.connection)).byteLength).toBe(100_000)
  })

  it('asks for the same prologue on both sides', async () => {
    const same = { prologueBytes: Uint8Array.of(1) }
    const { outbound } = await secure(peer(dialerKey, same), peer(listenerKey, same))
    outbound.connection.abort(new Error('done'))
    const different = secure(peer(dialerKey, same), peer(listenerKey, { prologueBytes: Uint8Array.of(2) }))
    await expect(different).rejects.toMatchObject({ name: 'InvalidCryptoExchangeError' })
  })

  it('signs its static key once', async () => {
    let signatures = 0
    const privateKey = Object.assign(Object.create(dialerKey) as typeof dialerKey, {
      sign: (data: Uint8Array) => {
        signatures++
        return dialerKey.sign(data)
      }
    })
    const dialer = { encrypter: noise()({ privateKey }), peerId: peerIdFromPrivateKey(dialerKey) }
    for (let i = 0; i < 3; i++) await secure(dialer, peer(listenerKey))
    expect(signatures).toBe(1)
  })
})

describe('noise: early muxer negotiation', () => {
  const negotiate = async (dialer: string[], listener: string[], skip?: boolean) => {
    const [a, b] = messageStreamPair()
    const options = { skipStreamMuxerNegotiation: skip === true }
    const [outbound, inbound] = await Promise.all([
      peer(dialerKey, {}, muxers(...dialer)).encrypter.secureOutbound(a),
      peer(listenerKey, {}, muxers(...listener)).encrypter.secureInbound(b, options)
    ])
    a.abort(new Error('done'))
    return [outbound.streamMuxer?.protocol, inbound.streamMuxer?.protocol]
  }

  it.each([
    { dialer: ['/yamux', '/mplex'], listener: ['/mplex', '/yamux'], result: '/yamux' },
    { dialer: ['/spdy', '/mplex'], listener: ['/yamux', '/mplex'], result: '/mplex' },
    { dialer: [], listener: ['/yamux'], result: undefined },
    { dialer: ['/yamux'], listener: [], result: undefined }
  ])('$dialer with $listener: $result', async ({ dialer, listener, result }) => {
    expect(await negotiate(dialer, listener)).toEqual([result, result])
  })

  it('offers none when asked not to', async () => {
    expect(await negotiate(['/yamux'], ['/yamux'], true)).toEqual([undefined, undefined])
  })

  it('fails without one in common', async () => {
    await expect(negotiate(['/yamux'], ['/mplex'])).rejects.toMatchObject({ name: 'InvalidCryptoExchangeError' })
  })
})

describe('noise: a list of muxers that somebody cuts out on its way', () => {
  const side = (key: PrivateKey) => peer(key, {}, muxers('/yamux', '/mplex')).encrypter
  // Whoever is in between sees lengths alone: the list is sealed, with the identity before it.
  const cut = (message: Uint8Array): Uint8Array => {
    const length = message.byteLength - 2 - 20
    return Uint8Array.from([length >> 8, length & 255, ...message.subarray(2, 2 + length)])
  }

  it.each(['inbound', 'outbound'] as const)('closes the connection, %s', async direction => {
    const [dialer, near] = messageStreamPair()
    const [far, listener] = messageStreamPair()
    let messages = 0
    const relay = (from: MessageStream, to: MessageStream, strips: boolean): void => {
      from.addEventListener('message', ({ data }) => {
        const bytes = data.subarray()
        // The first message of the dialer is a key, and has no list.
        const isKey = bytes.byteLength === 34
        if (!isKey) messages++
        to.send(strips && !isKey ? cut(bytes) : bytes)
      })
      from.addEventListener('close', () => to.abort(new Error('the other side has gone')))
    }
    relay(near, far, direction === 'inbound')
    relay(far, near, direction === 'outbound')
    const results = await Promise.allSettled([
      side(dialerKey).secureOutbound(dialer),
      side(listenerKey).secureInbound(listener)
    ])
    const victim = results[direction === 'outbound' ? 0 : 1]
    expect(victim).toMatchObject({ status: 'rejected', reason: { name: 'InvalidCryptoExchangeError' } })
    expect([dialer.status, listener.status].includes('aborted')).toBe(true)
    expect(messages).toBeGreaterThan(0)
  })
})

describe('noise: hostile remotes', () => {
  const inbound = (bytes: Uint8Array, options = {}): [Promise<unknown>, MessageStream] => {
    const [near, far] = messageStreamPair()
    const handshake = peer(listenerKey).encrypter.secureInbound(near, options)
    far.send(bytes)
    return [handshake, far]
  }

  it('refuses an empty first message (noise-len0)', async () => {
    const [handshake, far] = inbound(Uint8Array.of(0, 0))
    const closed = ended(far)
    await expect(handshake).rejects.toMatchObject({ name: 'InvalidCryptoExchangeError' })
    expect((await closed).error).toBeDefined()
  })

  it('refuses an ephemeral key of zero (noise-zero-e)', async () => {
    const [handshake] = inbound(Uint8Array.from([0, 32, ...new Uint8Array(32)]))
    await expect(handshake).rejects.toMatchObject({ name: 'InvalidCryptoExchangeError' })
  })

  it('gives up on a remote that falls silent after its key (noise-e-then-silence)', async () => {
    const controller = new AbortController()
    const [handshake, far] = inbound(Uint8Array.from([0, 32, 9, ...new Uint8Array(31)]), { signal: controller.signal })
    const closed = ended(far)
    await settled()
    controller.abort(new Error('handshake timeout'))
    await expect(handshake).rejects.toThrow('handshake timeout')
    expect((await closed).error).toBeDefined()
  })

  it.each([
    ['a record that was changed', (bytes: Uint8Array) => bytes.with(10, bytes[10]! ^ 1), 'ERR_NOISE_TAG'],
    ['a record shorter than its tag', () => Uint8Array.of(0, 15, ...new Uint8Array(15)), 'ERR_NOISE_RECORD_LENGTH'],
    ['a record of nothing', () => Uint8Array.of(0, 0), 'ERR_NOISE_RECORD_LENGTH']
  ])('closes on %s, and reads nothing behind it', async (_what, change, code) => {
    const [near, far] = messageStreamPair()
    const tampered = tamper(far, change)
    const { outbound, inbound: received } = await secure(peer(dialerKey), peer(listenerKey), [near, tampered.stream])
    const closed = ended(received.connection)
    let bytes = 0
    received.connection.addEventListener('message', event => (bytes += event.data.byteLength))
    tampered.start()
    outbound.connection.send(new Uint8Array(20))
    outbound.connection.send(new Uint8Array(20))
    expect((await closed).error).toMatchObject({ name: 'NoiseError', code })
    expect(bytes).toBe(0)
  })

  it('is an error when the connection ends inside a record', async () => {
    const { inbound: received, below } = await secure(peer(dialerKey), peer(listenerKey))
    const closed = ended(received.connection)
    below[0].send(Uint8Array.of(0, 32, 1))
    await below[0].close()
    expect((await closed).error).toMatchObject({ name: 'TruncatedStreamError' })
  })
})

/** A stream whose next message can be changed before its reader gets it. */
function tamper(stream: MessageStream, change: (bytes: Uint8Array) => Uint8Array) {
  let armed = false
  const own = (stream as unknown as Record<symbol, { attach(sink: unknown): void }>)[Symbol.for('@weft/bytes')]!
  const attach = own.attach.bind(own)
  own.attach = sink => {
    const { onBytes, ...rest } = sink as { onBytes(chunk: Uint8Array): void }
    attach({
      ...rest,
      onBytes(chunk: Uint8Array) {
        const changed = armed ? change(chunk) : chunk
        armed = false
        onBytes(changed)
      }
    })
  }
  return {
    stream,
    start() {
      armed = true
    }
  }
}
