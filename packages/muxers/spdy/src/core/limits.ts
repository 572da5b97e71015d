/** The bounds of a session. Every one is an option of `spdy()`. */
export interface SessionLimits {
  /** Streams that the remote may have open at once; one more is reset. */
  maxInboundStreams: number
  /** Streams that this side may have open at once. */
  maxOutboundStreams: number
  /** Bytes of payload in the largest frame that is sent. */
  maxMessageSize: number
  /** Bytes that may lie unread in a stream. */
  streamWindow: number
  /** Bytes that may lie unread in the connection. */
  connectionWindow: number
}

export const defaultLimits: SessionLimits = {
  maxInboundStreams: 1024,
  maxOutboundStreams: 1024,
  // Streams take turns after each.
  maxMessageSize: 64 * 1024,
  // What SPDY peers in JavaScript offer: 84 Mbit/s at 100 ms.
  streamWindow: 1024 * 1024,
  // Four streams that nobody reads.
  connectionWindow: 4 * 1024 * 1024
}

/**
 * Bytes of a header block, before and after decompression. Peers send about 100. Deflate makes up to a thousand bytes of
 * one: what is behind this many is never made.
 */
export const maxHeaderBlock: number = 16 * 1024

/** Bytes behind the header of a control frame: a header block, and the ten bytes that SYN_STREAM has before it. */
export const maxControlLength: number = maxHeaderBlock + 10

/** Milliseconds that the connection's window may be used up before the stream that holds the most of it is reset. */
export const maxFull: number = 10_000

/** Milliseconds in which the rest of a frame's header, or of a control frame, must follow its first byte. */
export const maxFrameTime: number = 10_000
