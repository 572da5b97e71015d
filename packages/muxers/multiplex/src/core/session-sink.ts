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
  /** The remote broke the stream off. */
  onReset(stream: StreamState<Handle>): void
  /**
   * Whether a stream holds so much that no more should be read from the connection. Told when that changes; the adapter calls
   * `waitNoLonger()` when it has lasted too long.
   */
  onCrowded(isCrowded: boolean): void
  /** This side has reset the stream: it held `unread` bytes, and it or the connection had passed `limit`. */
  onOverflow(stream: StreamState<Handle>, unread: number, limit: number): void
}
