import type { serviceCapabilities as ServiceCapabilities } from '@libp2p/interface'

/** A service lists under it what it can do. */
export const serviceCapabilities: typeof ServiceCapabilities = Symbol.for(
  '@libp2p/service-capabilities'
) as typeof ServiceCapabilities
