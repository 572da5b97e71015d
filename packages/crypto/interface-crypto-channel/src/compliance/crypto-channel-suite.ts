import type { ConnectionEncrypter, MessageStream, PeerId, SecuredConnection } from '@libp2p/interface'
import { openPipe } from '@weft/interface-connection'
import {
  collect,
  ended,
  eventsOnly,
  messageStreamPair,
  messageStreamSuite,
  type PairOptions,
  settled,
  type TestRunner
} from '@weft/interface-connection/compliance'

/** One side of a channel. */
export interface ChannelPeer {
  /** The channel under test, made with the identity of this side. */
  readonly encrypter: ConnectionEncrypter
  /** The id that the other side must come to know. */
  readonly peerId: PeerId
}

/** Makes the channels of two peers with different identities. */
export interface CryptoChannelSetup {
  /** Called at the beginning of each test, which uses each channel once or more. */
  readonly setup: () => Promise<{ dialer: ChannelPeer; listener: ChannelPeer }>
}

/** Both ends of a secured connection, and the connection below. */
export interface SecuredPair {
  /** What `secureOutbound` of the dialer gave. */
  readonly outbound: SecuredConnection
  /** What `secureInbound` of the listener gave. */
  readonly inbound: SecuredConnection
  /** The connection that carries them: the dialer's end, then the listener's. */
  readonly below: [MessageStream, MessageStream]
}

/** Runs both sides of a handshake over a connection in this process. */
export async function secure(
  dialer: ChannelPeer,
  listener: ChannelPeer,
  below: [MessageStream, MessageStream] = messageStreamPair()
): Promise<SecuredPair> {
  const [outbound, inbound] = await Promise.all([
    dialer.encrypter.secureOutbound(below[0], { remotePeer: listener.peerId }),
    listener.encrypter.secureInbound(below[1])
  ])
  return { outbound, inbound, below }
}

/** What every crypto channel of weft does, over weft's byte path and over the contract's events. */
export function cryptoChannelSuite(runner: TestRunner, setup: CryptoChannelSetup): void {
  runner.describe('crypto channel', () => {
    channelTests(runner, setup, messageStreamPair)
  })
  runner.describe('crypto channel over events', () => {
    channelTests(runner, setup, options => {
      const [a, b] = messageStreamPair(options)
      return [eventsOnly(a), eventsOnly(b)]
    })
  })
}

type MakePair = (options?: PairOptions) => [MessageStream, MessageStream]

