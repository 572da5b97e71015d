// Programs branch on the names of errors. Each that `@libp2p/interface` and js-libp2p's dialing, upgrading, registrar and
// streams document is provoked here as there, and has that name on the very object that the caller gets.
import * as contract from '@libp2p/interface'
import type { Connection, Stream } from '@libp2p/interface'
import { isDialError } from '@weft/errors'
import { memory } from '@weft/memory'
import { type Multiaddr, multiaddr } from '@weft/multiaddr'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { plaintext } from '@weft/plaintext'
import { mplex } from '@weft/multiplex'
import { spdy } from '@weft/spdy'
import { yamux } from '@weft/yamux'
import { describe, expect, it } from 'vitest'
import type { Components as NodeComponents } from '../src/index.ts'
import { makeNode } from './nodes.ts'

type Components = Parameters<ReturnType<typeof memory>>[0]
type Provoke = () => Promise<unknown>

const nobody = multiaddr('/memory/nobody')
const stranger = async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
const make = (options: object = {}) => makeNode(options as never)

const plain = { connectionEncrypters: [plaintext()] }
// A node of this package has them; the contract's type does not say so.
const componentsOf = (node: object) => (node as { components: NodeComponents }).components

/** Dials a node with these options from one with those. */
async function dialed(dialer: object = {}, listener: object = {}): Promise<Connection> {
  const [a, b] = [await make(dialer), await make(listener)]
  return a.dial(b.getMultiaddrs())
}

async function denied(hook: string): Promise<Connection> {
  return dialed({ connectionGater: { [hook]: async () => true } })
}

/** A dial to addresses that do what their names say. */
async function dialedTo(acts: Record<string, () => unknown>, options: object = {}): Promise<Connection> {
  const a = await make({
    ...options,
    transports: [
      (components: Components) =>
        Object.assign(memory()(components), {
          dial: async (address: Multiaddr, { signal }: { signal: AbortSignal }) => {
            const act = acts[address.getComponents()[0]!.value!]!
            if (act() === undefined) return new Promise((_, reject) => (signal.onabort = () => reject(signal.reason)))
            throw act()
          }
        })
    ]
  })
  return a.dial(Object.keys(acts).map(name => multiaddr(`/memory/${name}`)))
}
const silent = { silent: () => undefined }
const named = (name: string) => () => Object.assign(new Error('as asked'), { name })

async function stream(options: object = {}, handle: (stream: Stream) => void = () => {}): Promise<Stream> {
  const [a, b] = [await make(), await make()]
  await b.handle('/test/1', handle, { runOnLimitedConnection: true })
  return a.dialProtocol(b.getMultiaddrs(), '/test/1', options)
}

const limited = {
  transports: [
    (components: Components) => {
      const inner = memory()(components)
      const dial = inner.dial.bind(inner)
      return Object.assign(inner, {
        dial: (a: Multiaddr, o: object) => dial(a, { ...o, limits: { seconds: 60 } } as never)
      })
    }
  ]
}

const hanging = {
  transports: [
    (components: Components) => Object.assign(memory()(components), { dial: () => new Promise<Connection>(() => {}) })
  ]
}

const dns = {
  query: async () => {
    throw named('DNSQueryFailedError')()
  }
}

