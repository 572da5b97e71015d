import type { Connection } from '@libp2p/interface'

/** Tells a connection what its peer speaks, if the connection is one of ours. */
export function learnProtocols(connection: Connection, protocols: Iterable<string>): void {
  const own = connection as { learnProtocols?: (protocols: Iterable<string>) => void }
  own.learnProtocols?.(protocols)
}
