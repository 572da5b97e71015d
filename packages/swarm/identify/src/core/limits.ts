/** Bytes of one message that is accepted, unless `maxMessageSize` says otherwise. The most that go-libp2p sends. */
export const defaultMaxMessageSize = 8192

/** Messages of one answer that are read: implementations with much to say split it. */
export const maxMessages = 10

/** Bytes of the message that is sent: the least that a known implementation accepts. */
export const maxSentSize = 4096

/** Bytes of protocols for which the first message keeps room: some readers take that message alone. */
export const firstProtocolsSize = 1024

/**
 * Bytes of the address under which a peer is seen, for which every message keeps room; a longer one is not told. The longest
 * known, over IPv6 with two hashes of certificates, have about 120.
 */
export const maxObservedSize = 256

/** Addresses or protocols that one message, or all messages of an answer, may list. Two bytes can stand for one. */
export const maxParsedItems = 1024

/** Protocols of a peer that are used. Busy nodes have about 40; applications that name each feature have hundreds. */
export const maxProtocols = 512

/** Bytes of the name of a protocol; one with a longer name is left out. */
export const maxProtocolLength = 256

/** Addresses of a peer that are used. A node with ten interfaces and six transports has 60. */
export const maxAddresses = 64

/** Characters of an agent or protocol version that are kept. */
export const maxVersionLength = 256
