/** Peer and content routing within the local network, by multicast DNS. */
export { type MulticastRouting, mdnsRouting } from './mdns-routing.ts'
export type { MulticastRoutingComponents, MulticastRoutingInit } from './options.ts'
