import { createLibp2p, memoryDefaults } from '@weft/libp2p'
import { MemoryDatastore } from '@weft/memory-datastore'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { sweepPeers } from './sweep.ts'

const hour = 3_600_000

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

it('forgets who only passed by, and keeps who has been heard of since', async () => {
  const datastore = new MemoryDatastore()
  const { peerStore } = await createLibp2p({ ...memoryDefaults(), datastore, start: false })
  const stored = (): number => [...datastore.queryKeys({ prefix: '/peers/' })].length
  const end = sweepPeers(peerStore)
  const [passed, stayed] = await Promise.all(
    Array.from({ length: 2 }, async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519')))
  )
  const own = stored()
  await peerStore.merge(passed!, { protocols: ['/a/1'] })
  await peerStore.merge(stayed!, { protocols: ['/a/1'] })
  await vi.advanceTimersByTimeAsync(5 * hour)
  await peerStore.merge(stayed!, { protocols: ['/b/1'] })
  expect(stored() - own).toBe(2)
  // Nobody asks the store for anything.
  await vi.advanceTimersByTimeAsync(1.5 * hour)
  await vi.waitFor(() => expect(stored() - own).toBe(1))
  expect(await peerStore.has(stayed!)).toBe(true)

  end()
  await vi.advanceTimersByTimeAsync(24 * hour)
  expect(stored() - own).toBe(1)
})
