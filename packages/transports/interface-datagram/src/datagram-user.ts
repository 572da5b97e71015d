import type { InboundTicket } from '@weft/interface-transport'
import type { DatagramProtocolName } from './core/first-packets.ts'
import type { LiveId } from './core/live-ids.ts'
import type { DatagramAddress } from './datagram-socket.ts'

/** What one protocol does on a socket that it shares. */
export interface DatagramUserInit {
  /** Whose first packets it takes. Each protocol has one user of a socket. */
  readonly protocol: DatagramProtocolName
  /** A first packet that nothing alive claims. `view` is valid until the call returns. Not given: they are dropped. */
  readonly onFirst?: (view: Uint8Array, from: DatagramAddress) => void
  /** The datagrams of this turn have been delivered, at least one of them to this user. */
  readonly onTurn?: () => void
  /** The system takes datagrams again; what `send` refused can be sent. */
  readonly onDrain?: () => void
  /** The socket failed. */
  readonly onError?: (error: Error) => void
  /** Bytes to an unproven source for each byte received from it. Default 1; RFC 9000 section 8.1 allows QUIC 3. */
  readonly amplification?: number
}

/** Live ids are claimed with it; packets that have them come to `onDatagram`. */
export interface ClaimInit {
  /** The id, of the user's protocol. */
  readonly live: LiveId
  /** `view` is valid until the call returns. */
  readonly onDatagram: (view: Uint8Array) => void
  /** We chose the address, it is no source that wrote to us: datagrams to it are not limited. Default false. */
  readonly dialed?: boolean
}

/** A live id of one remote. */
export interface DatagramClaim {
  /** Whose packets these are. */
  readonly remote: DatagramAddress
  /** As `send` of the user, without the search for the remote. */
  send(view: Uint8Array): boolean
  /** The id lives no more. Idempotent. */
  release(): void
}

/** What a shared socket counted, in datagrams, of all its users. */
export interface DatagramCounts {
  /** Those that arrived. */
  received: number
  /** Dropped: nothing alive has it, and it is no first packet of a user that listens. */
  unknown: number
  /** Dropped: STUN of WebRTC, which has a port of its own. */
  stun: number
  /** Dropped: DTLS of WebRTC. */
  dtls: number
  /** Handed to the system. */
  sent: number
  /** Not sent: the remote was unproven and had sent too little. */
  unproven: number
  /** Not sent: too many were waiting. */
  full: number
}

/** One protocol's part of a shared socket. */
export interface DatagramUser {
  /** The address of the socket. */
  readonly local: DatagramAddress
  /** What the socket counted so far. */
  readonly counts: Readonly<DatagramCounts>
  /**
   * Sends a datagram whose bytes do not change afterwards. Returns false where it was dropped: the remote is unproven
   * and has sent less than this, or too many wait for it. Throws `DatagramError` (`ERR_CLOSED`, `ERR_TOO_LARGE`).
   */
  send(view: Uint8Array, to: DatagramAddress): boolean
  /** Throws `DatagramError` (`ERR_ID`, `ERR_TOO_MANY`, `ERR_CLOSED`). */
  claim(remote: DatagramAddress, init: ClaimInit): DatagramClaim
  /** The source has answered what only it could have read: a cookie, a token. Throws `ERR_UNPROVEN` if it never sent. */
  prove(remote: DatagramAddress): void
  /**
   * Asks the node for a place for a connection of that remote: `undefined` where there is none. Throws `DatagramError`
   * (`ERR_UNPROVEN`) as long as the address may be forged: who forges it would fill the places of others.
   */
  admit(remote: DatagramAddress): InboundTicket | undefined
  /** Releases all claims; with the last user the socket is closed. Idempotent. */
  close(): Promise<void>
}
