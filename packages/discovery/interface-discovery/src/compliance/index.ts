/** The contract suite of peer discoveries. */
export { type DiscoverySetup, discoverySuite } from './discovery-suite.ts'
