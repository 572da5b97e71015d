// What two nodes of libp2p 0.24 with libp2p-mplex 0.8 said to each other, captured on the wire.
import { readFileSync } from 'node:fs'
import { concat, decodeVarint, fromHex, toHex, toUtf8, varintLength } from '@weft/bytes'
import { describe, expect, it } from 'vitest'
import { encodeHeader, HeaderReader } from '../src/core/frame.ts'

interface Row {
  direction: string
  hex: string
}

const capture = readFileSync(new URL('vectors/early-peers.jsonl', import.meta.url), 'utf8')
const rows: Row[] = capture
  .trim()
  .split('\n')
  .map(line => JSON.parse(line))

/** The bytes of one direction behind the last multistream message, which names mplex. */
function framesOf(direction: string): Uint8Array {
  const bytes = concat(rows.filter(row => row.direction === direction).map(row => fromHex(row.hex)))
  for (let at = 0; ; ) {
    const length = decodeVarint(bytes, at)
    const start = at + varintLength(length)
    at = start + length
    if (toUtf8(bytes.subarray(start, at)) === '/mplex/6.7.0\n') return bytes.subarray(at)
  }
}

describe.each(['>', '<'])('frames of an early peer, direction %s', direction => {
  it('are read, and written again byte for byte', () => {
    const bytes = framesOf(direction)
    const reader = new HeaderReader(1_048_576)
    const again: Uint8Array[] = []
    const flags = new Set<number>()
    for (let at = 0; at < bytes.byteLength; ) {
      at = reader.read(bytes, at)
      expect(at).toBeGreaterThan(0)
      flags.add(reader.flag)
      again.push(encodeHeader(reader.id, reader.flag, reader.length), bytes.subarray(at, at + reader.length))
      at += reader.length
    }
    expect(toHex(concat(again))).toBe(toHex(bytes))
    // Both sides opened streams, wrote as initiator and as receiver, and ended them.
    expect([...flags]).toEqual(expect.arrayContaining([0, 1, 2]))
  })
})
