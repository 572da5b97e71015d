import type { Libp2pEvents, Logger, PeerId, PeerRouting } from '@libp2p/interface'
import { EventEmitter } from '@weft/events'
import { discoverySuite } from '@weft/interface-discovery/compliance'
import { type TableFill, tableFillSymbol } from '@weft/interface-peer-routing'
import { multiaddr } from '@weft/multiaddr'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { DefaultRandomWalk } from '@weft/swarm'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { randomWalk, type RandomWalkInit } from './index.ts'

const log = Object.assign(() => {}, { error: () => {}, trace: () => {}, newScope: () => log }) as unknown as Logger
const logger = { forComponent: () => log }
const address = multiaddr('/ip4/127.0.0.1/tcp/1')

/** A node whose look-ups give these peers, with the node's own walker. */
async function node({ size = 3, fill = undefined as (() => TableFill) | undefined } = {}) {
  const peers: PeerId[] = await Promise.all(
    Array.from({ length: size }, async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519')))
  )
  const events = new EventEmitter<Libp2pEvents>()
  let lookups = 0
  const peerRouting = {
    async *getClosestPeers() {
      lookups++
      for (const id of peers) yield { id, multiaddrs: [address] }
    },
    ...(fill && { [tableFillSymbol]: fill })
  } as unknown as PeerRouting
  const walker = new DefaultRandomWalk({ peerRouting, logger })
  const make = (init?: RandomWalkInit) =>
    randomWalk(init)({ randomWalk: walker, peerRouting, events: events as never, logger })
  return { make, walker, events, peers, lookups: () => lookups }
}

discoverySuite(
  { describe, it, expect },
  { setup: async () => (await node()).make({ delay: 1 }), teardown: async () => {} }
)

describe('random walk', () => {
  afterEach(() => void vi.useRealTimers())

  it('makes one look-up at the start, and announces all whom it meets', async () => {
    const { make, peers, lookups } = await node()
    vi.useFakeTimers()
    const discovery = make()
    const met: string[] = []
    discovery.addEventListener('peer', ({ detail }) => met.push(detail.id.toString()))
    await discovery.start()
    await vi.advanceTimersByTimeAsync(999)
    expect(lookups()).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect([lookups(), met]).toEqual([1, peers.map(String)])
    await discovery.stop()
  })

  it('makes at most one look-up in ten minutes when the table is full', async () => {
    const { make, lookups } = await node({ fill: () => ({ peers: 100, emptyRegions: 0 }) })
    vi.useFakeTimers()
    const discovery = make()
    await discovery.start()
    await vi.advanceTimersByTimeAsync(1000)
    expect(lookups()).toBe(1)
    await vi.advanceTimersByTimeAsync(599_000)
    expect(lookups()).toBe(1)
    await vi.advanceTimersByTimeAsync(3_000_000)
    expect(lookups()).toBeLessThanOrEqual(6)
    await discovery.stop()
  })

  it('makes none while the table is empty, until somebody connects', async () => {
    let peers = 0
    const { make, lookups, events } = await node({ fill: () => ({ peers, emptyRegions: 1 }) })
    vi.useFakeTimers()
    const discovery = make()
    await discovery.start()
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(lookups()).toBe(0)
    peers = 1
    events.safeDispatchEvent('connection:open', {})
    await vi.advanceTimersByTimeAsync(1000)
    expect(lookups()).toBe(1)
    await discovery.stop()
  })

  it('ends a walk that takes too long, and one under way when it stops', async () => {
    const { make, walker } = await node()
    vi.useFakeTimers()
    const signals: AbortSignal[] = []
    walker.walk = async function* ({ signal = new AbortController().signal } = {}) {
      signals.push(signal)
      yield await new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      })
    }
    const discovery = make({ timeout: 2000, minInterval: 5000 })
    await discovery.start()
    await vi.advanceTimersByTimeAsync(3000)
    expect(signals[0]?.reason).toMatchObject({ name: 'TimeoutError' })
    await vi.advanceTimersByTimeAsync(11_000)
    expect(signals).toHaveLength(2)
    await discovery.stop()
    expect(signals[1]?.reason).toMatchObject({ name: 'AbortError' })
    // The walk hears of it a turn later.
    await vi.advanceTimersByTimeAsync(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('refuses options that cannot be, and names them', () => {
    for (const [init, option] of [
      [{ delay: -1 }, 'delay'],
      [{ minInterval: 10, maxInterval: 5 }, 'minInterval'],
      [{ timeout: 'long' }, 'timeout']
    ] as const) {
      expect(() => randomWalk(init as RandomWalkInit)).toThrow(
        expect.objectContaining({ name: 'InvalidParametersError', message: expect.stringContaining(option) })
      )
    }
  })
})
