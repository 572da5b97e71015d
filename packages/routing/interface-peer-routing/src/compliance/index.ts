/** The contract suites of peer routers and content routers. */
export { type ContentRoutingParts, type ContentRoutingSetup, contentRoutingSuite } from './content-routing-suite.ts'
export { type PeerRoutingSetup, peerRoutingSuite } from './peer-routing-suite.ts'
