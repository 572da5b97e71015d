import type { Connection } from '@libp2p/interface'

/** What carries a connection, by the innermost name in its address that says so. */
export function transportOf({ remoteAddr }: Pick<Connection, 'remoteAddr'>): string {
  const names = remoteAddr.getComponents().map(({ name }) => name)
  const found = names.findLast(name => transports.has(name))
  return found === 'p2p-circuit' ? 'relay' : found === 'quic-v1' ? 'quic' : (found ?? 'unknown')
}

const transports = new Set(
  'tcp udp ws wss quic-v1 webtransport webrtc webrtc-direct utp udt unix memory p2p-circuit'.split(' ')
)
