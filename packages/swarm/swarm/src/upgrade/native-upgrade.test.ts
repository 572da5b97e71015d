import type { Connection, Libp2pEvents, StreamHandler } from '@libp2p/interface'
import { EventEmitter } from '@weft/events'
import { connectionScopeOf, streamScopeOf } from '@weft/interface-connection'
import { nativeUpgrade } from '@weft/interface-transport'
import { fakeNativePair, upgraderSuite, type UpgraderUnderTestInit } from '@weft/interface-transport/compliance'
import { multiaddr } from '@weft/multiaddr'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { ResourceManager } from '@weft/resources'
import { yamux } from '@weft/yamux'
import { describe, expect, it } from 'vitest'
import { DefaultConnectionManager } from '../connection-manager/connection-manager.ts'
import { defaultLogger } from '../logger.ts'
import { DefaultRegistrar } from '../registrar.ts'
import { agreementSymbol } from './agreement.ts'
import { DefaultUpgrader } from './upgrader.ts'

interface Setup extends UpgraderUnderTestInit {
  resourceManager?: ResourceManager
}

// A channel that is never reached: what a session secures itself is not secured again.
const unusedChannel = { protocol: '/unused', secureInbound: unused, secureOutbound: unused } as never

function unused(): never {
  throw new Error('the session is secure')
}

async function setup({ connectionGater = {}, ...init }: Setup = {}) {
  const components = {
    ...init,
    connectionGater,
    peerId: peerIdFromPrivateKey(await generateKeyPair('Ed25519')),
    events: new EventEmitter<Libp2pEvents>(),
    logger: defaultLogger(),
    peerStore: {
      merge: async () => {},
      patch: async () => {},
      get: async () => ({ protocols: [], tags: new Map(), addresses: [] })
    },
    peerRouting: {},
    transportManager: { dialTransportForMultiaddr: () => undefined, getAddrs: () => [] }
  } as never as ConstructorParameters<typeof DefaultUpgrader>[0]
  const registrar = new DefaultRegistrar(components as never)
  Object.assign(components, { registrar, connectionManager: new DefaultConnectionManager(components as never) })
  ;(components.connectionManager as DefaultConnectionManager).start()
  return {
    upgrader: new DefaultUpgrader(components, { connectionEncrypters: [unusedChannel], streamMuxers: [yamux()()] }),
    peerId: components.peerId,
    handle: (protocol: string, handler: StreamHandler) => registrar.handle(protocol, handler),
    onConnection: (listener: (connection: Connection) => void) =>
      components.events.addEventListener('connection:open', event => listener(event.detail))
  }
}

upgraderSuite({ describe, it, expect }, { setup })

describe('an upgrade of a session with streams of its own', () => {
  it('has accounts for the connection and its streams, and says what was agreed by the transport', async () => {
    const resourceManager = new ResourceManager()
    const [dialer, listener] = [await setup(), await setup({ resourceManager })]
    const [near, far] = fakeNativePair(multiaddr('/ip4/192.0.2.1/udp/4001/quic-v1'))
    const { signal } = new AbortController()
    // Opened before the upgrade has opened the account of the connection: the stream gets its own when it is given out.
    const early = await near.muxer.createStream()
    const accepted = new Promise<Connection>(resolve => listener.onConnection(resolve))
    await Promise.all([
      dialer.upgrader.upgradeOutbound(near, {
        ...nativeUpgrade({ muxer: near.muxer, remotePeer: listener.peerId }),
        signal
      }),
      listener.upgrader.upgradeInbound(far, {
        ...nativeUpgrade({ muxer: far.muxer, remotePeer: dialer.peerId }),
        signal
      })
    ])
    const connection = await accepted
    expect((connection as never as Record<symbol, unknown>)[agreementSymbol]).toEqual({
      encryption: 'transport',
      multiplexer: 'transport'
    })
    const late = await near.muxer.createStream()
    await new Promise(resolve => setTimeout(resolve, 10))
    const scopes = far.muxer.streams.map(stream => streamScopeOf(stream)?.kind)
    expect([connectionScopeOf(far)?.kind, scopes]).toEqual(['connection', ['stream', 'stream']])
    expect(resourceManager.system.usage()).toMatchObject({
      connectionsInbound: 1,
      streamsInbound: 2,
      fileDescriptors: 0
    })
    early.abort(new Error('done'))
    late.abort(new Error('done'))
    connection.abort(new Error('done'))
    expect(resourceManager.system.usage()).toMatchObject({ connectionsInbound: 0, streamsInbound: 0, memory: 0 })
  })
})
