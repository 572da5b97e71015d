import { WeftError, type WeftErrorOptions } from '@weft/errors'

/** What went wrong with a datagram socket. */
export type DatagramErrorCode =
  /** The address cannot be bound: taken, not local, or not allowed. `reason` has the system's code. */
  | 'ERR_BIND'
  /** The socket, or this use of it, was closed. */
  | 'ERR_CLOSED'
  /** The datagram is longer than `maxDatagram`. */
  | 'ERR_TOO_LARGE'
  /** The id is claimed already for that remote, or is outside the range of its protocol. */
  | 'ERR_ID'
  /** Another user of the socket has this protocol. */
  | 'ERR_PROTOCOL_TAKEN'
  /** There are as many remotes, or ids of one remote, as the socket keeps. */
  | 'ERR_TOO_MANY'
  /** Admission was asked for a source address that is not proven. */
  | 'ERR_UNPROVEN'
  /** This platform has no datagram sockets. */
  | 'ERR_UNSUPPORTED'

/** A datagram socket was not opened, or refused what it was asked for. */
export class DatagramError extends WeftError {
  constructor(code: DatagramErrorCode, message: string, options: WeftErrorOptions = {}) {
    super('DatagramError', code, message, options)
  }
}
