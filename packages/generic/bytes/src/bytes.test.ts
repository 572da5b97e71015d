import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ByteQueue,
  compare,
  concat,
  decodeBigVarint,
  decodeVarint,
  encodeLengthPrefixed,
  encodeVarint,
  equals,
  fromHex,
  fromUtf8,
  isTuned,
  LengthPrefixedReader,
  measureVarint,
  releaseMemory,
  toHex,
  toLatin1,
  toUtf8,
  varintLength
} from './index.ts'

/** Bytes as a Node Buffer is: `slice()` gives a view. */
class UncopiedSlices extends Uint8Array<ArrayBuffer> {
  override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
    return this.subarray(start, end)
  }
}

describe('varint', () => {
  // multiformats/unsigned-varint, "Examples", and the borders of each length
  const golden: Array<[number, string]> = [
    [0, '00'],
    [1, '01'],
    [127, '7f'],
    [128, '8001'],
    [255, 'ff01'],
    [300, 'ac02'],
    [16384, '808001'],
    [2 ** 31, '8080808008'],
    [Number.MAX_SAFE_INTEGER, 'ffffffffffffff0f']
  ]

  it.each(golden)('%d is %s', (value, hex) => {
    expect(toHex(encodeVarint(value))).toBe(hex)
    expect(decodeVarint(fromHex(hex))).toBe(value)
    expect(varintLength(value)).toBe(hex.length / 2)
  })

  it('reaches 2^63-1 as bigint', () => {
    const bytes = fromHex('ffffffffffffffff7f')
    expect(decodeBigVarint(bytes)).toBe(2n ** 63n - 1n)
    expect(encodeVarint(2n ** 63n - 1n)).toEqual(bytes)
    expect(() => decodeVarint(bytes)).toThrow(expect.objectContaining({ code: 'ERR_VARINT_RANGE' }))
  })

  it.each([
    ['8080808080808080808001', 'ERR_VARINT_TOO_LONG'], // varint-overlong
    ['ffffffffffffffffff01', 'ERR_VARINT_TOO_LONG'], // varint-u64max
    ['808080808080808080', 'ERR_VARINT_TOO_LONG'],
    ['8000', 'ERR_VARINT_NOT_MINIMAL'],
    ['80', 'ERR_VARINT_TRUNCATED'],
    ['', 'ERR_VARINT_TRUNCATED']
  ])('refuses %s with %s', (hex, code) => {
    expect(() => decodeVarint(fromHex(hex))).toThrow(expect.objectContaining({ name: 'VarintError', code }))
  })

  it.each([-1, 1.5, Number.NaN, 2 ** 53])('does not write %d', value => {
    expect(() => encodeVarint(value)).toThrow(expect.objectContaining({ code: 'ERR_VARINT_RANGE' }))
  })

  it('tells a varint without its end from an impossible one', () => {
    expect(measureVarint(fromHex('8080'))).toBe(0)
    expect(() => measureVarint(fromHex('80808080808080808080'))).toThrow('longer than 9')
  })

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), value => decodeBigVarint(encodeVarint(value)) === value)
    )
    fc.assert(fc.property(fc.maxSafeNat(), value => equals(encodeVarint(value), encodeVarint(BigInt(value)))))
  })
})

describe('LengthPrefixedReader', () => {
  const read = (chunks: Uint8Array[], maximum: number): string[] => {
    const reader = new LengthPrefixedReader(maximum)
    const messages: string[] = []
    for (const chunk of chunks) {
      reader.push(chunk)
      for (let message = reader.next(); message !== undefined; message = reader.next()) messages.push(toHex(message))
    }
    return messages
  }

  it('gives the same messages however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 })),
        fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
        (messages, cuts) => {
          const bytes = concat(messages.map(message => encodeLengthPrefixed(message)))
          const chunks: Uint8Array[] = []
          for (let at = 0; at < bytes.length; ) {
            const end = at + cuts.next().value!
            chunks.push(bytes.subarray(at, end))
            at = end
          }
          expect(read(chunks, 300)).toEqual(messages.map(message => toHex(message)))
        }
      )
    )
  })

  it('refuses from the prefix alone', () => {
    expect(() => read([fromHex('ac02')], 299)).toThrow(
      expect.objectContaining({ name: 'LengthError', length: 300, maximum: 299 })
    )
    // kad-lp-34GB of the attack vectors' kind: a length that no memory holds
    expect(() => read([fromHex('80808080'), fromHex('8001')], 1024)).toThrow(
      expect.objectContaining({ name: 'LengthError' })
    )
  })

  it('hands on what follows', () => {
    const reader = new LengthPrefixedReader(10)
    reader.push(fromHex('0161ffff'))
    expect(toHex(reader.next()!)).toBe('61')
    expect(reader.byteLength).toBe(2)
    expect(reader.rest().map(toHex)).toEqual(['ffff'])
  })

  it('keeps no large buffer alive for what waits', () => {
    const reader = new LengthPrefixedReader(10)
    const buffer = new Uint8Array(65_536)
    buffer.set([3, 1, 2])
    reader.push(buffer.subarray(0, 3))
    expect(reader.next()).toBeUndefined()
    reader.keepRest()
    buffer.fill(9)
    reader.push(Uint8Array.of(3))
    expect(reader.next()).toEqual(Uint8Array.of(1, 2, 3))
  })
})

