/**
 * The byte path between weft's own layers: a plain call for each chunk instead of an event, a list and a promise.
 *
 * A layer finds it on the `MessageStream` below under `bytesSymbol`. If it is absent, `openPipe` builds one on the
 * contract's events, so that foreign components work in every layer.
 */

/**
 * Under this symbol a `MessageStream` offers its `BytePipe`. A stream whose `send` or `dispatchEvent` was wrapped
 * offers none, so that all its data passes the wrapper.
 */
export const bytesSymbol: unique symbol = Symbol.for('@weft/bytes') as never

/** The reader of a pipe. Its methods are called in order, never reentrantly, and must not throw. */
export interface ByteSink {
  /** A chunk has arrived. The view now belongs to the sink. */
  onBytes(chunk: Uint8Array): void
  /** `writev` had returned false and may be called again. */
  onDrain(): void
  /** The remote has closed its direction. Called once, after its last bytes. */
  onEnd(): void
  /** The stream is closed in both directions; `error` is set if it failed. Called once, last. */
  onClose(error: Error | undefined): void
}

/** The result of passing a chunk of the answer to a proposal. */
export interface ProposalStep {
  /** Whether the answer is complete. */
  readonly done: boolean
  /** If it is: the bytes after it, if any. */
  readonly rest?: Uint8Array
}

/** Byte counters of both directions; several streams may share one object. */
export interface ByteCounts {
  /** Received bytes; of a stream, those after the protocol negotiation. */
  received: number
  /** Bytes passed to `send()` or `writev()`. */
  sent: number
}

/** One ordered byte stream in both directions, with one reader. */
export interface BytePipe {
  /**
   * Delivers incoming data to `sink` from now on, buffered data first. Delivery starts in a microtask, so that the
   * caller can finish its construction. Throws `StreamStateError` if there is a sink already.
   */
  attach(sink: ByteSink): void
  /** Ends the attachment. `unread` is data that the sink received and did not use: the next reader gets it first. */
  detach(unread?: Uint8Array): void
  /**
   * Sends chunks in order. They belong to the pipe until they were sent. Returns false when the caller should wait for
   * `onDrain`; the chunks are queued nevertheless. Throws `StreamStateError` after the write side was closed.
   */
  writev(chunks: readonly Uint8Array[]): boolean
  /**
   * Sends chunks together with everything sent in the rest of this turn of the event loop, in one write. For handshake
   * messages, which are soon followed by other data. With `forNextLayer`, also together with what a muxer created in
   * this turn sends at the end of the turn. Not available on pipes over foreign events.
   */
  hold?(chunks: readonly Uint8Array[], forNextLayer?: boolean): void
  /**
   * Sends a proposal without waiting for the answer: `opening` is held as by `hold`, and incoming data is passed to
   * `answer` until that is done; only data after it is delivered. If `answer` throws, or the remote closes before it is
   * done, the stream is aborted. If the remote resets the stream before, it ends with the error that `ofReset` returns.
   * Several proposals are answered in order. Not available on pipes over foreign events.
   */
  propose?(opening: Uint8Array, answer: (chunk: Uint8Array) => ProposalStep, ofReset?: (reset: Error) => Error): void
  /**
   * True if a chunk of `onBytes` that spans its whole buffer comes with ownership of the buffer: the sink may detach it
   * when it is done.
   */
  readonly givesBuffers?: boolean
  /**
   * Gives the pipe ownership of the buffers that are written from now on: it may detach the buffer of a chunk that
   * spans all of it once the bytes were sent. Pipes that have no use for it lack the method.
   */
  takeBuffers?(): void
  /** Counts data in `counts` from now on, including unread data. See `countBytes`. */
  count?(counts: ByteCounts): void
  /** Stops calls of `onBytes` until `resume()`. */
  pause(): void
  /** Resumes calls of `onBytes`, first for data that was held back. */
  resume(): void
}
