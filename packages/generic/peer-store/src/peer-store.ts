import type { PeerStore } from '@libp2p/interface'
import { DatastorePeerStore } from './datastore-peer-store.ts'
import type { PeerStoreComponents, PeerStoreInit } from './init.ts'
import { MemoryPeerStore } from './memory-peer-store.ts'

/**
 * A peer store, as a component of a node: in the node's datastore if it has one, otherwise in memory. Throws
 * `InvalidParametersError` for an option that cannot be.
 */
export function peerStore(init: PeerStoreInit = {}): (components: PeerStoreComponents) => PeerStore {
  return components => persistentPeerStore(components, init)
}

/** The same in js-libp2p's form. */
export function persistentPeerStore(components: PeerStoreComponents, init: PeerStoreInit = {}): PeerStore {
  return components.datastore === undefined
    ? new MemoryPeerStore(components, init)
    : new DatastorePeerStore(components, components.datastore, init)
}
