import type { Connection } from '@libp2p/interface'

/** Tells a connection what its peer speaks, if the connection is one of ours. */
export function learnProtocols(connection: Connection, protocols: Iterable<string>): void {
  const own = connection as { learnProtocols?: (protocols: Iterable<string>) => void }
  own.learnProtocols?.(protocols)
}

/** Whether the remote has said, over this connection, that it speaks a protocol. `undefined`: the connection is not ours. */
export function hasSaidToSpeak(connection: Connection, protocol: string): boolean | undefined {
  const own = connection as { hasSaidToSpeak?: (protocol: string) => boolean }
  return own.hasSaidToSpeak?.(protocol)
}
