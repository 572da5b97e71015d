import type { PeerId } from '@libp2p/interface'
import { fromUtf8 } from '@weft/bytes'
import type { EmptyLookupError, KadExtension, KadMessage, KadRouting, QueryEvent } from '@weft/kad-routing'
import { EventTypes, kadRequest, messageTypes, removePrivateAddressesMapper } from '@weft/kad-routing'
import { peerRoutingSymbol, tableFillOf } from '@weft/interface-peer-routing'
import { peerRoutingSuite } from '@weft/interface-peer-routing/compliance'
import { sha256 } from '@weft/multihash'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { filled, join, kadNetwork, type KadNode } from './kad-network.ts'

const cidOf = (text: string): CID => CID.createV1(0x55, sha256.digest(fromUtf8(text)))
const someId = async (): Promise<PeerId> => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))

async function using(size: number, use: (nodes: KadNode[]) => Promise<void>, init?: Parameters<typeof kadNetwork>[1]) {
  const { nodes, stop } = await kadNetwork(size, init)
  try {
    await use(nodes)
  } finally {
    await stop()
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 1))
}

describe('a network of nodes', () => {
  let stop = async (): Promise<void> => {}
  peerRoutingSuite(
    { describe, it, expect },
    {
      maxClosestPeers: 20,
      async setup() {
        const network = await kadNetwork(6)
        stop = network.stop
        await join(network.nodes)
        const [, first, , , last] = network.nodes
        return { router: first!.peerRouting, known: last!.peerId, unknown: await someId() }
      },
      teardown: () => stop()
    }
  )

  it('finds who provides a content, and ends at the asked count', () =>
    using(10, async nodes => {
      await join(nodes)
      const cid = cidOf('content')
      expect(await all(nodes[9]!.contentRouting.findProviders(cid))).toEqual([])
      for (const node of nodes.slice(2, 5)) await node.contentRouting.provide(cid)
      const found = await all(nodes[9]!.contentRouting.findProviders(cid))
      const expected = nodes.slice(2, 5).map(({ peerId }) => peerId.toString())
      expect(found.map(({ id }) => id.toString()).toSorted()).toEqual(expected.toSorted())
      for (const { multiaddrs } of found) expect(multiaddrs.length).toBeGreaterThan(0)
      const events = await all(nodes[8]!.services.dht.findProviders(cid, { count: 1, steps: false }))
      expect(events.flatMap(event => (event.name === 'PROVIDER' ? event.providers : [])).length).toBe(1)
    }))

  it('tells each step in the form of js-libp2p, and to onProgress', () =>
    using(5, async nodes => {
      await join(nodes)
      const progress: string[] = []
      const options = { onProgress: ({ type }: { type: string }) => void progress.push(type) }
      const key = nodes[3]!.peerId.toMultihash().bytes
      const events = await all<QueryEvent>(nodes[1]!.services.dht.getClosestPeers(key, options))
      const names = new Set(events.map(({ name }) => name))
      expect(names).toEqual(new Set(['SEND_QUERY', 'PEER_RESPONSE', 'FINAL_PEER']))
      const response = events.find(event => event.name === 'PEER_RESPONSE')
      expect(response).toMatchObject({ type: EventTypes.PEER_RESPONSE, messageName: 'FIND_NODE', providers: [] })
      expect(new Set(progress)).toEqual(
        new Set(events.map(({ name }) => `kad-dht:query:${name.toLowerCase().replace('_', '-')}`))
      )
    }))

  it('has a trace with the reason of every hop', () =>
    using(8, async nodes => {
      await join(nodes)
      const key = nodes[3]!.peerId.toMultihash().bytes
      const request = kadRequest(messageTypes.FIND_NODE, key)
      const result = await nodes[1]!.services.dht.lookup(key, { request })
      expect([result.end, result.closest.length, result.asked]).toEqual(['converged', 7, 7])
      const router = nodes[1]!.services.dht[peerRoutingSymbol as never] as object
      expect(tableFillOf(router)).toMatchObject({ peers: 7 })
      for (const hop of result.trace()) expect(hop).toMatchObject({ why: 'table', outcome: 'answered', depth: 0 })
    }))

  it('asks many times over one stream to a peer', () =>
    using(2, async nodes => {
      await join(nodes)
      const [first, second] = nodes as [KadNode, KadNode]
      const { protocol } = second.services.dht
      let opened = 0
      for (const connection of second.getConnections()) {
        const { newStream } = connection
        connection.newStream = (protocols, options) => {
          if (protocols === protocol) opened++
          return newStream.call(connection, protocols, options)
        }
      }
      for (let i = 0; i < 20; i++) {
        await all(second.services.dht.getClosestPeers(Uint8Array.of(i), { steps: false }))
      }
      expect(opened).toBeLessThanOrEqual(1)
      const streams = first.getConnections(second.peerId).flatMap(connection => connection.streams)
      expect(streams.filter(stream => stream.protocol === protocol && stream.direction === 'inbound').length).toBe(1)
    }))
})

