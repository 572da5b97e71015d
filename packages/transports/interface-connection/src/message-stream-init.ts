import type { Logger, MessageStreamDirection } from '@libp2p/interface'

/** Options of every stream and connection. */
export interface MessageStreamInit {
  /** The logger, or how to make one when it is first asked for. */
  log: Logger | (() => Logger)
  /** @default 'outbound' */
  direction?: MessageStreamDirection | undefined
  /** Milliseconds without data after which an implementation that watches it aborts. @default 120000 */
  inactivityTimeout?: number | undefined
  /** Unread bytes past which the stream is aborted with `StreamBufferError`. @default 4194304 */
  maxReadBufferLength?: number | undefined
  /**
   * Unsent bytes past which a further `send()` aborts the stream with `StreamBufferError`: the bound on a caller that
   * does not wait for `drain`. One `send()` of any size is always taken. @default 16777216
   */
  maxWriteBufferLength?: number | undefined
  /** Bytes in the largest message that an implementation with messages sends. @default no limit */
  maxMessageSize?: number | undefined
}

export const streamDefaults: Readonly<
  Record<'maxReadBufferLength' | 'maxWriteBufferLength' | 'inactivityTimeout', number>
> = {
  maxReadBufferLength: 4 * 1024 * 1024,
  // The window that a connection may buffer (DESIGN, "Life of a byte"): a writer ahead by more is not waiting for drain.
  maxWriteBufferLength: 16 * 1024 * 1024,
  inactivityTimeout: 120_000
}
