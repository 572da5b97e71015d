import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commonPrefix, compareDistance, type KadKey, placeOf } from './key.ts'
import { defaultTable, RoutingTable, type TableInit, type TablePeer } from './table.ts'

const small: TableInit = { k: 3, maxReplacements: 2, maxPerGroup: 3, maxPerGroupInBucket: 2 }
const self = placeOf(Uint8Array.of(0))

function peerAt(place: KadKey, id: string, ...groups: string[]): TablePeer {
  return { id, place, groups }
}

function somePeer(number: number, ...groups: string[]): TablePeer {
  return peerAt(placeOf(Uint8Array.of(1, number >> 8, number & 255)), String(number), ...groups)
}

/** A place that has as many bits in common with `self`, the `index`th of them. */
function placeIn(prefix: number, index: number): KadKey {
  const place = new Uint8Array(self)
  place[prefix >> 3]! ^= 0x80 >> (prefix & 7)
  place[31]! ^= index
  return place as KadKey
}

const operation = fc.record({
  what: fc.constantFrom('add', 'add', 'add', 'remove', 'seen', 'due'),
  peer: fc.nat(60),
  group: fc.nat(4),
  wait: fc.nat(1000)
})

describe('distance', () => {
  it('orders as the numbers do that two places make by exclusive or', () => {
    const place = fc.uint8Array({ minLength: 32, maxLength: 32 }) as fc.Arbitrary<KadKey>
    const toNumber = (a: KadKey, b: KadKey): bigint =>
      a.reduce((sum, byte, i) => (sum << 8n) | BigInt(byte ^ b[i]!), 0n)
    fc.assert(
      fc.property(place, place, place, (target, a, b) => {
        const [toA, toB] = [toNumber(target, a), toNumber(target, b)]
        expect(Math.sign(compareDistance(target, a, b))).toBe(toA < toB ? -1 : toA > toB ? 1 : 0)
        expect(commonPrefix(a, b)).toBe(256 - (toNumber(a, b) === 0n ? 0 : toNumber(a, b).toString(2).length))
      })
    )
  })
})

