import type { peerDiscoverySymbol as Contract } from '@libp2p/interface'

/** Under this symbol a service holds its peer discovery. */
export const peerDiscoverySymbol: typeof Contract = Symbol.for('@libp2p/peer-discovery') as typeof Contract