function channelTests(runner: TestRunner, { setup }: CryptoChannelSetup, pair: MakePair): void {
  const { it, expect } = runner
  const start = async (options?: PairOptions): Promise<SecuredPair> => {
    const { dialer, listener } = await setup()
    return secure(dialer, listener, pair(options))
  }

  messageStreamSuite(runner, {
    setup: async () => {
      const { outbound, inbound } = await start()
      return [outbound.connection, inbound.connection]
    }
  })

  it('proves both identities', async () => {
    const { dialer, listener } = await setup()
    const { outbound, inbound } = await secure(dialer, listener, pair())
    expect(outbound.remotePeer.toString()).toBe(listener.peerId.toString())
    expect(inbound.remotePeer.toString()).toBe(dialer.peerId.toString())
    expect(outbound.connection.direction).toBe('outbound')
    expect(inbound.connection.direction).toBe('inbound')
  })

  it('refuses another peer than the one that is dialed', async () => {
    const { dialer, listener } = await setup()
    const [a, b] = pair()
    const broken = ended(a)
    const inbound = listener.encrypter.secureInbound(b).catch((error: Error) => error)
    const outbound = dialer.encrypter.secureOutbound(a, { remotePeer: dialer.peerId })
    await expect(outbound).rejects.toMatchObject({ name: 'UnexpectedPeerError' })
    expect((await broken).error?.name).toBe('UnexpectedPeerError')
    await inbound
  })

  it('refuses another peer than the one that is expected to dial', async () => {
    const { dialer, listener } = await setup()
    const [a, b] = pair()
    const outbound = dialer.encrypter.secureOutbound(a).catch((error: Error) => error)
    const inbound = listener.encrypter.secureInbound(b, { remotePeer: listener.peerId })
    await expect(inbound).rejects.toMatchObject({ name: 'UnexpectedPeerError' })
    await outbound
  })

  it('gives up with its signal while the remote is silent', async () => {
    const { dialer } = await setup()
    const [a, b] = pair()
    const reason = new Error('too slow')
    const controller = new AbortController()
    const broken = ended(b)
    const outbound = dialer.encrypter.secureOutbound(a, { signal: controller.signal })
    await settled()
    controller.abort(reason)
    await expect(outbound).rejects.toMatchObject({ message: 'too slow' })
    expect((await broken).error !== undefined).toBe(true)
  })

  it('ends with an error when the connection ends during the handshake', async () => {
    const { dialer } = await setup()
    const [a, b] = pair()
    const outbound = dialer.encrypter.secureOutbound(a)
    await b.close()
    await expect(outbound).rejects.toMatchObject({ name: 'InvalidCryptoExchangeError' })
  })

  it('refuses a handshake of noise', async () => {
    const { listener } = await setup()
    const [a, b] = pair()
    const inbound = listener.encrypter.secureInbound(b)
    a.send(new Uint8Array(200).fill(0x5a))
    await a.close()
    await expect(inbound).rejects.toMatchObject({ name: 'InvalidCryptoExchangeError' })
  })

  for (const maxChunk of [1, 1000, Number.POSITIVE_INFINITY]) {
    it(`handshakes over chunks of ${maxChunk}`, async () => {
      const { outbound, inbound } = await start({ maxChunk })
      outbound.connection.send(Uint8Array.of(1, 2, 3))
      await outbound.connection.close()
      expect([...(await collect(inbound.connection))]).toEqual([1, 2, 3])
      await inbound.connection.close()
    })
  }

  it('carries many bytes both ways in writes of all sizes', async () => {
    const { outbound, inbound } = await start({ maxChunk: 50_000 })
    await Promise.all([
      exchange(runner, outbound.connection, inbound.connection),
      exchange(runner, inbound.connection, outbound.connection)
    ])
  })

  it('keeps order when the reader pauses and resumes inside its call', async () => {
    const { outbound, inbound } = await start({ maxChunk: 100 })
    const pipe = openPipe(inbound.connection)
    let received = 0
    let inOrder = true
    pipe.attach({
      onBytes(chunk) {
        for (const byte of chunk) inOrder &&= byte === received++ % 251
        pipe.pause()
        pipe.resume()
      },
      onDrain() {},
      onEnd() {},
      onClose() {}
    })
    const ending = ended(inbound.connection)
    const bytes = new Uint8Array(5000).map((_, i) => i % 251)
    for (let at = 0; at < bytes.byteLength; at += 70) outbound.connection.send(bytes.subarray(at, at + 70))
    await outbound.connection.close()
    await inbound.connection.close()
    expect((await ending).error).toBe(undefined)
    expect(received).toBe(5000)
    expect(inOrder).toBe(true)
  })

  it('breaks when the connection below is broken off', async () => {
    const { outbound, inbound, below } = await start()
    const closed = Promise.all([ended(outbound.connection), ended(inbound.connection)])
    below[0].abort(new Error('cable'))
    for (const event of await closed) expect(event.error !== undefined).toBe(true)
    expect(inbound.connection.status).toBe('reset')
  })
}

async function exchange({ expect }: TestRunner, from: MessageStream, to: MessageStream): Promise<void> {
  const received = collect(to)
  const sizes = [1, 100, 65_519, 65_520, 200_000, 3, 500_000]
  const all = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0)).map((_, i) => i * 7 + (i >> 9))
  let at = 0
  for (const size of sizes) {
    const more = from.send(all.subarray(at, at + size))
    at += size
    if (!more) await from.onDrain()
  }
  await from.close()
  const bytes = await received
  expect(bytes.byteLength).toBe(all.byteLength)
  expect(bytes.every((byte, i) => byte === all[i])).toBe(true)
}
