import type { PeerId, PeerRouting } from '@libp2p/interface'
import { NotFoundError } from '@weft/errors'
import { multiaddr } from '@weft/multiaddr'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { describe, expect, it } from 'vitest'
import { peerRoutingSuite } from './compliance/index.ts'
import { contentRoutingSymbol, peerRoutingSymbol, tableFillOf, tableFillSymbol } from './index.ts'

/** The smallest router that keeps the contract: a table. */
function tableRouter(peers: readonly PeerId[]): PeerRouting {
  const infoOf = (id: PeerId) => ({ id, multiaddrs: [multiaddr('/ip4/127.0.0.1/tcp/1')] })
  return {
    async findPeer(peer, options) {
      options?.signal?.throwIfAborted()
      const found = peers.find(other => other.equals(peer))
      if (found === undefined) throw new NotFoundError(`${peer.toString()} is unknown`)
      return infoOf(found)
    },
    async *getClosestPeers() {
      yield* peers.map(infoOf)
    }
  }
}

const somePeer = async (): Promise<PeerId> => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))

peerRoutingSuite(
  { describe, it, expect },
  {
    maxClosestPeers: 20,
    async setup() {
      const [known, other, unknown] = await Promise.all([somePeer(), somePeer(), somePeer()])
      return { router: tableRouter([known!, other!]), known: known!, unknown: unknown! }
    },
    async teardown() {}
  }
)

describe('symbols', () => {
  it('are those of every copy', () => {
    expect(peerRoutingSymbol).toBe(Symbol.for('@libp2p/peer-routing'))
    expect(contentRoutingSymbol).toBe(Symbol.for('@libp2p/content-routing'))
  })
})

describe('how full a table is', () => {
  it('is told under a symbol, by the router itself, or not at all', () => {
    const router = {
      peers: 3,
      [tableFillSymbol]() {
        return { peers: this.peers, emptyRegions: 1 }
      }
    }
    expect(tableFillOf(router)).toEqual({ peers: 3, emptyRegions: 1 })
    expect(tableFillOf({ [tableFillSymbol]: () => undefined })).toBeUndefined()
    expect(tableFillOf({})).toBeUndefined()
  })
})
