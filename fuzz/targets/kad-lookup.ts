/** The lookup under any answers, failures, lies and orders: it asks nobody twice, not too many at once, and ends. */
import { compareDistance, placeOf } from '../../packages/routing/kad-routing/src/core/key.ts'
import { peerOf, runLookup, type WorldPeer } from '../../packages/routing/kad-routing/test/lookup-world.ts'

export const name = 'kad-lookup'

// Made once: to hash places takes longer than a lookup.
const peers = Array.from({ length: 256 }, (_, i) => peerOf(i))

/**
 * Five bytes are the bounds, then each byte is what a peer does: fail, or tell of as many of the bytes behind it; then the order in
 * which they settle is read from the same bytes.
 */
export function fuzz(input: Uint8Array): void {
  const byte = (index: number): number => input[index % Math.max(1, input.length)] ?? 0
  const target = placeOf(input.subarray(0, 2))
  const init = {
    target,
    self: String(byte(0)),
    k: 1 + (byte(0) % 8),
    alpha: 1 + (byte(1) % 5),
    beta: 1 + (byte(2) % 4),
    paths: 1 + (byte(3) % 6),
    maxCandidates: 8 + (byte(4) % 40),
    isDead: (id: string) => byte(Number(id)) % 16 === 15
  }
  const world = new Map<string, WorldPeer>()
  for (let i = 0; i < 256; i++) {
    const facts = byte(i * 3 + 5)
    const told = Array.from({ length: facts % 12 }, (_, j) => peers[byte(i * 3 + j + 6)]!)
    world.set(String(i), { ...peers[i]!, tells: facts % 3 === 0 ? undefined : () => told })
  }
  const seeds = [...input.subarray(5, 25)].map(number => peers[number]!)
  let step = 0
  const lookup = runLookup(init, seeds, world, () => byte(step++))
  const closest = lookup.closest()
  if (closest.length > init.k) throw new Error('there are more than k')
  for (const [i, { peer }] of closest.entries()) {
    if (world.get(peer.id)?.tells === undefined) throw new Error('one that failed is among the closest')
    const before = closest[i - 1]
    if (before !== undefined && compareDistance(target, before.peer.place, peer.place) > 0)
      throw new Error('out of order')
  }
  if (lookup.ended === 'nobody answered' && closest.length > 0) throw new Error('somebody answered')
}
