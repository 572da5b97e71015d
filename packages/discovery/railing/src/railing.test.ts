import type { Connection, Libp2pEvents, Logger, PeerId, TypedEventTarget } from '@libp2p/interface'
import { EventEmitter } from '@weft/events'
import { peerDiscoverySymbol } from '@weft/interface-discovery'
import { discoverySuite } from '@weft/interface-discovery/compliance'
import { serviceCapabilities } from '@weft/interface-node'
import { MemoryDatastore } from '@weft/memory-datastore'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { Key } from 'interface-datastore'
import { describe, expect, it } from 'vitest'
import { bootstrap, railing, type RailingInit } from './index.ts'

const quick = { timeout: 1, minInterval: 1, maxInterval: 2 }

/** What follows a dial by promises alone is over. */
async function microtasks(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

async function somePeer(): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}

async function someAddress(port = 4001): Promise<string> {
  return `/ip4/127.0.0.1/tcp/${port}/p2p/${(await somePeer()).toString()}`
}

/** The parts of a node that a railing uses. `reachable` says which peers answer a dial. */
function node({ datastore = new MemoryDatastore(), reachable = (_peer: PeerId): boolean => false } = {}) {
  const events = new EventEmitter<Libp2pEvents>() as TypedEventTarget<Libp2pEvents> & EventEmitter<Libp2pEvents>
  const connected: PeerId[] = []
  const dialed: string[] = []
  const merged: Array<{ peer: string; data: unknown }> = []
  const log = Object.assign(() => {}, { error: () => {}, trace: () => {}, newScope: () => log }) as unknown as Logger
  const components = {
    datastore,
    events,
    logger: { forComponent: () => log },
    peerStore: {
      async merge(peer: PeerId, data: unknown) {
        merged.push({ peer: peer.toString(), data })
      }
    },
    connectionManager: {
      getConnections: (peer?: PeerId) => connected.filter(other => peer?.equals(other) ?? true) as unknown[],
      async openConnection(peer: PeerId) {
        dialed.push(peer.toString())
        events.dispatchEvent(new Event('dialed'))
        if (!reachable(peer)) throw new Error('unreachable')
        connected.push(peer)
        events.dispatchEvent(new Event('connection:open'))
        return {} as Connection
      }
    }
  }
  const lose = (): void => {
    connected.length = 0
    events.dispatchEvent(new Event('connection:close'))
  }
  /** Resolves when so many dials were made in all. */
  const dials = (count: number): Promise<void> =>
    new Promise(resolve => {
      const check = (): void => {
        if (dialed.length >= count) resolve()
      }
      events.addEventListener('dialed' as never, check)
      check()
    })
  const make = (init: RailingInit) => railing(init)(components as never)
  return { make, merged, lose, dials, datastore }
}

discoverySuite(
  { describe, it, expect },
  {
    setup: async () => node().make({ list: [await someAddress()], ...quick }),
    teardown: async () => {}
  }
)

describe('railing', () => {
  it('announces each peer once a round, with all its addresses and a tag, until it is connected', async () => {
    const peer = await somePeer()
    const list = [`/ip4/127.0.0.1/tcp/1/p2p/${peer.toString()}`, `/ip4/127.0.0.1/tcp/2/p2p/${peer.toString()}`]
    let up = false
    const { make, dials, merged } = node({ reachable: () => up })
    const discovery = make({ list, ...quick, tagName: 'mine', tagValue: 7, tagTTL: 1000 })
    const found: string[] = []
    discovery.addEventListener('peer', ({ detail }) => found.push(...detail.multiaddrs.map(String)))
    await discovery.start()
    await dials(3)
    await microtasks()
    expect(found.slice(0, 4)).toEqual([...list, ...list])
    expect(merged[0]).toMatchObject({ peer: peer.toString(), data: { tags: { mine: { value: 7, ttl: 1000 } } } })
    expect(discovery.peers).toMatchObject([{ id: peer, status: 'failed', error: { message: 'unreachable' } }])
    up = true
    await dials(4)
    await microtasks()
    expect(discovery.peers).toMatchObject([{ status: 'connected' }])
    await discovery.stop()
  })

  it('announces again when the last connection is lost', async () => {
    const { make, dials, lose } = node({ reachable: () => true })
    const discovery = make({ list: [await someAddress()], ...quick })
    await discovery.start()
    await dials(1)
    lose()
    await dials(2)
    await discovery.stop()
  })

  it('keeps a changed list over a restart, and forgets it when it is reset', async () => {
    const [first, second] = [await someAddress(1), await someAddress(2)]
    const { make, datastore } = node()
    const listed = (discovery: ReturnType<typeof make>) => discovery.peers.flatMap(peer => peer.multiaddrs.map(String))
    const discovery = make({ list: [first] })
    await discovery.add(second)
    await discovery.add(second)
    expect(listed(discovery)).toEqual([first, second])
    await discovery.remove(first)
    expect(listed(discovery)).toEqual([second])

    const restart = async (init: Partial<RailingInit> = {}) => {
      const again = node({ datastore }).make({ list: [first], ...init })
      await again.start()
      await again.stop()
      return listed(again)
    }
    expect(await restart()).toEqual([second])
    expect(await restart({ useStored: false })).toEqual([first])
    await discovery.reset()
    expect(await restart()).toEqual([first])
    datastore.put(new Key('/railing/list'), Uint8Array.of(0xff))
    expect(await restart()).toEqual([first])
  })

  it('takes a peer out with all its addresses', async () => {
    const peer = await somePeer()
    const other = await someAddress()
    const discovery = node().make({
      list: [`/ip4/127.0.0.1/tcp/1/p2p/${peer.toString()}`, `/ip4/127.0.0.1/tcp/2/p2p/${peer.toString()}`, other]
    })
    await discovery.remove(peer)
    expect(discovery.peers.flatMap(({ multiaddrs }) => multiaddrs.map(String))).toEqual([other])
  })

  it('refuses what is no list of peers, and names what is wrong', async () => {
    const wrong = (init: unknown, message: RegExp) =>
      expect(() => railing(init as RailingInit)({ logger: { forComponent: () => {} } } as never)).toThrow(
        expect.objectContaining({ name: 'InvalidParametersError', message: expect.stringMatching(message) })
      )
    const address = await someAddress()
    wrong({ list: [] }, /at least one/)
    wrong({}, /at least one/)
    wrong({ list: ['/ip4/127.0.0.1/tcp/1'] }, /does not end in \/p2p/)
    wrong({ list: [`${address}/p2p-circuit`] }, /does not end in \/p2p/)
    wrong({ list: ['example.org'] }, /no multiaddr/)
    wrong({ list: Array.from({ length: 1001 }, () => address) }, /at most 1000/)
    wrong({ list: [address], tagValue: 'high' }, /tagValue/)
    wrong({ list: [address], timeout: -1 }, /timeout/)
    await expect(
      node()
        .make({ list: [address] })
        .add('/ip4/1.2.3.4/tcp/1')
    ).rejects.toMatchObject({
      name: 'InvalidParametersError'
    })
  })

  it('is found as a discovery, under both names', async () => {
    const discovery = node().make({ list: [await someAddress()] })
    expect(discovery[peerDiscoverySymbol as never]).toBe(discovery)
    expect(discovery[serviceCapabilities as never]).toEqual(['@libp2p/peer-discovery'])
    expect(bootstrap).toBe(railing)
  })
})
