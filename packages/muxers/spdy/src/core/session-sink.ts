import type { StreamState } from './stream-state.ts'

/** Where frames go. */
export interface FrameOutbox {
  push(chunk: Uint8Array): void
}

/** Bytes that a stream wants to send. */
export interface PayloadSource {
  readonly byteLength: number
  shift(maximum?: number): Uint8Array | undefined
}

/** What a session tells its adapter. */
export interface SessionSink<Handle> {
  /** Whether there is room for one more stream of the remote. If so, `onOpen` follows at once. */
  admit(): boolean
  /** The remote opened a stream; the adapter sets its `handle`. */
  onOpen(stream: StreamState<Handle>): void
  /** Payload; the view belongs to the adapter. `consumed()` is owed for it. */
  onData(stream: StreamState<Handle>, payload: Uint8Array): void
  /** The remote ended its side. */
  onEnd(stream: StreamState<Handle>): void
  /** The stream was broken off, by the remote or for a bound of this side. */
  onReset(stream: StreamState<Handle>): void
  /** The stream may send again. */
  onCredit(stream: StreamState<Handle>): void
  /** Too much is unread, and the remote does not count: read no more from the connection until `onResume`. */
  onPause(): void
  onResume(): void
  /** The remote opens and takes no more streams. */
  onGoAway(reason: number): void
}
