/**
 * The one rule for a connection on which a ping failed: is the remote silent, or is this node deaf? Only a silent remote
 * costs its connection.
 */
import type { Connection } from '@libp2p/interface'

/** Under this symbol a connection of weft tells what arrives on it. */
export const hearingSymbol: unique symbol = Symbol.for('@weft/hearing') as never

/** What arrives on a connection. */
export interface Hearing {
  /** Bytes that have arrived since it was made, whatever they mean; `undefined` where its transport does not count them. */
  readonly received: number | undefined
  /** Whether this side does not read: for want of memory, or because its own readers are slow. */
  readonly isPaused: boolean
  /** Whether a stream that is opened with that signal waits for a free place: nothing of it has left yet. */
  waitsForPlace(signal: AbortSignal): boolean
}

/** What arrives on a connection; `undefined` for one of another implementation. */
function hearingOf(connection: Connection): Hearing | undefined {
  return (connection as { [hearingSymbol]?: Hearing })[hearingSymbol]
}

/** Watches a connection while a ping is under way. */
export class SilenceWatch {
  private readonly _connection: Connection
  private readonly _received: number | undefined

  constructor(connection: Connection) {
    this._connection = connection
    this._received = hearingOf(connection)?.received
  }

  /** Whether the stream of the ping waits for a free place among the streams of this side. */
  waitsForPlace(signal: AbortSignal): boolean {
    return hearingOf(this._connection)?.waitsForPlace(signal) === true
  }

  /** Whether anything has arrived since. */
  hasHeard(): boolean {
    const received = hearingOf(this._connection)?.received
    return received !== undefined && received !== this._received
  }

  /**
   * Whether the failure of the ping says that the remote is gone, or does not keep to the protocol:
   *
   * - a wrong answer does;
   * - an answer that did not come in time does, unless this side does not read, or something else has come meanwhile;
   * - nothing else does: a ping that could not be sent, for want of memory or of a free stream (`waitsForPlace`) or because the connection is
   *   ending, and an answer for which there was no room, say nothing about the remote.
   */
  blames({ name }: Error): boolean {
    if (name === 'ProtocolError') return true
    if (name !== 'TimeoutError') return false
    const hearing = hearingOf(this._connection)
    if (hearing === undefined) return true
    if (hearing.isPaused) return false
    return !this.hasHeard()
  }
}
