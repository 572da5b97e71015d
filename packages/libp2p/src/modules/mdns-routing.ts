// Written by scripts/facade-manifest.mjs.
export type { MulticastRouting, MulticastRoutingComponents, MulticastRoutingInit } from '@weft/mdns-routing'
export { mdnsRouting } from '@weft/mdns-routing'
