import type { Connection, connectionSymbol as contract } from '@libp2p/interface'

/** Marks a `Connection`, whichever package made it. */
export const connectionSymbol: typeof contract = Symbol.for('@libp2p/connection') as typeof contract

/** Whether a value is a `Connection`. */
export function isConnection(value: unknown): value is Connection {
  return typeof value === 'object' && value !== null && connectionSymbol in value
}
