/** Where a datagram comes from or goes to. Recognised by its content, never by its identity. */
export interface DatagramAddress {
  /** IPv4 or IPv6 address as text, a zone included (`fe80::1%eth0`). */
  readonly host: string
  /** 0 to 65535. */
  readonly port: number
}

/** Told what happens at a socket. */
export interface DatagramReceiver {
  /** A datagram. `view` is the receiver's until the call returns; what is kept must be copied. */
  onDatagram(view: Uint8Array, from: DatagramAddress): void
  /** The datagrams of one turn of the event loop have been delivered. Called once after each such batch. */
  onTurn(): void
  /** The system takes datagrams again after `send` returned false. */
  onDrain(): void
  /** A failure of the whole socket, not of one datagram. It may go on working. */
  onError(error: Error): void
}

/** A bound UDP socket, whatever it is made of. */
export interface DatagramSocket {
  /** The address that it is bound to; its port is never 0. */
  readonly local: DatagramAddress
  /**
   * Hands a datagram to the system. The bytes must not change afterwards. Returns false if it was not taken because too
   * many wait: `onDrain` follows. A datagram that reaches nobody is lost without a word. Throws `DatagramError`
   * (`ERR_CLOSED`, `ERR_TOO_LARGE`).
   */
  send(view: Uint8Array, to: DatagramAddress): boolean
  /** Sets who is told. Datagrams that arrive before are dropped. */
  receive(receiver: DatagramReceiver): void
  /** Closes the socket and frees its port. Datagrams that wait may be lost. Idempotent. */
  close(): Promise<void>
}

/** Binds a socket. Rejects with `DatagramError` (`ERR_BIND`, `ERR_UNSUPPORTED`). Port 0 chooses one. */
export type BindDatagrams = (local: DatagramAddress) => Promise<DatagramSocket>

/** Longest datagram, in bytes: 1,500 of Ethernet less the headers of IPv4 and UDP. Nothing is sent that must be fragmented. */
export const maxDatagram = 1472
