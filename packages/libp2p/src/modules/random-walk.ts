// Written by scripts/facade-manifest.mjs.
export type { RandomWalkComponents, RandomWalkDiscovery, RandomWalkInit } from '@weft/random-walk'
export { randomWalk } from '@weft/random-walk'
