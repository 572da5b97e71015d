export {
  defaultMaxAddressAge,
  defaultMaxBytes,
  defaultMaxPeerAge,
  defaultMaxPeers,
  maxMetadataEntries,
  maxMetadataSize,
  maxTagLength,
  maxTags
} from './core/limits.ts'
export { type PeerStoreFacts, PeerStoreFullError } from './errors.ts'
export { type AddressFilter, type PeerStoreComponents, type PeerStoreInit, peerStoreOptions } from './init.ts'
export { peerStore, persistentPeerStore } from './peer-store.ts'
