/**
 * The contract of transports: what `@libp2p/interface` 3.3 calls `Transport` and `Listener`, and code that weft's
 * transports share. A transport turns an address into a raw connection and gives it to an upgrader, which makes it
 * secure and multiplexed.
 */
export type {
  ClearableSignal,
  CreateListenerOptions,
  DialTransportOptions,
  InboundConnectionUpgradeEvents,
  Listener,
  ListenerEvents,
  MultiaddrFilter,
  OutboundConnectionUpgradeEvents,
  Transport,
  Upgrader,
  UpgraderOptions,
  UpgraderWithoutEncryptionOptions
} from '@libp2p/interface'
export {
  admissionOf,
  admissionSymbol,
  freeTicket,
  type InboundAdmission,
  type InboundTicket
} from './admission.ts'
export { type DialResource, type DialTraits, dialTraitsOf, dialTraitsSymbol } from './dial-traits.ts'
export { FaultTolerance } from './fault-tolerance.ts'
export { InboundConnections, type InboundConnectionsInit, type InboundUpgradeOptions } from './inbound-connections.ts'
export { NativeConnectionBase } from './native/native-connection.ts'
export {
  NativeMuxer,
  type NativeSession,
  nativeUpgrade,
  type NativeUpgradeOptions
} from './native/native-muxer.ts'
export { NativeStreamBase, type NativeStreamInit } from './native/native-stream.ts'
export { isTransport, transport, type TransportParts, transportSymbol } from './transport.ts'
