/** The bounds of a session. Every one is an option of `mplex()`. */
export interface SessionLimits {
  /** Streams that the remote may have open at once; one more is reset. */
  maxInboundStreams: number
  /** Streams that this side may have open at once. */
  maxOutboundStreams: number
  /** Bytes in the body of a frame. */
  maxMessageSize: number
  /** Unread bytes of a stream, beyond which it is reset. */
  maxStreamBuffer: number
  /** Unread bytes of the connection, beyond which the stream with the most unread data is reset. */
  maxConnectionBuffer: number
  /** Streams beyond `maxInboundStreams` in a second, after which the connection ends. */
  disconnectThreshold: number
}

export const defaultLimits: SessionLimits = {
  maxInboundStreams: 1024,
  maxOutboundStreams: 1024,
  // mplex specification, "Writing to a stream".
  maxMessageSize: 1024 * 1024,
  // Without flow control unread data must be limited: one message per stream, four per connection.
  maxStreamBuffer: 1024 * 1024,
  maxConnectionBuffer: 4 * 1024 * 1024,
  disconnectThreshold: 5
}

/**
 * Milliseconds for which the connection is not read because a stream has half of its limit unread: its reader may be
 * waiting for a write on the same connection. The same time as in go-mplex.
 */
export const maxCrowded = 5_000

/** Bytes of payload in the largest frame that is sent: streams take turns after each. */
export const maxSentPayload: number = 64 * 1024

/** Bytes that may be in transit to a stream when this side ends it: without windows, the capacity of a long link. */
export const maxLate: number = 16 * 1024 * 1024
