/** The bounds of a session. Every one is an option of `yamux()` or follows from the specification. */
export interface SessionLimits {
  /** Streams that the remote may have open at once; one more is reset. */
  maxInboundStreams: number
  /** Streams that this side may have open at once. */
  maxOutboundStreams: number
  /** Bytes of payload in the largest frame that is sent. */
  maxMessageSize: number
  /** Bytes to which a stream's receive window may grow. */
  maxStreamWindow: number
  /** Bytes that may lie unread in the connection. */
  maxConnectionWindow: number
  /** Bytes that all windows together may grow beyond their initial size. */
  maxWindowGrowth: number
  /** Milliseconds of silence after which a ping is sent; `Infinity` for never. */
  keepAliveInterval: number
  /** Milliseconds that the remote may stay silent after that ping. */
  keepAliveTimeout: number
}

export const defaultLimits: SessionLimits = {
  maxInboundStreams: 1024,
  maxOutboundStreams: 1024,
  maxMessageSize: 64 * 1024,
  maxStreamWindow: 16 * 1024 * 1024,
  maxConnectionWindow: 16 * 1024 * 1024,
  // Of a connection without an account. With one, the node's budget rules.
  maxWindowGrowth: 64 * 1024 * 1024,
  keepAliveInterval: 30_000,
  keepAliveTimeout: 30_000
}

/** Streams that this side may have opened without an answer: what other implementations hold back for `accept`. */
export const maxUnacknowledged: number = 256

/** Milliseconds that a full receive buffer may stop the connection before the stream that fills it is reset. */
export const maxPause: number = 10_000

/** Milliseconds in which the rest of a header must follow its first byte: what a dead link is noticed in. */
export const maxHeaderTime: number = 10_000
