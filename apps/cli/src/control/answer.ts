/** What a node answers on its control socket. */
import type { Connection, Libp2p, Peer, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@weft/peer-id'
import { dialTarget } from '../targets.ts'
import type { Request } from './core/protocol.ts'
import { type ConnectionView, connectionView, type DialView, dialView, type PeerView, peerView } from './views.ts'

/** Answers a request with what `node` shows: yields the items, and returns what ends the answer. */
export async function* answer(
  node: Libp2p,
  request: Request,
  signal: AbortSignal
): AsyncGenerator<DialView | ConnectionView | PeerView, object> {
  switch (request.command) {
    case 'dials':
      for (const dial of node.getDialQueue()) yield dialView(dial)
      return {}
    case 'connections':
      for (const connection of node.getConnections()) yield await viewOf(node, connection)
      return {}
    case 'peers':
      for (const peer of await node.peerStore.all()) yield peerView(peer, node.getConnections(peer.id).length)
      return {}
    case 'connect': {
      const began = performance.now()
      const connection = await node.dial(dialTarget(request.targets), { signal })
      return { connection: await viewOf(node, connection), time: performance.now() - began }
    }
    case 'disconnect': {
      const peer = peerIdFromString(request.peer)
      const { length } = node.getConnections(peer)
      await node.hangUp(peer, { signal })
      return { closed: length }
    }
  }
}

async function viewOf(node: Libp2p, connection: Connection): Promise<ConnectionView> {
  return connectionView(connection, await known(node, connection.remotePeer), Date.now())
}

async function known({ peerStore }: Libp2p, peer: PeerId): Promise<Peer | undefined> {
  try {
    return await peerStore.get(peer)
  } catch (error) {
    if ((error as Error).name === 'NotFoundError') return undefined
    throw error
  }
}
