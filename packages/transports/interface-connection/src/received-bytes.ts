/** How much a remote has sent over a raw connection, in whatever layer the bytes are taken up. */
import type { MultiaddrConnection } from '@libp2p/interface'

/** Under this symbol a raw connection has the number of bytes that have arrived since it was made. */
export const receivedBytesSymbol: unique symbol = Symbol.for('@weft/received-bytes') as never

/** Bytes that have arrived over a raw connection; `undefined` if it does not count them. */
export function receivedBytesOf(connection: MultiaddrConnection): number | undefined {
  return (connection as { [receivedBytesSymbol]?: number })[receivedBytesSymbol]
}
