import { checkOptions } from '@weft/errors'
import type { KadComponents } from './components.ts'
import { KadRouting } from './kad-routing.ts'
import { type KadRoutingInit, kadRoutingOptions, settingsOf } from './options.ts'

/**
 * Kademlia for `services: { dht: kadRouting() }`, without values: kad-record-store adds those. Throws
 * `InvalidParametersError`, when it is called, for an option that cannot be as it is.
 */
export function kadRouting(init: KadRoutingInit = {}): (components: KadComponents) => KadRouting {
  const tell = checkOptions('kadRouting', kadRoutingOptions, init)
  const settings = settingsOf(init)
  return components => {
    tell(components)
    return new KadRouting(components, settings)
  }
}
