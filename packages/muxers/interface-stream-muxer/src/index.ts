/**
 * The contract of stream muxers: what `@libp2p/interface` 3.3 calls `StreamMuxerFactory` and `StreamMuxer`, with the
 * bases that weft's muxers share. A muxer carries many streams over one connection.
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
export { now } from './clock.ts'
export { Allowance } from './core/allowance.ts'
export {
  type FloodError,
  idleFrameBurst,
  IdleFrames,
  idleFramesPerSecond,
  leastCredit,
  maxIdGap,
  maxUnknownFrames
} from './core/idle-frames.ts'
export { type AheadStream, ReadAhead } from './core/read-ahead.ts'
export type { FrameOutbox, MuxerSession, PayloadSource, SessionSink, SessionStreamState } from './core/session.ts'
export { type BlockedStream, FrameWriter, type FrameWriterInit } from './frame-writer.ts'
export { MuxedStreamBase, type MuxedStreamInit } from './muxed-stream.ts'
export { MuxerBase, type MuxerInit } from './muxer.ts'
export { SessionMuxer, type SessionMuxerInit } from './session-muxer.ts'
export { SessionStream, type SessionStreamInit } from './session-stream.ts'
export type { UnchargedStream } from './read-pause.ts'
export { type SetConnection, type SetStream, StreamSet, type StreamSetInit } from './stream-set.ts'
