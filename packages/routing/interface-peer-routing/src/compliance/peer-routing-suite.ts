import type { PeerId, PeerInfo, PeerRouting } from '@libp2p/interface'
import type { TestRunner } from '@weft/interface-connection/compliance'

/** Makes the router under test, and says what it knows. */
export interface PeerRoutingSetup {
  /** Called at the beginning of each test. */
  readonly setup: () => Promise<{
    router: PeerRouting
    /** A peer that the router finds, with an address at least. */
    known: PeerId
    /** A peer that nobody has heard of. */
    unknown: PeerId
  }>
  /** Called at the end of each test, whatever came of it. */
  readonly teardown: () => Promise<void>
  /** Peers that one look-up gives at most. */
  readonly maxClosestPeers: number
}

/** What every peer router does. */
export function peerRoutingSuite({ describe, it, expect }: TestRunner, options: PeerRoutingSetup): void {
  const using = async (
    use: (parts: Awaited<ReturnType<PeerRoutingSetup['setup']>>) => Promise<void>
  ): Promise<void> => {
    const parts = await options.setup()
    try {
      await use(parts)
    } finally {
      await options.teardown()
    }
  }

  describe('peer routing', () => {
    it('finds a peer with its addresses', () =>
      using(async ({ router, known }) => {
        const found = await router.findPeer(known)
        expect(found.id.equals(known)).toBe(true)
        expect(found.multiaddrs.length).toBeGreaterThan(0)
      }))

    it('says so when it finds nobody', () =>
      using(async ({ router, unknown }) => {
        await expect(router.findPeer(unknown)).rejects.toMatchObject({ name: 'NotFoundError' })
      }))

    it('stops when its signal has fired', () =>
      using(async ({ router, unknown }) => {
        const reason = new Error('enough')
        await expect(router.findPeer(unknown, { signal: AbortSignal.abort(reason) })).rejects.toMatchObject({
          message: 'enough'
        })
      }))

    it('gives the closest peers, each once, no more than it may', () =>
      using(async ({ router, known }) => {
        const peers: PeerInfo[] = []
        for await (const peer of router.getClosestPeers(known.toMultihash().bytes)) peers.push(peer)
        const ids = new Set(peers.map(({ id }) => id.toString()))
        expect(ids.size).toBe(peers.length)
        expect(peers.length).toBeGreaterThan(0)
        expect(peers.length).toBeLessThanOrEqual(options.maxClosestPeers)
      }))

    it('lets a caller leave early', () =>
      using(async ({ router, known }) => {
        for await (const peer of router.getClosestPeers(known.toMultihash().bytes)) {
          expect(peer.id.toString() === '').toBe(false)
          break
        }
      }))
  })
}
