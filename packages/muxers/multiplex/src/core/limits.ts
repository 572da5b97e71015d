/** The bounds of a session. Every one is an option of `mplex()`. */
export interface SessionLimits {
  /** Streams that the remote may have open at once; one more is reset. */
  maxInboundStreams: number
  /** Streams that this side may have open at once. */
  maxOutboundStreams: number
  /** Bytes in the body of a frame. */
  maxMessageSize: number
  /** Bytes that may lie unread in a stream; past it the stream is reset. */
  maxStreamBuffer: number
  /** Bytes that may lie unread in the connection; past it the stream that holds most is reset. */
  maxConnectionBuffer: number
  /** Streams past `maxInboundStreams` in a second, after which the remote counts as broken. */
  disconnectThreshold: number
}

export const defaultLimits: SessionLimits = {
  maxInboundStreams: 1024,
  maxOutboundStreams: 1024,
  // mplex specification, "Writing to a stream".
  maxMessageSize: 1024 * 1024,
  // No frame says "stop": what nobody reads is kept to the size of one message, or four in a connection.
  maxStreamBuffer: 1024 * 1024,
  maxConnectionBuffer: 4 * 1024 * 1024,
  disconnectThreshold: 5
}

/**
 * Milliseconds for which the connection is not read because a stream holds half of what it may: its reader may wait for the
 * same connection to take what it writes. As long as go-mplex waits.
 */
export const maxCrowded = 5_000

/** Bytes of payload in the largest frame that is sent: streams take turns after each. */
export const maxSentPayload: number = 64 * 1024

/** Bytes that may be under way to a stream when this side ends it: without windows, what a long link holds. */
export const maxLate: number = 16 * 1024 * 1024
