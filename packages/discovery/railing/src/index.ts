/**
 * Discovery by a list of known peers, by which a node that knows nobody gets into a network: the railing of the early
 * specification, the bootstrap of today's.
 */
export { railing, railing as bootstrap } from './factory.ts'
export { maxListLength, type RailingInit as BootstrapInit, type RailingInit } from './options.ts'
export type { Railing, RailingComponents as BootstrapComponents, RailingComponents, RailingPeer } from './railing.ts'