describe('the table', () => {
  it('keeps its bounds whatever is done with it', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), operations => {
        const table = new RoutingTable(self, small)
        let now = 0
        for (const { what, peer, group, wait } of operations) {
          now += wait
          const groups = group === 0 ? [] : [`group ${group}`]
          if (what === 'add') table.add(somePeer(peer, ...groups), now)
          else if (what === 'remove') table.remove(String(peer), now)
          else if (what === 'seen') table.seen(String(peer), now)
          else {
            const due = table.due(now, 500, 4)
            expect(due.length).toBeLessThanOrEqual(4)
            for (const { seenAt } of due) expect(now - seenAt).toBeGreaterThanOrEqual(500)
          }
          checkBounds(table)
        }
      })
    )
  })

  it('gives the closest of all its peers, in order, wherever the target is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(500), { maxLength: 60 }),
        fc.nat(1000),
        fc.integer({ min: 1, max: 25 }),
        (ids, to, count) => {
          const table = new RoutingTable(self, defaultTable)
          for (const id of ids) table.add(somePeer(id), 0)
          // Deep in the table as well: this node's own place, and one beside it.
          for (const target of [placeOf(Uint8Array.of(to & 255)), self, placeIn(to % 256, 1)]) {
            const all = [...table.entries()].map(({ peer }) => peer)
            const expected = all.toSorted((a, b) => compareDistance(target, a.place, b.place)).slice(0, count)
            expect(table.closest(target, count).map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
            const odd = table.closest(target, count, ({ id }) => Number(id) % 2 === 1)
            expect(odd.every(({ id }) => Number(id) % 2 === 1)).toBe(true)
          }
        }
      )
    )
  })

  it('keeps who was there first, and gives the place of one who died to who was heard of last', () => {
    const table = new RoutingTable(self, small)
    const peers = Array.from({ length: 6 }, (_, i) => peerAt(placeIn(3, i), `p${i}`))
    expect(peers.map(peer => table.add(peer, 1))).toEqual(['added', 'added', 'added', 'waiting', 'waiting', 'waiting'])
    expect([table.size, table.waitingAt(3)]).toEqual([3, 2])
    expect([3, 4].map(i => table.hasRoomFor({ id: 'new', place: placeIn(i, 9) }))).toEqual([false, true])
    expect(table.hasRoomFor(peers[0]!)).toBe(false)
    expect(table.remove('p1', 2)?.id).toBe('p5')
    expect(table.has('p1')).toBe(false)
    table.remove('p4', 3)
    expect(table.remove('p5', 4)).toBe(undefined)
    expect([...table.entries()].map(({ peer }) => peer.id)).toEqual(['p0', 'p2'])
  })

  it('never holds more of one group than its share: a thousand of one network have two places of a bucket, three in all', () => {
    const table = new RoutingTable(self)
    const outcomes = Array.from({ length: 1000 }, (_, i) => table.add(somePeer(i, '4:1.2'), 0))
    expect([table.size, outcomes.filter(outcome => outcome === 'group-full').length]).toEqual([3, 997])
    for (let i = 1000; i < 1100; i++) table.add(somePeer(i, `4:9.${i}`), 0)
    expect(table.size).toBeGreaterThan(60)
  })

  it('counts a peer in the group of its latest address, unless that has its share', () => {
    const table = new RoutingTable(self, small)
    const moved = peerAt(placeIn(0, 0), 'moved', 'a')
    table.add(moved, 0)
    table.add({ ...moved, groups: ['b'] }, 1)
    expect(table.add(peerAt(placeIn(1, 0), 'x', 'a'), 1)).toBe('added')
    for (let i = 0; i < 2; i++) table.add(peerAt(placeIn(2, i), `b${i}`, 'b'), 1)
    expect(table.add(peerAt(placeIn(4, 0), 'late', 'b'), 1)).toBe('group-full')
    const full = { ...peerAt(placeIn(1, 0), 'x'), groups: ['b'] }
    expect(table.add(full, 2)).toBe('known')
    expect(table.get('x')!.peer.groups).toEqual(['a'])
  })

  it('asks first those whose place somebody waits for, then those not seen for longest, each once', () => {
    const table = new RoutingTable(self, { ...small, k: 1 })
    table.add(peerAt(placeIn(0, 0), 'old'), 0)
    table.add(peerAt(placeIn(1, 0), 'wanted'), 5)
    table.add(peerAt(placeIn(1, 1), 'waits'), 6)
    table.add(peerAt(placeIn(2, 0), 'fresh'), 90)
    expect(table.due(100, 50, 9).map(({ peer }) => peer.id)).toEqual(['wanted', 'old'])
    table.checking('wanted', 100)
    expect(table.due(101, 50, 9).map(({ peer }) => peer.id)).toEqual(['old'])
  })

  it('says how full it is', () => {
    const table = new RoutingTable(self)
    expect([table.fill(), table.depth]).toEqual([{ peers: 0, emptyRegions: 1 }, -1])
    table.add(peerAt(placeIn(0, 0), 'a'), 0)
    table.add(peerAt(placeIn(3, 0), 'b'), 0)
    expect([table.fill(), table.depth]).toEqual([{ peers: 2, emptyRegions: 2 }, 3])
    expect(table.add(peerAt(self, 'self'), 0)).toBe('self')
  })
})

function checkBounds(table: RoutingTable): void {
  const groups = new Map<string, number>()
  const buckets = new Map<number, TablePeer[]>()
  for (const { peer, prefix } of table.entries()) {
    expect(prefix).toBe(commonPrefix(self, peer.place))
    buckets.set(prefix, [...(buckets.get(prefix) ?? []), peer])
    for (const group of peer.groups) groups.set(group, (groups.get(group) ?? 0) + 1)
  }
  for (const count of groups.values()) expect(count).toBeLessThanOrEqual(small.maxPerGroup)
  for (const [prefix, peers] of buckets) {
    expect(peers.length).toBeLessThanOrEqual(small.k)
    expect(table.waitingAt(prefix)).toBeLessThanOrEqual(small.maxReplacements)
    for (const group of groups.keys()) {
      const here = peers.filter(peer => peer.groups.includes(group)).length
      expect(here).toBeLessThanOrEqual(small.maxPerGroupInBucket)
    }
  }
}
