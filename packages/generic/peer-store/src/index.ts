export {
  defaultMaxAddressAge,
  defaultMaxPeerAge,
  defaultMaxPeers,
  maxMetadataEntries,
  maxMetadataSize,
  maxTagLength,
  maxTags
} from './core/limits.ts'
export type { AddressFilter, PeerStoreComponents, PeerStoreInit } from './init.ts'
export { peerStore, persistentPeerStore } from './peer-store.ts'
