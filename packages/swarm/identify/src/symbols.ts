import type { serviceCapabilities as ServiceCapabilities } from '@libp2p/interface'

/** Under it a service lists what other services may depend on. */
export const serviceCapabilities: typeof ServiceCapabilities = Symbol.for(
  '@libp2p/service-capabilities'
) as typeof ServiceCapabilities