describe('ByteQueue', () => {
  it('is a byte string whatever is asked of it', () => {
    const operation = fc.oneof(
      fc.record({ kind: fc.constant('push' as const), chunk: fc.uint8Array({ maxLength: 8 }), keep: fc.boolean() }),
      fc.record({ kind: fc.constant('unshift' as const), chunk: fc.uint8Array({ maxLength: 8 }) }),
      fc.record({ kind: fc.constant('shift' as const), length: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ kind: fc.constant('take' as const), length: fc.integer({ min: 0, max: 20 }) })
    )
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300 }), operations => {
        const queue = new ByteQueue()
        let model: Uint8Array = new Uint8Array(0)
        for (const op of operations) {
          if (op.kind === 'push') {
            queue.push(op.chunk)
            if (op.keep) queue.keepLast()
            model = concat([model, op.chunk])
          } else if (op.kind === 'unshift') {
            queue.unshift(op.chunk)
            model = concat([op.chunk, model])
          } else {
            const taken = op.kind === 'shift' ? queue.shift(op.length) : queue.take(op.length)
            if (op.kind === 'take') expect(taken === undefined).toBe(op.length > model.length)
            if (taken !== undefined) {
              expect(toHex(taken)).toBe(toHex(model.subarray(0, taken.length)))
              model = model.subarray(taken.length)
            }
          }
          expect(queue.byteLength).toBe(model.length)
        }
        expect(toHex(concat(queue.takeAll()))).toBe(toHex(model))
        expect(queue.byteLength).toBe(0)
      })
    )
  })

  it.each([
    ['', Uint8Array],
    [', nor where slice() does not copy', UncopiedSlices]
  ])('keeps small views together, in memory of about their size, and writes to none of others%s', (_, Bytes) => {
    const queue = new ByteQueue()
    const received = Bytes.from({ length: 64 * 1024 }, (_, i) => i) as Uint8Array
    const before = new Uint8Array(received)
    let expected = new Uint8Array(0)
    for (let i = 0; i < 20_000; i++) {
      const chunk = received.subarray((i * 3) % 60_000, ((i * 3) % 60_000) + 1 + (i % 3))
      queue.push(chunk)
      queue.keepLast()
      if (i < 100) expected = concat([expected, chunk])
    }
    const { byteLength } = queue
    expect(toHex(queue.take(expected.byteLength)!)).toBe(toHex(expected))
    const views = queue.takeAll()
    expect(views.length).toBeLessThan(byteLength / 1024)
    const buffers = new Set(views.map(view => view.buffer))
    let kept = 0
    for (const buffer of buffers) kept += buffer.byteLength
    expect(kept).toBeLessThan(3 * byteLength)
    expect(equals(received, before)).toBe(true)
  })

  it.each([
    ['', Uint8Array],
    [', also where slice() does not', UncopiedSlices]
  ])('keeps large views as they are where they fill their buffer, and copies them where not%s', (_, Bytes) => {
    const queue = new ByteQueue()
    const received: Uint8Array = Bytes.from({ length: 64 * 1024 })
    for (const chunk of [received.subarray(10_000), received.subarray(0, 2000)]) {
      queue.push(chunk)
      queue.keepLast()
    }
    const [large, small] = queue.takeAll()
    expect([large!.buffer === received.buffer, small!.buffer.byteLength]).toEqual([true, 2000])
  })
})

describe('text and order', () => {
  it('converts and refuses', () => {
    expect(toUtf8(fromUtf8('grüß'))).toBe('grüß')
    expect(() => toUtf8(fromHex('ff'))).toThrow(expect.objectContaining({ name: 'TextError' }))
    expect(() => fromHex('abc')).toThrow(expect.objectContaining({ name: 'TextError' }))
    expect(() => fromHex('zz')).toThrow(expect.objectContaining({ name: 'TextError' }))
  })

  it('makes a character of each byte, of any number of them', () => {
    expect(toLatin1(Uint8Array.of(0x41, 0, 0xe9, 0xff))).toBe('A\u0000\u00e9\u00ff')
    expect(toLatin1(new Uint8Array(1_000_000).fill(0xff))).toBe('\u00ff'.repeat(1_000_000))
  })

  it('orders as hex does', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        const byHex = toHex(a) < toHex(b) ? -1 : toHex(a) > toHex(b) ? 1 : 0
        expect(Math.sign(compare(a, b))).toBe(byHex)
        expect(equals(a, b)).toBe(byHex === 0)
      })
    )
  })
})

// Browsers have no tuning, and Node 20 cannot detach a buffer without copying it.
describe.runIf(isTuned && 'transfer' in ArrayBuffer.prototype)('releaseMemory', () => {
  it('detaches a large buffer that the view is all of', () => {
    const view = new Uint8Array(16_384)
    releaseMemory(view)
    expect([view.byteLength, view.buffer.byteLength]).toEqual([0, 0])
  })

  it.each([
    ['a small buffer', new Uint8Array(16_383)],
    ['a part of a buffer', new Uint8Array(100_000).subarray(1)]
  ])('leaves %s', (_what, view) => {
    const { byteLength } = view
    releaseMemory(view)
    expect(view.byteLength).toBe(byteLength)
  })
})
