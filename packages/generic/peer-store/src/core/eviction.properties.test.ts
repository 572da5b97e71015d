/** What a full store forgets, against the rules in words. `WEFT_RUNS` in the environment sets the number of runs. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Candidate, Eviction } from './eviction.ts'

const environment = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env ?? {}
const numRuns = Number(environment['WEFT_RUNS'] ?? 1000)

const self = 'self'
const names = ['a', 'b', 'c', 'd', 'e', self]
const [maxPeers, maxBytes] = [4, 30]

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('put' as const), name: fc.constantFrom(...names), size: fc.nat(35) })
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('delete' as const), name: fc.constantFrom(...names.slice(0, -1)) })
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('protect' as const), names: fc.subarray(names.slice(0, -1)) }) }
)

/** An account with so much room, which notes what it holds. */
class TestAccount {
  held = 0
  readonly room: number

  constructor(room: number) {
    this.room = room
  }
  tryReserve(_resource: 'memory', amount: number): { refusal(): Error } | undefined {
    if (amount <= 0) throw new Error('nothing was asked for')
    if (this.held + amount > this.room) return { refusal: () => new Error('the account is full') }
    this.held += amount
    return undefined
  }
  release(_resource: 'memory', amount: number): void {
    this.held -= amount
  }
}

interface Peer {
  readonly size: number
}

function create(account?: TestAccount): Eviction<Peer> {
  return new Eviction({ maxPeers, maxBytes, sizeOf: ({ size }) => size, self, account })
}

/** Puts a peer as a store does; returns whether it was refused, and who was asked about and who went. */
function put(store: Eviction<Peer>, name: string, peer: Peer, isProtected: (name: string) => boolean) {
  const before = store.get(name)
  const asked: Array<Candidate<Peer>> = []
  const gone: string[] = []
  try {
    const room = store.put(name, peer)
    for (let next = room.next(); next.done !== true; ) {
      const candidate = next.value
      asked.push(candidate)
      const stays = !candidate.even && isProtected(candidate.name)
      if (!stays) gone.push(candidate.name)
      next = room.next(stays)
    }
    return { refused: undefined, asked, gone }
  } catch (error) {
    store.restore(name, before)
    return { refused: error as Error, asked, gone }
  }
}

const sumOf = (store: Eviction<Peer>): number => [...store.entries()].reduce((sum, [, { size }]) => sum + size, 0)
const namesOf = (store: Eviction<Peer>): string[] => [...store.entries()].map(([name]) => name)

describe('a full peer store', () => {
  it('holds its bounds, and forgets those not updated for longest, the protected ones last', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.constantFrom(12, 1000), (steps, room) => {
        const account = new TestAccount(room)
        const store = create(account)
        let protects = new Set<string>()
        for (const each of steps) {
          if (each.kind === 'protect') protects = new Set(each.names)
          else if (each.kind === 'delete') store.delete(each.name)
          else {
            const before = [...store.entries()]
            const known = new Map(before)
            const peer = { size: each.size }
            const { refused, asked, gone } = put(store, each.name, peer, name => protects.has(name))
            // Nobody is asked about the peer itself or this node, nor twice for the same reason.
            const keys = asked.map(({ name, even }) => `${name} ${even}`)
            expect(new Set(keys).size).toBe(keys.length)
            expect(asked.some(({ name }) => name === each.name || name === self)).toBe(false)
            // In the order of their updates, at each pass.
            for (const even of [false, true]) {
              const order = asked.filter(candidate => candidate.even === even).map(({ name }) => name)
              const ages = before.map(([name]) => name).filter(name => order.includes(name))
              expect(order).toEqual(ages)
            }
            if (gone.some(name => protects.has(name))) {
              // It was new, and only protected ones were left.
              expect([known.has(each.name), refused]).toEqual([false, undefined])
              expect(store.size).toBe(maxPeers)
              expect(namesOf(store).filter(name => name !== each.name && name !== self && !protects.has(name))).toEqual(
                []
              )
            }
            if (refused === undefined) {
              expect([namesOf(store).at(-1), store.get(each.name)]).toEqual([each.name, peer])
            } else {
              expect(store.get(each.name)).toBe(known.get(each.name))
              // It was large beside those that stay.
              const staying = namesOf(store).filter(name => name !== each.name && name !== self)
              const alone = refused.name === 'PeerStoreFullError' && each.size > maxBytes
              expect(alone || staying.every(name => protects.has(name))).toBe(true)
            }
          }
          expect([store.byteLength, account.held]).toEqual([sumOf(store), sumOf(store)])
          expect(store.byteLength).toBeLessThanOrEqual(Math.min(maxBytes, room))
          expect(store.size).toBeLessThanOrEqual(maxPeers)
        }
      }),
      { numRuns }
    )
  })

  it('forgets no more than it has to', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...names), fc.nat(20)), { maxLength: 30 }), puts => {
        const store = create()
        for (const [name, size] of puts) {
          const known = new Map(store.entries())
          const { gone, refused } = put(store, name, { size }, () => false)
          const last = gone.at(-1)
          if (last === undefined || refused !== undefined) continue
          // With the one that went last, a bound would not hold.
          const crowded = !known.has(name) && store.size + 1 > maxPeers
          expect(crowded || store.byteLength + known.get(last)!.size > maxBytes).toBe(true)
        }
      }),
      { numRuns }
    )
  })

  it('counts right when updates that wait for an answer come between one another, and fail', () => {
    interface Running {
      readonly name: string
      readonly before: Peer | undefined
      readonly peer: Peer
      readonly room: Generator<Candidate<Peer>, void, boolean>
    }
    const move = fc.record({
      name: fc.constantFrom(...names),
      size: fc.nat(20),
      stays: fc.boolean(),
      fails: fc.boolean()
    })
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2), move), { maxLength: 60 }), moves => {
        const store = create()
        const running = new Map<number, Running>()
        for (const [slot, { name, size, stays, fails }] of moves) {
          const current = running.get(slot)
          // Updates of one peer wait for each other.
          if (current === undefined && [...running.values()].some(each => each.name === name)) continue
          const peer = { size }
          const update = current ?? { name, before: store.get(name), peer, room: store.put(name, peer) }
          running.delete(slot)
          try {
            if (fails && current !== undefined) throw new Error('the datastore failed')
            const next = current === undefined ? update.room.next() : update.room.next(stays)
            if (next.done !== true) running.set(slot, update)
            else store.set(update.name, update.peer)
          } catch {
            store.restore(update.name, update.before)
          }
          expect(store.byteLength).toBe(sumOf(store))
        }
        for (const { name, before } of running.values()) store.restore(name, before)
        expect(store.byteLength).toBe(sumOf(store))
      }),
      { numRuns }
    )
  })
})
