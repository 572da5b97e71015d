/** What the pure sessions of weft's muxers and their one adapter (`SessionMuxer`) say to each other. */

/** Where frames go. */
export interface FrameOutbox {
  /** Adds a view, which belongs to the outbox from now on. */
  push(chunk: Uint8Array): void
}

/** Bytes that a stream wants to send. */
export interface PayloadSource {
  /** Bytes that are left. */
  readonly byteLength: number
  /** Takes the next bytes, `maximum` of them at most. */
  shift(maximum?: number): Uint8Array | undefined
}

/** What every session knows of one stream. The adapter keeps its own object in `handle`. */
export interface SessionStreamState<Handle> {
  /** Its number in the protocol. */
  readonly id: number | bigint
  /** Whether this side opened it. */
  readonly outbound: boolean
  /** What the adapter keeps of it; undefined before it has one. */
  handle: Handle | undefined
}

/** What a session tells its adapter. A session calls only what its protocol has. */
export interface SessionSink<State> {
  /** Whether there is room for one more stream of the remote. If so, `onOpen` follows at once. */
  admit(): boolean
  /** Takes room for a stream's window to grow from `window` by `growth` bytes. Returns whether there was any. */
  growWindow(stream: State, window: number, growth: number): boolean
  /** Gives back so much of what a window has grown by. What a stream that has ended had needs no word. */
  shrinkWindow(stream: State, length: number): void
  /** Whether the node is short: windows then shrink. */
  isShort(stream: State): boolean
  /** Bytes that the stream may hold because nobody reads it yet; 0 for one with a reader. */
  mayHoldUnread(stream: State): number
  /** The remote opened a stream; the adapter sets its `handle`. */
  onOpen(stream: State): void
  /** Payload; the view belongs to the adapter. `consumed()` is owed for it. */
  onData(stream: State, payload: Uint8Array): void
  /** The remote ended its side. */
  onEnd(stream: State): void
  /** The stream was broken off, by the remote or for a bound of this side. */
  onReset(stream: State): void
  /** This side has reset the stream for what `error` says. */
  onAbort(stream: State, error: Error): void
  /** The stream may send again. */
  onCredit(stream: State): void
  /** `open()` may succeed again. */
  onSlot(): void
  /** Too much is unread: read no more from the connection until `onResume`. */
  onPause(): void
  /** The connection may be read again. */
  onResume(): void
  /** The remote opens and takes no more streams. */
  onGoAway(reason: number): void
}

/** What an adapter asks of a session. Times are in milliseconds, of one clock that never goes back. */
export interface MuxerSession<State> {
  /** When `tick()` is due; `Infinity` for never. It may be called earlier. */
  readonly wakeAt: number
  /** Set while the adapter reads nothing, for a reason of its own: the remote's silence then says nothing. */
  readsPaused: boolean
  /** Opens a stream. The caller has asked whether it may. */
  open(now: number): State
  /** Takes a chunk of the connection, of which views are handed on. Throws when the remote broke the rules. */
  receive(chunk: Uint8Array, now: number): void
  /** Does what is due. Throws when the remote has not done what was due. */
  tick(now: number): void
  /** Sends one frame of what may leave. Returns false when the stream must wait for `onCredit`. */
  write(stream: State, source: PayloadSource, maxMessageSize: number): boolean
  /** The reader has taken `length` bytes, or they were thrown away for it. The clock is asked only when it is needed. */
  consumed(stream: State, length: number, clock: () => number): void
  /** Ends this side of the stream. */
  finish(stream: State): void
  /** Breaks the stream off. */
  reset(stream: State): void
}
