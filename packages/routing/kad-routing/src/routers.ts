/** The routers that a node finds on the service, in the form of `@libp2p/interface`. */
import type { AbortOptions, ContentRouting, PeerId, PeerRouting } from '@libp2p/interface'
import { NotFoundError } from '@weft/errors'
import { type TableFill, type TableFillProvider, tableFillSymbol } from '@weft/interface-peer-routing'
import type { CID } from 'multiformats/cid'
import type { QueryEvent, QueryOptions } from './query-events.ts'

/** Without an extension for values it has neither `put` nor `get`. */
export type KadContentRouting = Pick<ContentRouting, 'provide' | 'findProviders' | 'cancelReprovide'> &
  Partial<Pick<ContentRouting, 'put' | 'get'>>
/** Finds peers. */
export type KadPeerRouting = PeerRouting & TableFillProvider

/** The operations that both are made of. */
interface Queries {
  findPeer(id: PeerId, options?: QueryOptions): AsyncIterable<QueryEvent>
  getClosestPeers(key: Uint8Array, options?: QueryOptions): AsyncIterable<QueryEvent>
  findProviders(cid: CID, options?: QueryOptions): AsyncIterable<QueryEvent>
  provide(cid: CID, options?: QueryOptions): AsyncIterable<QueryEvent>
  cancelReprovide(cid: CID, options?: AbortOptions): Promise<void>
  tableFill(): TableFill
}

/** Both routers of a service. */
export function routersOf(kad: Queries): { peerRouting: KadPeerRouting; contentRouting: KadContentRouting } {
  return {
    peerRouting: {
      [tableFillSymbol]: () => kad.tableFill(),
      async findPeer(id, options) {
        for await (const event of kad.findPeer(id, { ...options, steps: false }))
          if (event.name === 'FINAL_PEER') return event.peer
        throw new NotFoundError(`${id.toString()} was not found`)
      },
      async *getClosestPeers(key, options) {
        for await (const event of kad.getClosestPeers(key, { ...options, steps: false }))
          if (event.name === 'FINAL_PEER') yield event.peer
      }
    },
    contentRouting: {
      async provide(cid, options) {
        for await (const _event of kad.provide(cid, { ...options, steps: false })) continue
      },
      async *findProviders(cid, options) {
        for await (const event of kad.findProviders(cid, { ...options, steps: false })) {
          if (event.name !== 'PROVIDER') continue
          for (const provider of event.providers) yield { ...provider, routing: 'kad-dht' }
        }
      },
      async cancelReprovide(cid, options) {
        await kad.cancelReprovide(cid, options)
      }
    }
  }
}
