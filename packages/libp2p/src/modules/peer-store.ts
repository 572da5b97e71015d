// Written by scripts/facade-manifest.mjs.
export type { AddressFilter, PeerStoreComponents, PeerStoreFacts, PeerStoreInit } from '@weft/peer-store'
export {
  PeerStoreFullError,
  defaultMaxAddressAge,
  defaultMaxBytes,
  defaultMaxPeerAge,
  defaultMaxPeers,
  maxMetadataEntries,
  maxMetadataSize,
  maxTagLength,
  maxTags,
  peerStore,
  peerStoreOptions,
  persistentPeerStore
} from '@weft/peer-store'
