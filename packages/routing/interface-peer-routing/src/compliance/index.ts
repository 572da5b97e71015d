/** The contract suite of peer routers. */
export { type PeerRoutingSetup, peerRoutingSuite } from './peer-routing-suite.ts'
