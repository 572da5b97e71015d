import type { UtpError } from '../errors.ts'
import type { LedbatOptions } from './ledbat.ts'

/** What a connection tells. Calls come from within `receive`, `write`, `tick` and the others. */
export interface UtpSink {
  /** A datagram for the remote; its bytes do not change afterwards. */
  send(datagram: Uint8Array): void
  /** The remote has answered the SYN. */
  onOpen(): void
  /** Bytes in order. The view is valid until the call returns; `consume` says that they take no more room. */
  onData(view: Uint8Array): void
  /** The remote sends no more. */
  onEnd(): void
  /** Less is waiting to be acknowledged than before. */
  onDrain(): void
  /** Nothing more comes or goes: both sides have ended, or `error`. Keep giving it datagrams while `wakeAt` is set. */
  onClose(error: UtpError | undefined): void
}

/** Options of a connection. */
export interface UtpConnectionOptions extends LedbatOptions {
  /** Bytes that are received and not consumed, at most. Default 1 MiB, as libutp announces. */
  readonly receiveWindow?: number
  /** Longest datagram, in bytes. Default 1,402, as libutp sends. */
  readonly maxDatagram?: number
}

/** What a connection begins with. */
export interface UtpConnectionInit {
  /** Who is told. */
  readonly sink: UtpSink
  /** In ms, of any clock that does not go back. */
  readonly now: number
  /** Window, length of datagrams, congestion control. */
  readonly options?: UtpConnectionOptions
  /**
   * Dialing: a random `connectionId` of 1 to 65,534, and a random first `sequence`. Accepting: both of the SYN, and the
   * `sequence` of our own answer to it: state is made when the remote has acknowledged that.
   */
  readonly start:
    | { readonly role: 'dialer'; readonly connectionId: number; readonly sequence: number }
    | {
        readonly role: 'acceptor'
        readonly connectionId: number
        readonly remoteSequence: number
        readonly sequence: number
      }
}
