import type { AbortOptions, PeerId, StreamMuxer, UpgraderWithoutEncryptionOptions } from '@libp2p/interface'
import { TimeoutError } from '@weft/errors'
import { onceOver, raceSignal, whenOver } from '@weft/interface-connection'
import { StreamSet, type StreamSetInit } from '@weft/interface-stream-muxer'
import type { NativeConnectionBase } from './native-connection.ts'
import type { NativeStreamBase } from './native-stream.ts'

// As long as a muxer with frames gives what its streams have left to send.
const closeTimeout = 5_000

/**
 * The streams of a `NativeConnectionBase`. A subclass opens streams, and hands each to `track` or, if the remote has opened
 * it, to `accept`. It is made with its connection: what the remote opens while the connection is still being upgraded waits
 * here, within `maxEarlyStreams`. It ends with the connection.
 */
export abstract class NativeMuxer<OneStream extends NativeStreamBase> extends StreamSet<OneStream> {
  constructor(connection: NativeConnectionBase, init: StreamSetInit) {
    super(connection, init)
    onceOver(connection, error => this.transportClosed(error))
  }

  /**
   * Ends the writing side of every stream; resolves when all was sent, and the remote has ended its sides too: nothing of
   * it could arrive after the end of the session. With a signal it rejects when that fires; without one, what the remote
   * has not ended after 5 s is reset.
   */
  override async close(options: AbortOptions = {}): Promise<void> {
    if (this.status !== 'open') return
    await super.close(options)
    const over = Promise.all(this.streams.map(whenOver))
    if (options.signal !== undefined) {
      await raceSignal(over, options.signal)
      return
    }
    const late = (): void => {
      const error = new TimeoutError(`the remote did not end its side within ${closeTimeout} ms`)
      for (const stream of this.streams) stream.abort(error)
    }
    const timer = setTimeout(() => this.guard(late), closeTimeout)
    await over
    clearTimeout(timer)
  }
}

/** What is known of a session when its own handshake is done. */
export interface NativeSession {
  /** The streams of the session. */
  muxer: StreamMuxer
  /** Who is at the other end, as the session's own handshake has proved. */
  remotePeer: PeerId
}

/** What an upgrade of a connection without bytes is given, beside its signal. */
export type NativeUpgradeOptions = Required<
  Pick<UpgraderWithoutEncryptionOptions, 'skipEncryption' | 'skipProtection' | 'remotePeer' | 'muxerFactory'>
>

/**
 * The options with which an upgrader takes a session as it is: no protector, no channel and no muxer are put on the
 * connection. Gater, limits and accounts apply as to any other.
 */
export function nativeUpgrade({ muxer, remotePeer }: NativeSession): NativeUpgradeOptions {
  return {
    skipProtection: true,
    skipEncryption: true,
    remotePeer,
    muxerFactory: { protocol: muxer.protocol, createStreamMuxer: () => muxer }
  }
}
