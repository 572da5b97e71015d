/** Connections to many peers: upgrade, streams, handlers, addresses, dialing. Each part is a component of a node. */

export { DefaultAddressManager } from './address-manager/address-manager.ts'
export type { AddressFilter, AddressManagerInit } from './address-manager/options.ts'
export { checkProtocol } from './check-protocol.ts'
export {
  ConnectionDeniedError,
  ConnectionInterceptedError,
  DuplicateProtocolHandlerError,
  EncryptionFailedError,
  MuxerUnavailableError,
  UnhandledProtocolError
} from './connection-errors.ts'
export { DefaultConnectionManager } from './connection-manager/connection-manager.ts'
export type { ConnectionManagerInit } from './connection-manager/options.ts'
export { limitRows } from './inspection/limit-rows.ts'
export { inspectNode, type InspectedNode } from './inspection/inspect-node.ts'
export { defaultLogger } from './logger.ts'
export { NodeMetrics, type NodeMetricsComponents } from './metrics/node-metrics.ts'
export { DefaultRegistrar } from './registrar.ts'
export { DefaultContentRouting } from './routing/content-routing.ts'
export { NoContentRoutersError, NoPeerRoutersError, QueriedForSelfError } from './routing/errors.ts'
export { DefaultPeerRouting } from './routing/peer-routing.ts'
export { DefaultRandomWalk } from './routing/random-walk.ts'
export {
  TransportUnavailableError,
  UnsupportedListenAddressError,
  UnsupportedListenAddressesError
} from './transport-errors.ts'
export { DefaultTransportManager, type TransportManagerInit } from './transport-manager.ts'
export { type Agreement, agreementOf } from './upgrade/agreement.ts'
export { connectionGater } from './upgrade/gater.ts'
export { DefaultUpgrader } from './upgrade/upgrader.ts'
export type { AdaptiveTimeoutInit } from './watch/adaptive-timeout.ts'
export { ConnectionMonitor, type ConnectionMonitorInit } from './watch/connection-monitor.ts'
