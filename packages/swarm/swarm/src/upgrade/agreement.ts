import type { Connection } from '@libp2p/interface'

/** How the channel and the muxer of a connection were agreed on. */
export interface Agreement {
  /** `transport`: the transport brings its own. */
  readonly encryption: 'multistream-select' | 'transport'
  /** `handshake`: inside that of the channel (connections/inlined-muxer-negotiation). Absent where there is no muxer. */
  readonly multiplexer?: 'multistream-select' | 'handshake' | 'transport'
}

/** Under this symbol a connection of weft's has its `Agreement`. */
export const agreementSymbol: unique symbol = Symbol.for('@weft/agreement') as never

/** How a connection came to be as it is; undefined for one that another implementation made. */
export function agreementOf(connection: Connection): Agreement | undefined {
  return (connection as { [agreementSymbol]?: Agreement })[agreementSymbol]
}
