/** Discovery of the peers on the same local network by multicast DNS. */
export type { Link, Source } from './core/links.ts'
export type { PresentPeer } from './core/peer-table.ts'
export type { Refusal } from './core/session.ts'
export { type MulticastDNS, mdns } from './mdns.ts'
export type { Heard, MulticastDNSComponents } from './neighbours.ts'
export type { MulticastNetwork, MulticastOptions, MulticastSocket } from './network/multicast.ts'
export type { MulticastDNSInit } from './options.ts'
