import type { ConnectionGater } from '@libp2p/interface'

/** The defaults that differ between Node and browsers. */
export interface Environment {
  /** Connections in all. */
  readonly maxConnections: number
  /** Inbound ones of them: what is left is for dials. */
  readonly maxInboundConnections: number
  /** The question of a gater that does not answer it by itself. */
  readonly denyDialMultiaddr?: NonNullable<ConnectionGater['denyDialMultiaddr']>
}
