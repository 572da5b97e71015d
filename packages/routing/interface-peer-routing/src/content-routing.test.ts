import type { ContentRouting, PeerId } from '@libp2p/interface'
import { fromUtf8, toHex } from '@weft/bytes'
import { NotFoundError } from '@weft/errors'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { CID } from 'multiformats/cid'
import { identity } from 'multiformats/hashes/identity'
import { describe, expect, it } from 'vitest'
import { contentRoutingSuite } from './compliance/index.ts'

/** What the routers of one network share. */
interface Board {
  providers: Map<string, PeerId[]>
  values: Map<string, Uint8Array>
}

/** The smallest router that keeps the contract: two tables. Its values are single bytes, the greater the better. */
function boardRouter(self: PeerId, board: Board): ContentRouting {
  return {
    async provide(cid, options) {
      options?.signal?.throwIfAborted()
      board.providers.set(cid.toString(), [self])
    },
    async cancelReprovide() {},
    async *findProviders(cid, options) {
      options?.signal?.throwIfAborted()
      for (const id of board.providers.get(cid.toString()) ?? []) yield { id, multiaddrs: [], routing: 'board' }
    },
    async put(key, value, options) {
      options?.signal?.throwIfAborted()
      if (value.byteLength !== 1) throw new TypeError('a value has one byte')
      const held = board.values.get(toHex(key))
      if (held === undefined || held[0]! <= value[0]!) board.values.set(toHex(key), new Uint8Array(value))
    },
    async get(key, options) {
      options?.signal?.throwIfAborted()
      const value = board.values.get(toHex(key))
      if (value === undefined) throw new NotFoundError('no value')
      return value
    }
  }
}

const somePeer = async (): Promise<PeerId> => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))

contentRoutingSuite(
  { describe, it, expect },
  {
    async setup() {
      const [self, second] = await Promise.all([somePeer(), somePeer()])
      const board: Board = { providers: new Map(), values: new Map() }
      return {
        router: boardRouter(self, board),
        other: boardRouter(second, board),
        self,
        cid: CID.createV1(0x55, identity.digest(fromUtf8('content'))),
        key: fromUtf8('/byte/key'),
        values: [Uint8Array.of(1), Uint8Array.of(2)],
        invalid: new Uint8Array(2)
      }
    },
    async teardown() {}
  }
)
