/** A kad service whose node is made of stand-ins: it has handlers and a datastore, and whom it dials is a test's to say. */
import type { Connection, Libp2pEvents, Logger, PeerId, Stream, Topology, TypedEventTarget } from '@libp2p/interface'
import { EventEmitter } from '@weft/events'
import { NotFoundError } from '@weft/errors'
import { ProtocolNode } from '@weft/interface-protocol/compliance'
import { MemoryDatastore } from '@weft/memory-datastore'
import { type Multiaddr, multiaddr } from '@weft/multiaddr'
import { peerIdFromMultihashBytes } from '@weft/peer-id'
import { fromHex } from '@weft/bytes'
import type { KadComponents } from '../src/components.ts'
import { kadRouting, type KadRouting, type KadRoutingInit, passthroughMapper } from '../src/index.ts'

const log = Object.assign(() => {}, { error: () => {}, trace: () => {}, newScope: () => log }) as unknown as Logger

/** The id that `{own}` stands for in the vectors of these tests. */
export const ownId = fromHex('0024080112206ef99eae018eb71147fff3f0375f91e44a7eeb6c96d1ac9edf4227683a750778')

/** A remote, as the handler sees it. */
export function connectionFrom(peer: PeerId, address: string = '/ip4/127.0.0.1/tcp/42319'): Connection {
  return { remotePeer: peer, remoteAddr: multiaddr(address), status: 'open' } as unknown as Connection
}

/** The components that a service is given, on a `ProtocolNode`. */
export function componentsOn(node: ProtocolNode, datastore = new MemoryDatastore()) {
  const events = new EventEmitter<Libp2pEvents>() as TypedEventTarget<Libp2pEvents> & EventEmitter<Libp2pEvents>
  const connections: Connection[] = []
  const known = new Map<string, Multiaddr[]>()
  const topologies: Topology[] = []
  const own: { addresses: Multiaddr[] } = { addresses: [multiaddr('/ip4/127.0.0.1/tcp/4001')] }
  const components: KadComponents = {
    peerId: peerIdFromMultihashBytes(ownId),
    registrar: {
      ...node.components.registrar,
      register: async (_protocol, topology) => {
        topologies.push(topology)
        return 'topology'
      },
      unregister: () => {}
    },
    connectionManager: {
      openStream: node.components.connectionManager.openStream as KadComponents['connectionManager']['openStream'],
      getConnections: peer => connections.filter(({ remotePeer }) => peer === undefined || remotePeer.equals(peer))
    },
    addressManager: { getAddresses: () => own.addresses },
    peerStore: {
      async get(peer) {
        const addresses = known.get(peer.toString())
        if (addresses === undefined) throw new NotFoundError('nobody')
        return { id: peer, addresses: addresses.map(address => ({ multiaddr: address, isCertified: false })) } as never
      },
      all: async () => []
    },
    events,
    datastore,
    logger: { forComponent: () => log } as unknown as KadComponents['logger']
  }
  return { components, connections, datastore, events, known, own, topologies }
}

/** A started service that answers. */
export async function loneNode(init: KadRoutingInit = {}) {
  const node = new ProtocolNode()
  const parts = componentsOn(node)
  const service = kadRouting({ clientMode: false, peerInfoMapper: passthroughMapper, ...init })(parts.components)
  // The registrar's methods belong to it.
  await service.start()
  return { node, service, ...parts }
}

/** Gives the service a stream, as if `connection` had opened it. */
export async function serve(node: ProtocolNode, service: KadRouting, stream: Stream, connection: Connection) {
  await node.serve(service.protocol, stream, connection)
}
