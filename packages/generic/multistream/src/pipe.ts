/** What negotiation needs of a byte stream. weft's `BytePipe` (`@weft/interface-connection`) has this shape. */
export interface Pipe {
  /** Gives what arrives to `sink`, beginning in a later microtask. */
  attach(sink: PipeSink): void
  /** Ends that; `unread` goes to the next reader first. */
  detach(unread?: Uint8Array): void
  /** Sends chunks in order. They are not changed by the pipe: some are shared. */
  writev(chunks: readonly Uint8Array[]): boolean
}

/** Who reads from a pipe. */
export interface PipeSink {
  /** A chunk has arrived. The view belongs to the sink. */
  onBytes(chunk: Uint8Array): void
  /** `writev` had returned false and may be called again. */
  onDrain(): void
  /** The remote will send no more. */
  onEnd(): void
  /** The stream is closed in both directions, with an error if it broke. */
  onClose(error: Error | undefined): void
}
