/**
 * The byte path between weft's own layers: a plain call for each chunk instead of an event, a list and a promise.
 *
 * A layer finds it on the `MessageStream` below under `bytesSymbol`. Where it is absent, `openPipe` builds one on the
 * contract's events, so that a foreign component stands in any place.
 */

/**
 * Under this symbol a `MessageStream` offers its `BytePipe`. A stream whose `send` or `dispatchEvent` somebody has wrapped
 * offers none, so that all its bytes go past the wrapper.
 */
export const bytesSymbol: unique symbol = Symbol.for('@weft/bytes') as never

/** Who reads from a pipe. The methods are called in order, never inside one another, and must not throw. */
export interface ByteSink {
  /** A chunk has arrived. The view now belongs to the sink. */
  onBytes(chunk: Uint8Array): void
  /** `writev` had returned false and may be called again. */
  onDrain(): void
  /** The remote will send no more. Called once, after its last bytes. */
  onEnd(): void
  /** The stream is closed in both directions, with an error if it broke. Called once, last. */
  onClose(error: Error | undefined): void
}

/** What a proposal makes of a chunk of the answer. */
export interface ProposalStep {
  /** Whether the whole answer has come. */
  readonly done: boolean
  /** When it has: the bytes behind it, if there are any. */
  readonly rest?: Uint8Array
}

/** Bytes in both directions; many streams may add to one. */
export interface ByteCounts {
  /** Bytes that arrived; of a stream, those behind the negotiation of its protocol. */
  received: number
  /** Bytes that were given to `send()`, and so on. */
  sent: number
}

/** One ordered byte stream in both directions, with one reader. */
export interface BytePipe {
  /**
   * Gives what arrives to `sink` from now on, what is buffered first. Delivery begins in a microtask, so that the caller
   * can finish its own construction. Throws `StreamStateError` if there is a sink already.
   */
  attach(sink: ByteSink): void
  /** Ends the attachment. `unread` is what the sink took and did not use: the next reader gets it first. */
  detach(unread?: Uint8Array): void
  /**
   * Sends chunks in order. They belong to the pipe until they have left. Returns false when the caller should wait for
   * `onDrain`; what was given is queued all the same. Throws `StreamStateError` after the writing side was closed.
   */
  writev(chunks: readonly Uint8Array[]): boolean
  /**
   * Sends chunks with whatever is sent in the rest of this turn of the event loop, in one write. For messages of a
   * handshake, which other bytes soon follow. With `forNextLayer`, also with what a muxer that is put on it in this turn
   * sends at the turn's end. A pipe over foreign events cannot do it.
   */
  hold?(chunks: readonly Uint8Array[], forNextLayer?: boolean): void
  /**
   * Proposes something and goes on without waiting: `opening` is held as by `hold`, and what arrives goes to `answer`
   * until it is done; only what is behind that is read. If `answer` throws, or the remote ends before it is
   * done, the stream is aborted. If the remote resets the stream before, it ends with what `ofReset` makes of that. What is
   * proposed before the last answer has come is answered after it. A pipe over foreign events cannot do it.
   */
  propose?(opening: Uint8Array, answer: (chunk: Uint8Array) => ProposalStep, ofReset?: (reset: Error) => Error): void
  /**
   * True where a chunk of `onBytes` that is the whole of its buffer comes with the buffer: nobody else has it, and the
   * sink may detach it when it is done.
   */
  readonly givesBuffers?: boolean
  /**
   * Promises the same of what is written from now on: the pipe may detach the buffer of a chunk that is the whole of it
   * once the bytes have left. A pipe that has no use for that does not have the method.
   */
  takeBuffers?(): void
  /** Adds what passes to `counts` from now on, and what waits to be read. See `countBytes`. */
  count?(counts: ByteCounts): void
  /** Asks for no more `onBytes` until `resume()`. */
  pause(): void
  /** Asks for `onBytes` again, first for what was held back. */
  resume(): void
}
