/** The contract suite of datagram sockets, and sockets on a simulated network. */
export { type DatagramNetwork, networkDatagrams } from './network-datagrams.ts'
export { datagramSuite, type DatagramSetup, type DatagramsUnderTest } from './datagram-suite.ts'
