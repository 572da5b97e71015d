/** Peers in the store. At about 3 kB each that is 150 MB; the routing tables of the largest nodes name 20,000. */
export const defaultMaxPeers = 50_000

/**
 * Bytes of all peers: a quarter of what a node may hold in all. A peer with six addresses, 25 protocols and a signed record
 * takes 5 KiB of memory, so that 12,000 such fit, or 1.3 KiB of a datastore, where `maxPeers` comes first.
 */
export const defaultMaxBytes: number = 64 * 1024 * 1024

/** Milliseconds for which an address is believed after it was last heard of. js-libp2p's default. */
export const defaultMaxAddressAge = 3_600_000

/** Milliseconds for which a peer without addresses is kept after its last update. js-libp2p's default. */
export const defaultMaxPeerAge = 21_600_000

/** Characters of a protocol's name; multistream-select sends at most 1,024 bytes. */
export const maxProtocolLength = 1024

/** Entries of metadata of one peer. identify writes two, ping and autonat one each. */
export const maxMetadataEntries = 64

/** Characters of all metadata keys and bytes of all values of one peer. */
export const maxMetadataSize = 16_384

/** Tags of one peer: services set one or two. */
export const maxTags = 64

/** Characters of a tag's name. */
export const maxTagLength = 256

/** Items of one kind that a stored peer may have when it is read: more than are kept, as others may have written it. */
export const maxStoredItems = 4096
