// Written by scripts/facade-manifest.mjs.
export type { AddressFilter, PeerStoreComponents, PeerStoreInit } from '@weft/peer-store'
export {
  defaultMaxAddressAge,
  defaultMaxPeerAge,
  defaultMaxPeers,
  maxMetadataEntries,
  maxMetadataSize,
  maxTagLength,
  maxTags,
  peerStore,
  persistentPeerStore
} from '@weft/peer-store'
