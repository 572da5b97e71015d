import { type RailingInit, readList } from './options.ts'
import { Railing, type RailingComponents } from './railing.ts'

/**
 * A discovery for `peerDiscovery: [railing({ list })]`. Throws `InvalidParametersError`, when it is called, for an empty
 * list and for an address without a peer id. Also exported as `bootstrap`, js-libp2p's name.
 */
export function railing(init: RailingInit): (components: RailingComponents) => Railing {
  readList(init?.list)
  return components => new Railing(components, init)
}
