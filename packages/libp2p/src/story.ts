/** What a node tells of itself with `DEBUG=libp2p:*`, beside its parts: one line for each event. */
import type { Connection } from '@libp2p/interface'
import type { Components } from '@weft/interface-node'

/** Logs what the events of a node say. Nothing is formatted while the log is off. */
export function tellStory({ events, logger }: Components): void {
  const log = logger.forComponent('libp2p')
  events.addEventListener('transport:listening', ({ detail }) => {
    if (log.enabled) log('listening on %s', detail.getAddrs().join(', '))
  })
  events.addEventListener('transport:close', () => {
    if (log.enabled) log('a listener was closed')
  })
  events.addEventListener('connection:open', ({ detail: connection }) => {
    if (!log.enabled) return
    const { encryption = 'no channel', multiplexer = 'no muxer', limits } = connection
    log('connected %s: %s, %s%s', nameOf(connection), encryption, multiplexer, limits === undefined ? '' : ', limited')
  })
  events.addEventListener('connection:close', ({ detail: connection }) => {
    if (!log.enabled) return
    const { open, close = Date.now() } = connection.timeline
    log('disconnected %s: %s after %d ms', nameOf(connection), connection.status, close - open)
  })
  events.addEventListener('connection:prune', ({ detail }) => {
    if (log.enabled) log('pruned %d connections: %s', detail.length, detail.map(nameOf).join(', '))
  })
  events.addEventListener('peer:identify', ({ detail: { peerId, agentVersion = 'unknown software', protocols } }) => {
    // Text of the remote: it may not write lines of its own.
    if (log.enabled) log('identified %p: %s, %d protocols', peerId, JSON.stringify(agentVersion), protocols.length)
  })
}

/** `outbound-7 with 12D3Koo... at /ip4/...`, without the peer at the end of the address. */
function nameOf({ id, remotePeer, remoteAddr }: Connection): string {
  const peer = remotePeer.toString()
  const address = remoteAddr.toString()
  const end = `/p2p/${peer}`
  return `${id} with ${peer} at ${address.endsWith(end) ? address.slice(0, -end.length) : address}`
}
