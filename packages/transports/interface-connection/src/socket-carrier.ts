/**
 * How a channel that the platform runs on sockets gets at the one under a connection, so that no byte of it passes through
 * JavaScript twice.
 */
import type { MessageStream } from '@libp2p/interface'

/** Under this symbol a connection over a socket offers its `SocketCarrier`. */
export const socketSymbol: unique symbol = Symbol.for('@weft/socket') as never

/** A connection that can be moved to another socket, which runs over the first. */
export interface SocketCarrier<Socket = unknown> {
  /**
   * Reads and writes the socket that `wrap` makes of the connection's own from then on. What was sent leaves before, what
   * a remote was asked to agree to is waited for, and what is unread is put back. Rejects if the connection ends before.
   */
  wrapSocket<Wrapped extends Socket>(wrap: (socket: Socket) => Wrapped): Promise<Wrapped>
}

/** What a connection offers, if it is one over a socket of the platform: on Node, a `net.Socket`. */
export function socketCarrierOf<Socket>(stream: MessageStream): SocketCarrier<Socket> | undefined {
  return (stream as { [socketSymbol]?: SocketCarrier<Socket> })[socketSymbol]
}
