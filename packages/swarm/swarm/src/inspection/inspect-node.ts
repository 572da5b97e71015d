/** What a node of weft's tells of itself, from its components. */
import type { AbortOptions, Libp2pStatus, Peer, PeerId } from '@libp2p/interface'
import {
  type ConnectionView,
  type IdentityView,
  inspectSymbol,
  isInspectable,
  type NodeInspection,
  type PeerView
} from '@weft/interface-inspection'
import type { Components, ConnectionManager } from '@weft/interface-node'
import type { DialRecord } from '@weft/dialer'
import { admissionOfManager } from '../admission/admission.ts'
import { connectionView, dialView, errorView, ownAddressView, peerView, streamView } from './views.ts'
import { limitRows } from './limit-rows.ts'
import { watchEvents } from './watch.ts'

/** What the node itself knows, and its components do not. */
export interface InspectedNode {
  /** Whether it runs. */
  readonly status: () => Libp2pStatus
  /** When it was started last, ms since 1970; undefined while it is stopped. */
  readonly startedAt: () => number | undefined
  /** Its services, by their names. */
  readonly services: Readonly<Record<string, unknown>>
}

/** The inspection of the node that these components make. */
export function inspectNode(components: Components, node: InspectedNode): NodeInspection {
  return {
    identity() {
      const startedAt = node.startedAt()
      const view: IdentityView = {
        peer: components.peerId.toString(),
        agent: components.nodeInfo.userAgent,
        status: node.status(),
        protocols: components.registrar.getProtocols()
      }
      return startedAt === undefined ? view : { ...view, uptime: Math.max(0, Date.now() - startedAt) }
    },

    addresses: () => components.addressManager.getAddressesWithMetadata().map(ownAddressView),

    async *peers(options): AsyncGenerator<PeerView> {
      for (const peer of await components.peerStore.all(options)) {
        yield peerView(peer, components.connectionManager.getConnections(peer.id).length)
      }
    },

    async *connections(options): AsyncGenerator<ConnectionView> {
      for (const connection of components.connectionManager.getConnections()) {
        options?.signal?.throwIfAborted()
        yield connectionView(connection, await knownPeer(components, connection.remotePeer, options), Date.now())
      }
    },

    streams(connection) {
      const now = Date.now()
      return components.connectionManager
        .getConnections()
        .filter(({ id }) => connection === undefined || id === connection)
        .flatMap(owner => owner.streams.map(stream => streamView(stream, owner, now)))
    },

    dials() {
      // A connection manager of another implementation keeps no records.
      const connectionManager: ConnectionManager & { getDialRecords?(): DialRecord[] } = components.connectionManager
      const records = new Map(connectionManager.getDialRecords?.().map(record => [record.id, record]))
      return connectionManager.getDialQueue().map(dial => dialView(dial, records.get(dial.id)))
    },

    limits() {
      const { resourceManager, connectionManager } = components
      return resourceManager === undefined
        ? []
        : limitRows(resourceManager, true, admissionOfManager(connectionManager))
    },

    async sections(options) {
      const sections: Record<string, unknown> = {}
      for (const [name, service] of Object.entries(node.services)) {
        if (!isInspectable(service)) continue
        options?.signal?.throwIfAborted()
        try {
          sections[name] = await service[inspectSymbol](options)
        } catch (error) {
          sections[name] = { error: errorView(error) }
        }
      }
      return sections
    },

    watch: (options = {}) => watchEvents(components.events, options)
  }
}

async function knownPeer({ peerStore }: Components, peer: PeerId, options?: AbortOptions): Promise<Peer | undefined> {
  try {
    return await peerStore.get(peer, options)
  } catch (error) {
    if ((error as Error).name === 'NotFoundError') return undefined
    throw error
  }
}