/** Of a dial: the error is one of a dial as well. */
const dials: Array<[string, string, Provoke]> = [
  ['NoValidAddressesError', 'no address', async () => (await make()).dial([])],
  ['NoValidAddressesError', 'no transport', async () => (await make()).dial(multiaddr('/ip4/127.0.0.1/tcp/1'))],
  ['NoValidAddressesError', 'a peer of which nothing is known', async () => (await make()).dial(await stranger())],
  ['DialDeniedError', 'the gater denies the peer', () => denied('denyDialPeer')],
  ['DialDeniedError', 'the gater denies its only address', () => denied('denyDialMultiaddr')],
  ['ConnectionInterceptedError', 'the gater denies it before the channel', () => denied('denyOutboundConnection')],
  [
    'ConnectionInterceptedError',
    'the gater denies it after the channel',
    () => denied('denyOutboundEncryptedConnection')
  ],
  ['ConnectionInterceptedError', 'the gater denies it after the muxer', () => denied('denyOutboundUpgradedConnection')],
  ['EncryptionFailedError', 'no channel in common', () => dialed({}, { connectionEncrypters: [plaintext()] })],
  [
    'EncryptionFailedError',
    'another peer than expected',
    async () => {
      const [a, b] = [await make(), await make()]
      return a.dial(
        multiaddr(`${b.getMultiaddrs()[0]!.toString().split('/p2p/')[0]}/p2p/${(await stranger()).toString()}`)
      )
    }
  ],
  [
    'MuxerUnavailableError',
    'no muxer in common',
    () => dialed({ ...plain, streamMuxers: [yamux(), mplex()] }, { ...plain, streamMuxers: [spdy()] })
  ],
  [
    'DNSQueryFailedError',
    'a name that cannot be looked up',
    async () => (await make({ dns })).dial(multiaddr('/dnsaddr/a.example'))
  ],
  ['ConnectionFailedError', 'nobody is there', async () => (await make()).dial(nobody)],
  [
    'TimeoutError',
    'one address takes too long',
    () => dialedTo(silent, { connectionManager: { addressDialTimeout: 5 } })
  ],
  ['TimeoutError', 'the dial takes too long', () => dialedTo(silent, { connectionManager: { dialTimeout: 5 } })],
  ['AbortError', 'each attempt was aborted', () => dialedTo({ a: named('AbortError'), b: named('AbortError') })],
  [
    'AggregateError',
    'several reasons',
    () => dialedTo({ a: named('ConnectionFailedError'), b: named('TimeoutError') })
  ],
  ['DialError', 'a reason without a name', () => dialedTo({ a: () => new Error('x') })],
  [
    'DialError',
    'too many dials',
    async () => {
      const a = await make({ connectionManager: { maxDialQueueLength: 1 }, ...hanging })
      a.dial(nobody).catch(() => {})
      return a.dial(multiaddr('/memory/other'))
    }
  ]
]

const others: Array<[string, string, Provoke]> = [
  [
    'NotStartedError',
    'a dial of a node that was stopped',
    async () => {
      const a = await make()
      await a.stop()
      return a.dial(nobody)
    }
  ],
  [
    'InvalidPeerIdError',
    'a dial to itself',
    async () => {
      const a = await make()
      return a.dial(a.peerId)
    }
  ],
  ['InvalidMultiaddrError', 'a target that is none', async () => (await make()).dial(5 as never)],
  [
    'InvalidParametersError',
    'addresses of two peers',
    async () => {
      const ids = [await stranger(), await stranger()]
      return (await make()).dial(ids.map((id, i) => multiaddr(`/memory/${i}/p2p/${id.toString()}`)))
    }
  ],
  ['AbortError', 'the signal of the caller', async () => (await make()).dial(nobody, { signal: AbortSignal.abort() })],
  ['UnhandledProtocolError', 'an unknown handler', async () => componentsOf(await make()).registrar.getHandler('/x')],
  [
    'DuplicateProtocolHandlerError',
    'a second handler',
    async () => {
      const a = await make()
      await a.handle('/x', () => {})
      return a.handle('/x', () => {})
    }
  ],
  ['InvalidParametersError', 'no topology', async () => (await make()).register('/x', undefined as never)],
  ['InvalidParametersError', 'no protocols', async () => (await make()).dialProtocol(await stranger(), [])],
  ['UnsupportedProtocolError', 'a protocol that the remote lacks', async () => (await dialed()).newStream('/x')],
  [
    'MuxerUnavailableError',
    'a stream without a muxer',
    async () => (await dialed({ streamMuxers: [] }, { streamMuxers: [] })).newStream('/x')
  ],
  ['LimitedConnectionError', 'a stream over a limited connection', async () => (await dialed(limited)).newStream('/x')],
  [
    'ConnectionClosedError',
    'a stream of a closed connection',
    async () => {
      const connection = await dialed()
      await connection.close()
      return connection.newStream('/x')
    }
  ],
  [
    'TooManyOutboundProtocolStreamsError',
    'one stream too many',
    async () => {
      const [a, b] = [await make(), await make()]
      await b.handle('/test/1', () => {})
      await a.dialProtocol(b.getMultiaddrs(), '/test/1', { maxOutboundStreams: 1 })
      return a.dialProtocol(b.peerId, '/test/1', { maxOutboundStreams: 1 })
    }
  ],
  [
    'StreamStateError',
    'send() after close()',
    async () => {
      const open = await stream()
      await open.close()
      open.send(Uint8Array.of(1))
    }
  ],
  [
    'StreamResetError',
    'the remote resets',
    async () => {
      const open = await stream({}, remote => remote.abort(new Error('no')))
      for await (const chunk of open) expect(chunk).toBeUndefined()
    }
  ],
  [
    'StreamAbortedError',
    'this side resets',
    async () => {
      const open = await stream()
      open.abort(Object.assign(new Error('own'), { name: 'StreamAbortedError' }))
      for await (const chunk of open) expect(chunk).toBeUndefined()
    }
  ],
  ['NotFoundError', 'an unknown peer of the store', async () => (await make()).peerStore.get(await stranger())],
  [
    'UnsupportedListenAddressesError',
    'a listen address of no transport',
    () => make({ addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] } })
  ],
  [
    'TransportUnavailableError',
    'a transport that is not there',
    async () => componentsOf(await make()).transportManager.dial(multiaddr('/ip4/127.0.0.1/tcp/1'))
  ],
  ['NoPeerRoutersError', 'no peer router', async () => (await make()).peerRouting.findPeer(await stranger())],
  ['NoContentRoutersError', 'no content router', async () => (await make()).contentRouting.provide({} as never)]
]

