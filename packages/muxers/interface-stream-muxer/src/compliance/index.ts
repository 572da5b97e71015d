/** The contract suite of stream muxers. */
export { type StreamMuxerSetup, streamMuxerSuite } from './stream-muxer-suite.ts'
