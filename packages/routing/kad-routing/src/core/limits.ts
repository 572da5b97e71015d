/** Bounds of what is read, written and kept. Each is far above what honest peers need. */

/** Longest key of a request, bytes: an IPNS key has 44, a CIDv1 of sha2-512 has 68. */
export const maxKeyLength = 256
/** Longest key of a provider record, bytes. go-libp2p and js-libp2p refuse more than 80. */
export const maxProviderKeyLength = 80
/** Longest message that is read, bytes: a record of 64 KiB with its key, and 20 peers beside it. */
export const maxMessageLength: number = 96 * 1024
/** Longest answer that this node builds of peers, bytes: rust-libp2p resets on more. */
export const maxReplyLength: number = 16 * 1024
/** Peers that are read of one message; others send 20. */
export const maxPeersRead = 64
/** Addresses that are read of one peer. js-libp2p sends all that it knows. */
export const maxAddressesRead = 1024
/** Addresses that are kept of one peer, and sent. */
export const maxAddresses = 16
/** Bytes of the addresses that are kept of one peer. */
export const maxAddressBytes: number = 2 * 1024
/** Longest peer id, bytes: those of inlined keys have 42, sha2-512 would have 66. */
export const maxPeerIdLength = 68
