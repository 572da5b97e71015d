import { describe, expect, it } from 'vitest'
import { RecordCache } from './cache.ts'

const record = (n: number): Uint8Array => new Uint8Array(10).fill(n)

function listening(maxBytes = 100): RecordCache {
  const cache = new RecordCache(maxBytes)
  cache.listening = true
  return cache
}

describe('the cache', () => {
  it('keeps what was read, until it changes', () => {
    const cache = listening()
    cache.end(cache.begin(), new Map([['a', record(1)]]))
    expect(cache.get('a')).toEqual(record(1))
    cache.changed('a')
    expect(cache.get('a')).toBe(undefined)
  })

  it('does not keep what changed while it was read', () => {
    const cache = listening()
    const reading = cache.begin()
    cache.changed('a')
    const records = new Map([
      ['a', record(1)],
      ['b', record(2)]
    ])
    cache.end(reading, records)
    expect(cache.get('a')).toBe(undefined)
    expect(cache.get('b')).toEqual(record(2))
  })

  it('is empty while nobody tells of changes, and after it', () => {
    const cache = listening()
    cache.end(cache.begin(), new Map([['a', record(1)]]))
    const before = cache.begin()
    cache.listening = false
    expect(cache.get('a')).toBe(undefined)
    const meanwhile = cache.begin()
    cache.listening = true
    for (const reading of [before, meanwhile]) cache.end(reading, new Map([['a', record(1)]]))
    expect(cache.get('a')).toBe(undefined)
  })

  it('holds so many bytes, and lets the oldest go', () => {
    const cache = listening(25)
    for (const id of ['a', 'b', 'b', 'c']) cache.end(cache.begin(), new Map([[id, record(1)]]))
    expect(['a', 'b', 'c'].map(id => cache.get(id) !== undefined)).toEqual([false, true, true])
  })
})
