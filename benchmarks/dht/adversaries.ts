/** Nodes that do harm, in equal shares. */
import { encodeLengthPrefixed } from '../../packages/generic/bytes/src/index.ts'
import { placeOf } from '../../packages/routing/kad-routing/src/core/key.ts'
import { kadMessage, messageTypes } from '../../packages/routing/kad-routing/src/core/message.ts'
import { StreamMessages } from '../../packages/swarm/interface-protocol/src/index.ts'
import { pause, type Serve, type SimNode, type StreamHandler, type World } from './world.ts'

/** What each does: says nothing; tells of its own kind alone; answers after 9 s; answers with a megabyte. */
export const roles = ['drop', 'sybil', 'delay', 'oversize'] as const

/** Whether a node of this role answers at all, late or with lies. */
export const answers = (role: string): boolean => role !== 'drop' && role !== 'oversize'

/** How a node of a role serves. */
export function serveAs(role: (typeof roles)[number], world: World): Serve {
  if (role === 'drop') return () => () => {}
  if (role === 'oversize') {
    return () => async stream => {
      await new StreamMessages(stream, { maxMessageSize: 65_536 }).read().catch(() => {})
      if (stream.status === 'open') stream.send(encodeLengthPrefixed(new Uint8Array(1_000_000)))
    }
  }
  if (role === 'delay') {
    return (_node, honest): StreamHandler =>
      async (stream, connection) => {
        await pause(9000)
        await honest(stream, connection)
      }
  }
  const tell = ({ peerId, address }: SimNode) => ({ id: peerId.toMultihash().bytes, addresses: [address.bytes] })
  return () => async stream => {
    const messages = new StreamMessages(stream, { maxMessageSize: 65_536 })
    try {
      for (;;) {
        const request = await messages.readAs(kadMessage)
        if (request === undefined) break
        if (request.type === messageTypes.ADD_PROVIDER) continue
        const own = world.up.filter(node => node.role === 'sybil')
        const closerPeers = world.closest(placeOf(request.key!), 20, own).map(tell)
        await messages.writeAs(kadMessage, { type: request.type, closerPeers, providerPeers: [] })
      }
      await stream.close()
    } catch (error) {
      stream.abort(error as Error)
    }
  }
}
