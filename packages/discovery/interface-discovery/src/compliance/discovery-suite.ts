import type { PeerDiscovery, PeerInfo, Startable } from '@libp2p/interface'
import type { TestRunner } from '@weft/interface-connection/compliance'

/** Makes the discovery under test, which finds a peer once it runs. */
export interface DiscoverySetup {
  /** Called at the beginning of each test. What it makes is not started yet. */
  readonly setup: () => Promise<PeerDiscovery & Startable>
  /** Called at the end of each test, whatever came of it, after `stop()`. */
  readonly teardown: () => Promise<void>
}

/** What every peer discovery does. */
export function discoverySuite({ describe, it, expect }: TestRunner, options: DiscoverySetup): void {
  const using = async (use: (discovery: PeerDiscovery & Startable) => Promise<void>): Promise<void> => {
    const discovery = await options.setup()
    try {
      await use(discovery)
    } finally {
      await discovery.stop()
      await options.teardown()
    }
  }

  describe('peer discovery', () => {
    it('finds a peer once it runs, with its id and addresses', () =>
      using(async discovery => {
        const found = new Promise<PeerInfo>(resolve => {
          discovery.addEventListener('peer', event => resolve(event.detail), { once: true })
        })
        await discovery.start()
        const { id, multiaddrs } = await found
        expect(id.toString() === '').toBe(false)
        expect(Array.isArray(multiaddrs)).toBe(true)
      }))

    it('finds nobody before it runs', () =>
      using(async discovery => {
        let found = 0
        discovery.addEventListener('peer', () => found++)
        await new Promise(resolve => setTimeout(resolve, 20))
        expect(found).toBe(0)
      }))

    it('starts and stops twice without harm', () =>
      using(async discovery => {
        await discovery.start()
        await discovery.start()
        await discovery.stop()
        await discovery.stop()
      }))
  })
}
