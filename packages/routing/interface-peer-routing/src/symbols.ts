import type { contentRoutingSymbol as ContentContract, peerRoutingSymbol as PeerContract } from '@libp2p/interface'

/** Under this symbol a service holds its peer router. */
export const peerRoutingSymbol: typeof PeerContract = Symbol.for('@libp2p/peer-routing') as typeof PeerContract

/** Under this symbol a service holds its content router. */
export const contentRoutingSymbol: typeof ContentContract = Symbol.for(
  '@libp2p/content-routing'
) as typeof ContentContract
