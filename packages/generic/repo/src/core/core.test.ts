import { fromUtf8 } from '@weft/bytes'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { blockName, bytesOfName, foreignBlockNames } from './block-names.ts'
import { decodeSlots, encodeSlot, slotLength } from './commit-count.ts'
import { crc32c, masked } from './crc32c.ts'
import { decodeKeyFile, encodeKeyFile, nonceLength, saltLength } from './key-file.ts'
import { checkLog } from './leveldb-log.ts'
import { checkTable } from './leveldb-table.ts'
import { frameValue, unframeValue } from './value-frame.ts'

const bytes = (max = 64) => fc.uint8Array({ maxLength: max })

describe('CRC-32C', () => {
  it('has the values of RFC 3720, B.4', () => {
    expect(crc32c(fromUtf8('123456789'))).toBe(0xe3069283)
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43)
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e)
  })

  it('is the same in parts', () => {
    fc.assert(
      fc.property(bytes(), bytes(), (a, b) => {
        expect(crc32c(b, crc32c(a))).toBe(crc32c(Uint8Array.of(...a, ...b)))
      })
    )
  })
})

describe('framed values', () => {
  it('have a format, a checksum over key and value, and the value', () => {
    const framed = frameValue(fromUtf8('/a'), Uint8Array.of(1, 2))
    const sum = crc32c(Uint8Array.of(0x2f, 0x61, 1, 2))
    expect([...framed]).toEqual([1, sum & 0xff, (sum >>> 8) & 0xff, (sum >>> 16) & 0xff, sum >>> 24, 1, 2])
  })

  it('come back under their key, and under no other', () => {
    fc.assert(
      fc.property(bytes(), bytes(), bytes(), (key, value, other) => {
        const framed = frameValue(key, value)
        expect(unframeValue(key, framed)).toEqual(value)
        if (String(key) !== String(other)) expect(unframeValue(other, framed)).not.toEqual(value)
      })
    )
  })

  it('do not come back with one bit flipped, wherever it is', () => {
    fc.assert(
      fc.property(bytes(), bytes(), fc.nat(), fc.nat(7), (key, value, at, bit) => {
        const framed = frameValue(key, value)
        framed[at % framed.length]! ^= 1 << bit
        expect(unframeValue(key, framed)).toBeUndefined()
      })
    )
  })
})

/** A log record as LevelDB writes it. */
function record(data: Uint8Array, type = 1): Uint8Array {
  const out = new Uint8Array(7 + data.length)
  out.set(data, 7)
  out[6] = type
  const view = new DataView(out.buffer)
  view.setUint16(4, data.length, true)
  view.setUint32(0, masked(crc32c(out.subarray(6))), true)
  return out
}

describe('a LevelDB log', () => {
  const two = Uint8Array.of(...record(fromUtf8('first')), ...record(fromUtf8('second')))

  it('is whole, cut or damaged', () => {
    expect(checkLog(new Uint8Array(0))).toEqual({ kind: 'whole' })
    expect(checkLog(two)).toEqual({ kind: 'whole' })
    for (let length = 13; length < two.length; length++) {
      expect(checkLog(two.subarray(0, length))).toEqual({ kind: 'cut', offset: 12 })
    }
    expect(checkLog(Uint8Array.of(...two, ...new Uint8Array(100)))).toEqual({ kind: 'cut', offset: two.length })
    const fragment = Uint8Array.of(...two, ...record(fromUtf8('begin'), 2))
    expect(checkLog(fragment)).toEqual({ kind: 'cut', offset: two.length })
    expect(checkLog(Uint8Array.of(...fragment, ...record(fromUtf8('other'))))).toMatchObject({ kind: 'damaged' })
    expect(checkLog(Uint8Array.of(...record(fromUtf8('end'), 4)))).toMatchObject({ kind: 'damaged' })
  })

  it('is never called whole with a bit flipped', () => {
    for (let at = 0; at < two.length * 8; at++) {
      const flipped = new Uint8Array(two)
      flipped[at >> 3]! ^= 1 << (at & 7)
      expect(checkLog(flipped).kind).not.toBe('whole')
    }
  })

  it('and a table of arbitrary bytes end with a verdict', () => {
    fc.assert(
      fc.property(bytes(300), any => {
        expect(['whole', 'cut', 'damaged']).toContain(checkLog(any).kind)
        expect(checkTable(any)).toBeDefined()
      })
    )
  })
})

describe('the count of commits', () => {
  it('is the greater of two slots that are whole', () => {
    const file = new Uint8Array(2 * slotLength)
    expect(decodeSlots(file.subarray(0, 0))).toBeUndefined()
    for (const count of [1, 2, 3, 2 ** 40]) {
      const { bytes: slot, position } = encodeSlot(count)
      file.set(slot, position)
      expect(decodeSlots(file)).toBe(count)
    }
    file[0]! ^= 1
    expect(decodeSlots(file)).toBe(3)
    file[slotLength]! ^= 1
    expect(decodeSlots(file)).toBeUndefined()
  })
})

describe('names of blocks', () => {
  const cid = CID.parse('bafkreid4r3doa6jh7wqivkrmzn6rwazgxmcoofgwwwnwfwgpwazrhcs3zi')

  it('are those of kubo: the folder is named by the two characters before the last', () => {
    const { folder, file } = blockName(cid.multihash.bytes)
    expect(file).toMatch(/^CIQ[A-Z2-7]{52}\.data$/)
    expect(folder).toBe(file.slice(-8, -6))
    expect(bytesOfName(file)).toEqual(cid.multihash.bytes)
  })

  it('of others are tried after ours, and are read too', () => {
    const names = foreignBlockNames(cid)
    expect(names.map(({ file }) => file.slice(0, 3))).toEqual(['CIQ', 'AFK', 'BCI'])
    expect(names.map(({ file }) => bytesOfName(file))).toEqual([cid.multihash.bytes, cid.bytes, cid.multihash.bytes])
    expect(bytesOfName('SHARDING')).toBeUndefined()
    expect(bytesOfName('a!.data')).toBeUndefined()
  })
})

describe('key files', () => {
  const parts = {
    cost: { logN: 16, r: 8, p: 1 },
    salt: new Uint8Array(saltLength).fill(1),
    nonce: new Uint8Array(nonceLength).fill(2),
    sealed: new Uint8Array(40).fill(3)
  }

  it('come back', () => {
    expect(decodeKeyFile(encodeKeyFile(parts))).toEqual(parts)
  })

  it('that ask for more work than ours are none', () => {
    for (const cost of [
      { logN: 31, r: 8, p: 1 },
      { logN: 16, r: 255, p: 1 },
      { logN: 16, r: 8, p: 0 }
    ]) {
      expect(decodeKeyFile(encodeKeyFile({ ...parts, cost }))).toBeUndefined()
    }
  })

  it('of arbitrary bytes are none, or decode', () => {
    fc.assert(
      fc.property(bytes(100), any => {
        const file = decodeKeyFile(any)
        if (file !== undefined) expect(encodeKeyFile(file)).toEqual(any)
      })
    )
  })
})
