/** The suite that every service of a protocol runs, and the node that stands under it. */
export { type OpenedStream, ProtocolNode, type ProtocolNodeOptions } from './node.ts'
export { protocolSuite, type ProtocolSetup } from './protocol-suite.ts'
export { chargeStream, streamPair, type StreamPairOptions } from './streams.ts'
