/** Under these symbols the parts of a node declare what they can and need, whichever package made them. */
import type {
  serviceCapabilities as ServiceCapabilities,
  serviceDependencies as ServiceDependencies
} from '@libp2p/interface'

/** Names what a component can do for others. */
export const serviceCapabilities: typeof ServiceCapabilities = Symbol.for(
  '@libp2p/service-capabilities'
) as typeof ServiceCapabilities

/** Names what a component needs of others. */
export const serviceDependencies: typeof ServiceDependencies = Symbol.for(
  '@libp2p/service-dependencies'
) as typeof ServiceDependencies
