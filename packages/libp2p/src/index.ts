/** libp2p in TypeScript: the entry point. */
export type { Libp2p, ServiceMap } from '@libp2p/interface'
export type { DialRecord, DialTrace, DialTraceEvent } from '@weft/dialer'
export { dialTrace, dnsaddrResolver } from '@weft/dialer'
export type { DialAttempt, DialFailure, DialStage, SkippedAddress } from '@weft/errors'
export { isDialError } from '@weft/errors'
export type { Components } from '@weft/interface-node'
export type {
  LimitView,
  RefusalCount,
  ResourceLimitError,
  ResourceLimits,
  ResourceManager,
  ScopeLimits,
  ScopeUsage
} from '@weft/resources'
export type {
  AddressFilter,
  AddressManagerInit,
  Agreement,
  ConnectionManagerInit,
  ConnectionMonitorInit,
  TransportManagerInit
} from '@weft/swarm'
export { agreementOf } from '@weft/swarm'
export { createLibp2p } from './create-libp2p.ts'
export { isLibp2p } from './is-libp2p.ts'
export type { Libp2pInit, Libp2pOptions, ServiceFactoryMap } from './options.ts'
export { type DefaultServices, memoryDefaults, nodeDefaults, type Preset } from './presets.ts'
