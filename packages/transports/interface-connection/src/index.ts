/**
 * The contract of connections and streams: what `@libp2p/interface` 3.3 calls `MessageStream`, `MultiaddrConnection`,
 * `Stream` and `Connection`, with the base class that weft's implementations share and the plain-call byte path between
 * them.
 */
export type {
  Connection,
  ConnectionLimits,
  ConnectionStatus,
  MessageStream,
  MessageStreamDirection,
  MessageStreamEvents,
  MessageStreamReadStatus,
  MessageStreamStatus,
  MessageStreamTimeline,
  MessageStreamWriteStatus,
  MultiaddrConnection,
  MultiaddrConnectionTimeline,
  NewStreamOptions,
  Stream
} from '@libp2p/interface'
export { countBytes } from './byte-counts.ts'
export { type ByteCounts, type BytePipe, type ByteSink, bytesSymbol, type ProposalStep } from '@weft/bytes'
export { connectionSymbol, isConnection } from './connection.ts'
export { endOfTurn } from './end-of-turn.ts'
export { StreamCloseEvent, StreamMessageEvent } from './events.ts'
export { breakOff, guard, guarded, type Guarded, logFault } from './guard.ts'
export { HeldBytes } from './held-bytes.ts'
export { MessageStreamBase } from './message-stream.ts'
export type { MessageStreamInit } from './message-stream-init.ts'
export { MultiaddrConnectionBase, type MultiaddrConnectionInit } from './multiaddr-connection.ts'
export { onAbort } from './on-abort.ts'
export { type Ending, isOver, onceOver, whenOver } from './once-over.ts'
export { openPipe } from './open-pipe.ts'
export { raceSignal } from './race-signal.ts'
export { receivedBytesOf, receivedBytesSymbol } from './received-bytes.ts'
export { connectionScopeOf, resourceScopeSymbol, setResourceScope, streamScopeOf } from './resource-scope.ts'
export { SharedWork } from './shared-work.ts'
export { type SocketCarrier, socketCarrierOf, socketSymbol } from './socket-carrier.ts'
export { StreamBase, type StreamInit } from './stream.ts'