describe('mode', () => {
  it('of a client is in no table, and a switch is told to those who are connected', () =>
    using(
      3,
      async nodes => {
        const [server, other, client] = nodes as [KadNode, KadNode, KadNode]
        await client.dial(server.getMultiaddrs())
        await other.dial(server.getMultiaddrs())
        await filled([client, other, server], 1)
        expect(server.services.dht.routingTable.size).toBe(1)
        expect((await client.peerRouting.findPeer(other.peerId)).id.equals(other.peerId)).toBe(true)
        await client.services.dht.setMode('server')
        await filled([server], 2)
        await client.services.dht.setMode('client')
        await until(() => server.services.dht.routingTable.size === 1)
        expect(client.services.dht.getMode()).toBe('client')
      },
      index => ({ clientMode: index === 2 })
    ))
})

describe('why nothing was found', () => {
  const failure = async (node: KadNode): Promise<EmptyLookupError> => {
    try {
      await all(node.services.dht.getClosestPeers(Uint8Array.of(1)))
    } catch (error) {
      return error as EmptyLookupError
    }
    throw new Error('somebody was found')
  }

  it('is that the table is empty, and that the node is a client', () =>
    using(1, async ([node]) => {
      expect(await failure(node!)).toMatchObject({ name: 'EmptyLookupError', code: 'ERR_TABLE_EMPTY', mode: 'server' })
      await node!.services.dht.setMode('client')
      const { message } = await failure(node!)
      expect(message).toMatch(
        'the table is empty: no peer is known that serves /ipfs/kad/1.0.0; this node is in client mode'
      )
      await expect(node!.contentRouting.provide(cidOf('x'))).rejects.toMatchObject({ name: 'ProvideError' })
      await expect(all(node!.services.dht.findPeer(await someId()))).rejects.toMatchObject({
        name: 'NotFoundError',
        cause: { code: 'ERR_TABLE_EMPTY' }
      })
    }))

  it('is that peers have only private addresses', () =>
    using(
      2,
      async nodes => {
        const [first, second] = nodes as [KadNode, KadNode]
        await first.dial(second.getMultiaddrs())
        let error = await failure(first)
        while (error.code !== 'ERR_ONLY_PRIVATE_ADDRESSES') {
          await new Promise(resolve => setTimeout(resolve, 1))
          error = await failure(first)
        }
        expect(error.message).toMatch('1 connected peers have only private addresses')
        const cid = cidOf('x')
        await expect(first.contentRouting.provide(cid)).rejects.toThrow('no address of a kind that this DHT tells')
      },
      () => ({ peerInfoMapper: removePrivateAddressesMapper })
    ))

  it('is that nobody answers: dead peers are forgotten, and the next lookup does not wait for them', () =>
    using(3, async nodes => {
      await join(nodes)
      const [first, second, third] = nodes as [KadNode, KadNode, KadNode]
      await Promise.all([second.stop(), third.stop()])
      expect(await failure(first)).toMatchObject({ code: 'ERR_NOBODY_ANSWERED' })
      expect(first.services.dht.routingTable.size).toBe(0)
      expect(await failure(first)).toMatchObject({ code: 'ERR_TABLE_EMPTY' })
    }))
})

describe('an extension', () => {
  /** Values without any rule: what a store of records does with validators. */
  function values(dht: KadRouting): { extension: KadExtension; held: Map<string, Uint8Array>; expired: number[] } {
    const held = new Map<string, Uint8Array>()
    const expired: number[] = []
    const { PUT_VALUE, GET_VALUE } = messageTypes
    const extension: KadExtension = {
      types: [PUT_VALUE, GET_VALUE],
      handle(request, { closerPeers }) {
        const name = String(request.key)
        if (request.type === GET_VALUE) {
          return { ...request, record: held.get(name), closerPeers: closerPeers(request.key!) }
        }
        held.set(name, request.record!)
        return request
      },
      expiry: now => void expired.push(now),
      values: {
        async put(key, record) {
          const { closest } = await dht.lookup(key, { request: kadRequest(messageTypes.FIND_NODE, key) })
          const message: KadMessage = { ...kadRequest(PUT_VALUE, key), record }
          await Promise.all(closest.map(contact => dht.request(contact, message)))
        },
        async get(key) {
          let found: Uint8Array | undefined
          const onAnswer = ({ record }: KadMessage): boolean => (found ??= record) !== undefined
          await dht.lookup(key, { request: kadRequest(GET_VALUE, key), onAnswer })
          return found!
        }
      }
    }
    return { extension, held, expired }
  }

  it('answers types of its own, and gives content routing values; without it there are none', () =>
    using(4, async nodes => {
      await join(nodes)
      const key = fromUtf8('/any/key')
      const [first, , , last] = nodes as [KadNode, KadNode, KadNode, KadNode]
      await expect(first.contentRouting.put(key, key)).rejects.toMatchObject({ name: 'NoContentRoutersError' })
      const request = kadRequest(messageTypes.GET_VALUE, key)
      expect(await first.services.dht.lookup(key, { request })).toMatchObject({ end: 'nobody answered', asked: 3 })
      const added = nodes.map(({ services: { dht } }) => dht.extend(values(dht).extension))
      await first.contentRouting.put(key, fromUtf8('value'))
      expect(new TextDecoder().decode(await last.contentRouting.get(key))).toBe('value')
      expect(() => first.services.dht.extend(values(first.services.dht).extension)).toThrow('answered already')
      for (const remove of added) remove()
      await expect(first.contentRouting.get(key)).rejects.toMatchObject({ name: 'NoContentRoutersError' })
    }))
})
