/** Discovery by random walks over the network, as often as the routing table needs them. */
export type { RandomWalkInit } from './options.ts'
export { randomWalk, type RandomWalkComponents, type RandomWalkDiscovery } from './random-walk.ts'
