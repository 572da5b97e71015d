import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { closestOf, honestWorld, peerOf, runLookup, settings, type WorldPeer } from '../../test/lookup-world.ts'
import { compareDistance, placeOf } from './key.ts'
import { Lookup } from './lookup.ts'
import type { LookupPeer } from './lookup-types.ts'

const target = placeOf(Uint8Array.of(9, 9, 9, 9))
const init = { ...settings, target }
const world = (peers: readonly WorldPeer[]): Map<string, WorldPeer> => new Map(peers.map(peer => [peer.id, peer]))

describe('a lookup', () => {
  const honest = honestWorld(400)
  const byId = world(honest)

  it('finds the k closest of an honest network, in whatever order the answers come', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(20)), fc.nat(399), (order, from) => {
        const seeds = honest[from]!.tells!(target)
        const lookup = runLookup({ ...init, self: String(from) }, seeds, byId, () => order.next().value)
        const others = honest.filter(({ id }) => id !== String(from))
        const expected = closestOf(others, target, 20).map(({ id }) => id)
        expect(lookup.closest().map(({ peer }) => peer.id)).toEqual(expected)
        expect(lookup.ended).toBe('converged')
        expect(lookup.asked).toBeLessThanOrEqual(60)
        expect(lookup.hops).toBeLessThanOrEqual(4)
      }),
      { numRuns: 60 }
    )
  })

  it('asks peers of one path alone what that path was told, and all paths share what is on its way', () => {
    const lookup = new Lookup<LookupPeer>(init, honest.slice(0, 20))
    const first = Array.from({ length: 11 }, () => lookup.next())
    expect(first.map(ask => ask?.path)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, undefined])
    const [ask] = first
    const news = [500, 501, 502].map(peerOf)
    lookup.answered(ask!.peer.id, news)
    for (let next = lookup.next(); next !== undefined; next = lookup.next()) {
      if (news.some(({ id }) => id === next!.peer.id)) expect(next.path).toBe(ask!.path)
    }
  })

  it('ends where it is found, and is told nothing more', () => {
    const lookup = new Lookup(init, honest.slice(0, 20))
    const ask = lookup.next()!
    lookup.next()
    lookup.answered(ask.peer.id, [])
    lookup.end('found')
    expect([lookup.ended, lookup.next()]).toEqual(['found', undefined])
    lookup.end('aborted')
    expect(lookup.ended).toBe('found')
  })

  it('says why it found nobody', () => {
    expect(new Lookup(init, []).ended).toBe('nobody to ask')
    const gone = Array.from({ length: 30 }, (_, i) => peerOf(i))
    const lookup = runLookup(init, gone, new Map())
    expect([lookup.ended, lookup.asked, lookup.closest()]).toEqual(['nobody answered', 30, []])
    expect(lookup.trace().every(({ outcome, error }) => outcome === 'failed' && error !== undefined)).toBe(true)
  })

  it('leaves out who died lately, unless all did', () => {
    const dead = new Set(closestOf(honest, target, 5).map(({ id }) => id))
    const seeds = honest[7]!.tells!(target)
    const lookup = runLookup({ ...init, isDead: id => dead.has(id) }, seeds, byId)
    expect(lookup.closest().some(({ peer }) => dead.has(peer.id))).toBe(false)
    const left = lookup.trace().filter(({ outcome }) => outcome === 'dead')
    expect(left.length).toBeGreaterThan(0)
    expect(runLookup({ ...init, isDead: () => true }, seeds, byId).closest().length).toBe(20)
  })

  it('asks no more of one who made peers up, and finds the others', () => {
    let made = 100_000
    const liars = new Set(
      closestOf(honest, target, 60)
        .filter((_, i) => i % 5 === 0)
        .map(({ id }) => id)
    )
    const invented = (): WorldPeer[] => {
      const many = Array.from({ length: 300 }, () => ({ ...peerOf(made++), tells: undefined }))
      return closestOf(many, target, 20)
    }
    const lying = honest.map(peer => (liars.has(peer.id) ? { ...peer, tells: invented } : peer))
    const lookup = runLookup(init, honest[3]!.tells!(target), world(lying))
    expect(lookup.closest().map(({ peer }) => peer.id)).toEqual(closestOf(honest, target, 20).map(({ id }) => id))
    expect(lookup.trace().some(({ outcome }) => outcome === 'distrusted')).toBe(true)
    expect(lookup.asked).toBeLessThanOrEqual(120)
  })

  it('is not led away by liars on one path who tell of one another', () => {
    const sybils: WorldPeer[] = closestOf(
      Array.from({ length: 4000 }, (_, i) => ({ ...peerOf(200_000 + i), tells: undefined as WorldPeer['tells'] })),
      target,
      30
    )
    for (const sybil of sybils) sybil.tells = () => sybils
    const entry: WorldPeer = { ...honest[11]!, tells: () => sybils }
    const all = world([...honest.filter(({ id }) => id !== entry.id), ...sybils, entry])
    const lookup = runLookup({ ...init, k: 60 }, honest[3]!.tells!(target), all)
    // Closer they are: but whoever is honest and closest was asked as well.
    const asked = new Set(lookup.trace().map(({ peer }) => peer.id))
    for (const { id } of closestOf(honest, target, 20)) expect(asked.has(id)).toBe(true)
  })

  it('keeps its bounds and ends, whatever peers do', () => {
    const behaviour = fc.record({ fails: fc.boolean(), tells: fc.array(fc.nat(120), { maxLength: 30 }) })
    fc.assert(
      fc.property(
        fc.array(behaviour, { minLength: 1, maxLength: 120 }),
        fc.array(fc.nat(119), { maxLength: 30 }),
        fc.record({
          alpha: fc.integer({ min: 1, max: 5 }),
          beta: fc.integer({ min: 1, max: 4 }),
          paths: fc.integer({ min: 1, max: 6 }),
          k: fc.integer({ min: 1, max: 8 }),
          maxCandidates: fc.integer({ min: 8, max: 40 })
        }),
        fc.infiniteStream(fc.nat(9)),
        (behaviours, seeds, bounds, order) => {
          const peers = behaviours.map(
            ({ fails, tells }, i): WorldPeer => ({ ...peerOf(i), tells: fails ? undefined : () => tells.map(peerOf) })
          )
          const lookup = runLookup({ ...bounds, target }, seeds.map(peerOf), world(peers), () => order.next().value)
          const closest = lookup.closest().map(({ peer }) => peer)
          expect(closest.length).toBeLessThanOrEqual(bounds.k)
          expect(closest).toEqual(closest.toSorted((a, b) => compareDistance(target, a.place, b.place)))
          for (const { peer } of lookup.closest()) expect(behaviours[Number(peer.id)]!.fails).toBe(false)
        }
      )
    )
  })
})
