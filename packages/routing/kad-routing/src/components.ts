import type {
  ComponentLogger,
  Libp2pEvents,
  PeerId,
  PeerStore,
  StreamHandler,
  Topology,
  TypedEventTarget
} from '@libp2p/interface'
import type { AddressManager, ConnectionManager, HandlerOptions } from '@weft/interface-node'
import type { Datastore } from 'interface-datastore'

/** What kad-routing needs of a node: weft's or js-libp2p's. */
export interface KadComponents {
  /** This node. */
  peerId: PeerId
  /** Where addresses and protocols of peers are. */
  peerStore: Pick<PeerStore, 'get' | 'all'>
  /** Handles the protocol, and tells of peers that speak it. */
  registrar: {
    handle(protocol: string, handler: StreamHandler, options?: HandlerOptions): Promise<void>
    unhandle(protocol: string): Promise<void>
    register(protocol: string, topology: Topology): Promise<string>
    unregister(id: string): void
  }
  /** Opens streams. */
  connectionManager: Pick<ConnectionManager, 'getConnections' | 'openStream'>
  /** Own addresses, and the rule of those that others tell. */
  addressManager: Pick<AddressManager, 'getAddresses'>
  /** Tell when own addresses change. */
  events: TypedEventTarget<Libp2pEvents>
  /** Where provider records are kept. */
  datastore: Datastore
  /** Makes its logger. */
  logger: ComponentLogger
}