/** Names of the contract that other packages' tests provoke, each in its place. */
const elsewhere = new Set([
  // keys and ids: @weft/peer-id, @weft/multihash
  ...['InvalidCIDError', 'InvalidMultihashError', 'InvalidPrivateKeyError', 'InvalidPublicKeyError'],
  'UnsupportedKeyTypeError',
  // channels, whose error a dial wraps as js-libp2p does: @weft/noise, @weft/tls
  ...['InvalidCryptoExchangeError', 'UnexpectedPeerError'],
  // streams and muxers that a remote ends or floods: @weft/interface-connection, @weft/interface-stream-muxer
  ...['InvalidMessageError', 'MuxerClosedError', 'ProtocolError', 'StreamBufferError'],
  // the remote's side of a limit, which this side sees as a reset: @weft/swarm
  'TooManyInboundProtocolStreamsError',
  // listeners: @weft/tcp
  ...['AlreadyStartedError', 'ListenError'],
  // nothing here is unsupported, closing or not implemented
  ...['ConnectionClosingError', 'NotImplementedError', 'UnsupportedOperationError']
])

async function errorOf(provoke: Provoke): Promise<Error> {
  try {
    await provoke()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

describe('a dial rejects with', () => {
  it.each(dials)('%s: %s', async (name, _what, provoke) => {
    const error = await errorOf(provoke)
    expect(error.name).toBe(name)
    expect(isDialError(error)).toBe(true)
    expect(error).toMatchObject({ attempts: expect.any(Array), skipped: expect.any(Array), errors: expect.any(Array) })
    expect(error instanceof AggregateError).toBe(name === 'AggregateError')
  })
})

describe('others reject with', () => {
  it.each(others)('%s: %s', async (name, _what, provoke) => {
    const error = await errorOf(provoke)
    expect(error.name).toBe(name)
    expect(isDialError(error)).toBe(false)
  })
})

it('every name of the contract is in these tables, or in the list of those that stand elsewhere', () => {
  const names = Object.keys(contract).filter(name => /^[A-Z].*Error$/.test(name))
  expect(names.length).toBeGreaterThan(30)
  const here = new Set([...dials, ...others].map(([name]) => name))
  expect(names.filter(name => !here.has(name) && !elsewhere.has(name))).toEqual([])
})
