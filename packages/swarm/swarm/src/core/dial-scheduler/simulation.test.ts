/**
 * Ten thousand peers at once through 160 file descriptors, on virtual time. Of 20 addresses of each 30 % are dead, half of
 * them silent, and 10 % are slow.
 */
import { seededRandom } from '@weft/testkit'
import { expect, it } from 'vitest'
import { address, type Behaviour, DialWorld } from '../../../test/dial-world.ts'

const peers = 10_000
const addressesPerPeer = 20
const roundTrip = 50
const slow = 2000

it('reaches all peers that can be reached, and keeps the descriptors busy', () => {
  const random = seededRandom(7)
  const behaviours = new Map<string, Behaviour>()
  const reachable = new Set<number>()
  const w = new DialWorld(text => behaviours.get(text)!, { maxParallelDials: Number.POSITIVE_INFINITY })
  // One after the other: what each dial costs that tries its addresses in order, each to its end.
  let serial = 0
  const callers = new Map<number, number>()
  for (let peer = 0; peer < peers; peer++) {
    const addresses = Array.from({ length: addressesPerPeer }, (_, rank) =>
      address(`/${peer}/${rank}`, { reach: 'public', rank })
    )
    let decided = false
    for (const { text } of addresses) {
      const draw = random.next()
      const dead = draw < 0.3
      const behaviour: Behaviour = dead
        ? draw < 0.15
          ? { kind: 'silent' }
          : { kind: 'refuse', after: roundTrip }
        : { kind: 'connect', after: draw < 0.4 ? slow : roundTrip }
      behaviours.set(text, behaviour)
      if (!dead) reachable.add(peer)
      if (!decided) serial += behaviour.kind === 'silent' ? w.limits.attemptTimeout : behaviour.after
      decided ||= !dead
    }
    callers.set(w.dial(`${peer}`, addresses).caller, peer)
  }
  w.clock.runUntilIdle()
  let last = 0
  for (const [caller, peer] of callers) {
    const { outcome, at } = w.settled.get(caller)!
    expect(outcome.kind === 'connected').toBe(reachable.has(peer))
    last = Math.max(last, at)
  }
  expect(w.peak.get('fd')).toBe(160)
  expect(last).toBeLessThanOrEqual((1.5 * w.tokenTime) / 160)
  expect(last).toBeLessThanOrEqual(0.2 * serial)
}, 30_000)
