/** uTP (BEP 29): the packets, and a connection without I/O. The transport that runs it on sockets is still to come. */
export { UtpConnection } from './core/connection.ts'
export type { UtpConnectionInit, UtpConnectionOptions, UtpSink } from './core/connection-types.ts'
export { type LedbatOptions } from './core/ledbat.ts'
export { decodePacket, encodePacket, type Packet, packetType, type PacketType } from './core/packet.ts'
export { UtpError, type UtpErrorCode } from './errors.ts'
