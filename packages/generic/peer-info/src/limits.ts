/** Addresses of one peer, here and in a signed record. A node with ten interfaces and six transports has 60. */
export const maxAddresses = 64

/** Protocols of one peer. Busy nodes have about 40; applications that give each feature a name have hundreds. */
export const maxProtocols = 512

/** Bytes of an envelope on the wire: what identify lets a record take of its message. */
export const maxEnvelopeLength = 8192
