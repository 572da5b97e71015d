// Written by scripts/facade-manifest.mjs.
export type {
  Heard,
  Link,
  MulticastDNS,
  MulticastDNSComponents,
  MulticastDNSInit,
  MulticastNetwork,
  MulticastOptions,
  MulticastSocket,
  PresentPeer,
  Refusal,
  Source
} from '@weft/mdns-discovery'
export { mdns } from '@weft/mdns-discovery'
