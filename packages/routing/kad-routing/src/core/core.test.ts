import { fromHex, fromUtf8, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DeadPeers } from './dead-peers.ts'
import { commonPrefix, placeOf } from './key.ts'
import { providerKeyOf } from './provider-key.ts'
import { Providers } from './providers.ts'
import { keyInBucket } from './random-key.ts'

describe('dead peers', () => {
  it('are left out for a minute, then for twice as long each time, until they are heard of', () => {
    const dead = new DeadPeers()
    dead.mark('a', 0)
    expect([dead.isDead('a', 59_999), dead.isDead('a', 60_000)]).toEqual([true, false])
    dead.mark('a', 60_000)
    expect([dead.isDead('a', 179_999), dead.isDead('a', 180_000)]).toEqual([true, false])
    for (let i = 0; i < 20; i++) dead.mark('a', 0)
    expect([dead.isDead('a', 1_799_999), dead.isDead('a', 1_800_000)]).toEqual([true, false])
    dead.revive('a')
    expect(dead.isDead('a', 0)).toBe(false)
  })

  it('are remembered up to a number', () => {
    const dead = new DeadPeers({ minimum: 1, maximum: 1, capacity: 3 })
    for (const id of ['a', 'b', 'a', 'c', 'd']) dead.mark(id, 0)
    expect([dead.size, dead.isDead('b', 0), dead.isDead('a', 0)]).toEqual([3, false, true])
  })
})

describe('a key of a provider record', () => {
  const multihash = `1220${'ab'.repeat(32)}`

  it('is the multihash of a CID, and any other bytes as they are', () => {
    expect(toHex(providerKeyOf(fromHex(`0155${multihash}`))!)).toBe(multihash)
    expect(toHex(providerKeyOf(fromHex(`01f00e${multihash}`))!)).toBe(multihash)
    for (const hex of [multihash, '01', '0155', '0155ff', toHex(fromUtf8('hello')), '01'.repeat(80)]) {
      expect(toHex(providerKeyOf(fromHex(hex))!)).toBe(hex)
    }
    for (const key of [undefined, new Uint8Array(), new Uint8Array(81)]) expect(providerKeyOf(key)).toBe(undefined)
  })
})

describe('a key of a bucket', () => {
  it('has as many bits in common with the node', () => {
    const self = placeOf(Uint8Array.of(1))
    let seed = 1
    const random = (bytes: Uint8Array): void => void bytes.fill((seed = (seed * 31 + 7) & 255))
    for (let prefix = 0; prefix <= 9; prefix++) {
      expect(commonPrefix(placeOf(keyInBucket(self, prefix, random)), self)).toBe(prefix)
    }
  })
})

describe('provider records', () => {
  it('keep their bounds whatever is told, and what they count is what they hold', () => {
    const operation = fc.record({
      what: fc.constantFrom('add', 'add', 'add', 'delete', 'expire'),
      key: fc.nat(12).map(String),
      peer: fc.nat(12).map(String),
      addresses: fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 }),
      wait: fc.nat(50)
    })
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), operations => {
        const providers = new Providers({ validity: 1000, maxPerKey: 3, maxBytes: 10_000 })
        const held = new Set<string>()
        let now = 0
        for (const { what, key, peer, addresses, wait } of operations) {
          now += wait
          if (what === 'add') {
            held.add(`${key}/${peer}`)
            for (const dropped of providers.add(key, peer, addresses, now))
              held.delete(`${dropped.key}/${dropped.peer}`)
          } else if (what === 'delete') {
            expect(providers.delete(key, peer)).toBe(held.delete(`${key}/${peer}`))
          } else for (const over of providers.expire(now)) held.delete(`${over.key}/${over.peer}`)
          expect(providers.byteLength).toBeLessThanOrEqual(10_000)
          expect(providers.size).toBe(held.size)
          expect(providers.of(key, now).length).toBeLessThanOrEqual(3)
        }
        for (let i = 0; i <= 12; i++) for (let j = 0; j <= 12; j++) providers.delete(String(i), String(j))
        expect([providers.size, providers.byteLength]).toEqual([0, 0])
      })
    )
  })

  it('count until their time is over, and those that were told last come first', () => {
    const providers = new Providers({ validity: 100, maxPerKey: 3, maxBytes: 1e6 })
    for (const [peer, at] of [
      ['a', 0],
      ['b', 10],
      ['a', 20],
      ['c', 30]
    ] as const)
      providers.add('key', peer, [], at)
    expect(providers.of('key', 50).map(({ peer }) => peer)).toEqual(['c', 'a', 'b'])
    expect(providers.of('key', 110).map(({ peer }) => peer)).toEqual(['c', 'a'])
    expect(providers.add('key', 'd', [], 60).map(({ peer }) => peer)).toEqual(['b'])
    expect(providers.expire(125).map(({ peer }) => peer)).toEqual(['a'])
  })

  it('of 200,000 forged ones keep what fits into 64 MiB', () => {
    const providers = new Providers()
    for (let i = 0; i < 200_000; i++) {
      providers.add(`key ${i}`.padEnd(34), `peer ${i % 50}`.padEnd(38), [new Uint8Array(8)], i)
    }
    expect(providers.byteLength).toBeLessThanOrEqual(64 * 1024 * 1024)
    expect(providers.size).toBeGreaterThan(90_000)
  })
})
