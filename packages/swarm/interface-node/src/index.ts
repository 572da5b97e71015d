/** What every service needs of a node: contracts of its parts, the components that a factory is given, events, signals. */
export { createComponents, reservedNames } from './components/components.ts'
export { MissingServiceError, UnmetServiceDependenciesError } from './components/errors.ts'
export { componentsOfService } from './components/service-components.ts'
export { checkServiceDependencies } from './components/service-dependencies.ts'
export type {
  AddressManager,
  AddressType,
  Components,
  ConfirmAddressOptions,
  ConnectionManager,
  HandlerOptions,
  NodeAddress,
  OpenConnectionOptions,
  PeerMap,
  RandomWalk,
  WalkOptions,
  Registrar,
  TransportManager,
  TransportManagerDialOptions
} from './contracts.ts'
export { NodeEvents } from './events.ts'
export { hasSaidToSpeak, learnProtocols } from './learn-protocols.ts'
export { progress, progressEvent, tellProgress } from './progress.ts'
export { type Deadline, linkSignals } from './signals.ts'
export { serviceCapabilities, serviceDependencies } from './symbols.ts'
export {
  type AcceptPrivate,
  type Teller,
  ToldAddressFilter,
  type ToldAddresses,
  toldAddressesOf,
  toldAddressesSymbol
} from './told-addresses.ts'
