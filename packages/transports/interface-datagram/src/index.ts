/**
 * Datagram sockets that transports share: one for each address, for listening and dialing, its datagrams handed to the
 * protocol whose they are.
 */
export { bindDatagrams } from '#bind'
export {
  type DatagramProtocolName,
  type FirstPacket,
  firstPacketOf,
  firstPackets,
  udpMagic
} from './core/first-packets.ts'
export { type LiveId, maxCjdnsNonce, minUdtId, quicIdLength } from './core/live-ids.ts'
export { type RemoteLimits } from './core/remotes.ts'
export {
  type BindDatagrams,
  type DatagramAddress,
  type DatagramReceiver,
  type DatagramSocket,
  maxDatagram
} from './datagram-socket.ts'
export {
  DatagramSockets,
  datagramSocketsOf,
  type DatagramSocketsOptions,
  datagramSocketsSymbol
} from './datagram-sockets.ts'
export {
  type ClaimInit,
  type DatagramClaim,
  type DatagramCounts,
  type DatagramUser,
  type DatagramUserInit
} from './datagram-user.ts'
export { DatagramError, type DatagramErrorCode } from './errors.ts'
