/** The contract of peer discovery: what `@libp2p/interface` 3.3 calls `PeerDiscovery`. */
export type { PeerDiscovery, PeerDiscoveryEvents, PeerDiscoveryProvider, PeerInfo, Startable } from '@libp2p/interface'
export { peerDiscoverySymbol } from './symbols.ts'
