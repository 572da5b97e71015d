import { UnsupportedOperationError } from '@weft/errors'
import type { MulticastNetwork } from './multicast.ts'

/** Browsers have no UDP sockets. Throws `UnsupportedOperationError`, so that a configuration for Node is noticed. */
export function defaultNetwork(): MulticastNetwork {
  throw new UnsupportedOperationError('mdns: browsers have no multicast: leave it out there')
}
