/**
 * The contract of stream muxers: what `@libp2p/interface` 3.3 calls `StreamMuxerFactory` and `StreamMuxer`, with the
 * base that weft's muxers share. A muxer carries many streams over one connection.
 */
export type {
  CreateStreamOptions,
  StreamMuxer,
  StreamMuxerEvents,
  StreamMuxerFactory,
  StreamMuxerOptions,
  StreamMuxerStatus,
  StreamOptions
} from '@libp2p/interface'
export { MuxedStreamBase, type MuxedStreamInit } from './muxed-stream.ts'
export { MuxerBase, type MuxerInit } from './muxer.ts'
export { Outbox } from './outbox.ts'
