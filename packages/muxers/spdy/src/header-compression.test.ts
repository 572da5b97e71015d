import { concat, fromHex, fromUtf8, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { Deflate, Z_SYNC_FLUSH } from 'pako'
import { describe, expect, it } from 'vitest'
import { decodeHeaders, encodeHeaders, replyBlock, requestBlock } from './core/header-block.ts'
import { maxHeaderBlock } from './core/limits.ts'
import { dictionary, dictionaryId } from './dictionary.ts'
import { SpdyError } from './errors.ts'
import { ZlibHeaders } from './header-compression.ts'

const refused = (message: string): unknown =>
  expect.objectContaining({ name: 'SpdyError', code: 'ERR_SPDY_HEADERS', message: expect.stringContaining(message) })

/** Another compressor than ours: zlib's, block after block. */
function deflater(level: number, words: Uint8Array = dictionary): (block: Uint8Array) => Uint8Array {
  const deflate = new Deflate({ level, dictionary: words })
  let chunks: Uint8Array[] = []
  deflate.onData = chunk => void chunks.push(chunk)
  return block => {
    chunks = []
    deflate.push(block, Z_SYNC_FLUSH)
    return concat(chunks)
  }
}

it('has the dictionary of SPDY/3', () => {
  let [a, b] = [1, 0]
  for (const byte of dictionary) {
    a = (a + byte) % 65521
    b = (b + a) % 65521
  }
  expect(dictionary).toHaveLength(1423)
  expect(b * 65536 + a).toBe(dictionaryId)
})

describe('header blocks', () => {
  it('are a count, and names and values with their lengths', () => {
    const golden =
      '00000002' + // headers
      '00000007' +
      toHex(fromUtf8(':status')) +
      '00000006' +
      toHex(fromUtf8('200 OK')) +
      '00000008' +
      toHex(fromUtf8(':version')) +
      '00000008' +
      toHex(fromUtf8('HTTP/1.1'))
    expect(toHex(replyBlock)).toBe(golden)
    expect(toHex(encodeHeaders(decodeHeaders(fromHex(golden))))).toBe(golden)
  })

  it('come back as they were', () => {
    const bytes = fc.uint8Array({ maxLength: 20 })
    fc.assert(
      fc.property(fc.array(fc.tuple(bytes, bytes), { maxLength: 10 }), headers => {
        expect(decodeHeaders(encodeHeaders(headers))).toEqual(headers)
      })
    )
  })

  it.each([
    ['nothing', ''],
    ['half a count', '0000'],
    ['a count that lies', 'ffffffff'],
    ['a length that lies', '00000001ffffffff61'],
    ['no value', '000000010000000161'],
    ['something behind the last', '0000000000']
  ])('are refused with %s', (_name, hex) => {
    expect(() => decodeHeaders(fromHex(hex))).toThrow(refused('a header block'))
  })
})

describe('compression', () => {
  it('names the dictionary once, and stores', () => {
    const headers = new ZlibHeaders()
    // stored, 49 bytes and their complement; an empty block
    const stored = `003100ceff${toHex(replyBlock)}000000ffff`
    expect(toHex(headers.compress(replyBlock))).toBe(`3830e3c6a7c2${stored}`)
    expect(toHex(headers.compress(replyBlock))).toBe(stored)
  })

  it.each([0, 1, 9])('reads blocks of level %i, each of which depends on those before', level => {
    const [compress, headers] = [deflater(level), new ZlibHeaders()]
    const sizes: number[] = []
    for (const block of [requestBlock, requestBlock, replyBlock, requestBlock]) {
      const bytes = compress(block)
      sizes.push(bytes.byteLength)
      expect(toHex(headers.decompress(bytes, maxHeaderBlock))).toBe(toHex(block))
    }
    if (level > 0) expect(sizes[1]).toBeLessThan(20)
  })

  it('reads what it writes, of connections side by side', () => {
    const block = fc.uint8Array({ maxLength: 1000, size: 'max' })
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1), block), { maxLength: 6 }), steps => {
        const [writers, readers] = [0, 1].map(() => [new ZlibHeaders(), new ZlibHeaders()]) as [
          ZlibHeaders[],
          ZlibHeaders[]
        ]
        for (const [i, bytes] of steps) {
          const wire = writers[i]!.compress(bytes)
          expect(readers[i]!.decompress(wire, maxHeaderBlock)).toEqual(bytes)
        }
      })
    )
  })

  it('makes no more than the limit of a bomb', () => {
    const bomb = deflater(9)(new Uint8Array(15 * 1024 * 1024))
    expect(bomb.byteLength).toBeLessThan(maxHeaderBlock)
    expect(() => new ZlibHeaders().decompress(bomb, maxHeaderBlock)).toThrow(refused('more than 16384 bytes'))
    const whole = new Uint8Array(maxHeaderBlock)
    expect(new ZlibHeaders().decompress(deflater(9)(whole), maxHeaderBlock)).toHaveLength(maxHeaderBlock)
    const more = deflater(9)(new Uint8Array(maxHeaderBlock + 1))
    expect(() => new ZlibHeaders().decompress(more, maxHeaderBlock)).toThrow(refused('more than'))
  })

  it.each([
    ['nothing', ''],
    ['no zlib stream', '0000000000'],
    ['another dictionary', '783b0000000100000000ffff'],
    ['no dictionary: a stream that ends', '789c030000000001'],
    ['a block of an unknown type', '3830e3c6a7c207']
  ])('refuses %s', (_name, hex) => {
    expect(() => new ZlibHeaders().decompress(fromHex(hex), maxHeaderBlock)).toThrow(refused('cannot be decompressed'))
  })

  it('survives any bytes, with its own error', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), fc.boolean(), (blocks, begun) => {
        const headers = new ZlibHeaders()
        try {
          if (begun) headers.decompress(fromHex('3830e3c6a7c2000000ffff'), maxHeaderBlock)
          for (const block of blocks) headers.decompress(block, maxHeaderBlock)
        } catch (error) {
          expect(error).toBeInstanceOf(SpdyError)
        }
      })
    )
  })
})
