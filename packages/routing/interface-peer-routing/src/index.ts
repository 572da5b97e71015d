/**
 * The contract of peer and content routing: what `@libp2p/interface` 3.3 calls `PeerRouting` and `ContentRouting`, and
 * how a node finds them on its services.
 */
export type {
  ContentRouting,
  ContentRoutingProvider,
  PeerInfo,
  PeerRouting,
  PeerRoutingProvider,
  Provider,
  RoutingOptions
} from '@libp2p/interface'
export { contentRoutingSymbol, peerRoutingSymbol } from './symbols.ts'
export { type TableFill, tableFillOf, type TableFillProvider, tableFillSymbol } from './table-fill.ts'
