/** Brands by which parts of a node recognise one another's, whichever package made them. */
import type {
  contentRoutingSymbol as ContentRoutingSymbol,
  peerDiscoverySymbol as PeerDiscoverySymbol,
  peerRoutingSymbol as PeerRoutingSymbol,
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

/** Holds the content router of a service. */
export const contentRoutingSymbol: typeof ContentRoutingSymbol = Symbol.for(
  '@libp2p/content-routing'
) as typeof ContentRoutingSymbol

/** Holds the peer router of a service. */
export const peerRoutingSymbol: typeof PeerRoutingSymbol = Symbol.for(
  '@libp2p/peer-routing'
) as typeof PeerRoutingSymbol

/** Holds the discovery of a service. */
export const peerDiscoverySymbol: typeof PeerDiscoverySymbol = Symbol.for(
  '@libp2p/peer-discovery'
) as typeof PeerDiscoverySymbol
