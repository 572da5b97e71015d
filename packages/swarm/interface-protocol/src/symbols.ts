import type {
  serviceCapabilities as ServiceCapabilities,
  serviceDependencies as ServiceDependencies
} from '@libp2p/interface'

/** Under it a service lists what other services may depend on. */
export const serviceCapabilities: typeof ServiceCapabilities = Symbol.for(
  '@libp2p/service-capabilities'
) as typeof ServiceCapabilities

/** Under it a service lists the capabilities that it needs of others. */
export const serviceDependencies: typeof ServiceDependencies = Symbol.for(
  '@libp2p/service-dependencies'
) as typeof ServiceDependencies
