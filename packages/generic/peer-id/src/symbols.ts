import type { peerIdSymbol as PeerIdSymbol } from '@libp2p/interface'

/** The brand of a peer id, shared by every implementation of the contract. */
export const peerIdSymbol: typeof PeerIdSymbol = Symbol.for('@libp2p/peer-id') as typeof PeerIdSymbol

/** The property that Node's `util.inspect` calls. */
export const inspectSymbol: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never
