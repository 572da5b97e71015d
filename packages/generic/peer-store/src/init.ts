import type { AbortOptions, ComponentLogger, Libp2pEvents, PeerId, TypedEventTarget } from '@libp2p/interface'
import { amount, callback, checkOptions, type OptionTable } from '@weft/errors'
import type { Multiaddr } from '@weft/multiaddr'
import type { Datastore } from 'interface-datastore'
import type { Account } from './core/eviction.ts'
import { defaultMaxAddressAge, defaultMaxBytes, defaultMaxPeerAge, defaultMaxPeers } from './core/limits.ts'

/** Whether an address of a peer may be stored. */
export type AddressFilter = (peerId: PeerId, multiaddr: Multiaddr, options?: AbortOptions) => Promise<boolean> | boolean

/** What a peer store keeps, and for how long. */
export interface PeerStoreInit {
  /** Asked for each address before it is stored. Default: all are. */
  addressFilter?: AddressFilter
  /**
   * Milliseconds after which an address that was not heard of again is forgotten; `Infinity` keeps it. Default one hour.
   */
  maxAddressAge?: number
  /**
   * Milliseconds without an update after which a peer without addresses is forgotten; `Infinity` keeps it. Default six
   * hours.
   */
  maxPeerAge?: number
  /**
   * Peers in the store. At the bound the one that was not updated for longest goes, of those without a tag and a
   * connection. Without it, whoever makes up peer ids fills the memory. Default 50,000.
   */
  maxPeers?: number
  /**
   * Bytes of all peers, as they are kept: in memory with what holds them, in a datastore encoded. At the bound those that
   * were not updated for longest go, of those without a tag and a connection; where all others have one, the update is
   * refused with `PeerStoreFullError`. Without it, whoever tells much of many peers fills the memory. Default 67,108,864
   * (64 MiB).
   */
  maxBytes?: number
}

/** What a peer store needs of its node. */
export interface PeerStoreComponents {
  /** This node. It is never deleted, does not expire, and is not listed by `all` and `forEach`. */
  peerId: PeerId
  /**
   * Where `peer:update` and `self:peer:update` are dispatched, and whose `peer:connect` and `peer:disconnect` say which
   * peers are connected.
   */
  events: TypedEventTarget<Libp2pEvents>
  /** Where peers are kept. Default: in memory. */
  datastore?: Datastore
  /** Told of stored peers that cannot be read. */
  logger?: ComponentLogger
  /** The accounts of the node: what is kept in memory is charged to the service `peerStore`. Default: to nobody. */
  resourceManager?: { enterService(name: string): Account }
}

/** What the options of a peer store may be. */
export const peerStoreOptions: OptionTable<PeerStoreInit> = {
  addressFilter: callback,
  maxAddressAge: amount(),
  maxPeerAge: amount(),
  maxPeers: amount(1),
  maxBytes: amount()
}

/** The init with its defaults. Throws `InvalidParametersError` for what an option cannot be. */
export function withDefaults(init: PeerStoreInit): Required<Omit<PeerStoreInit, 'addressFilter'>> {
  checkOptions('peerStore', peerStoreOptions, init)
  const { maxAddressAge = defaultMaxAddressAge, maxPeerAge = defaultMaxPeerAge } = init
  const { maxPeers = defaultMaxPeers, maxBytes = defaultMaxBytes } = init
  return { maxAddressAge, maxPeerAge, maxPeers, maxBytes }
}
