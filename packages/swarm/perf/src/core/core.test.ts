import { fromHex, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Progress } from './progress.ts'
import { encodeRequest, PerfRequest } from './request.ts'

function decode(...chunks: Uint8Array[]): number {
  const request = new PerfRequest()
  for (const chunk of chunks) request.receive(chunk)
  return request.end()
}

describe('request', () => {
  it.each([
    // How many bytes to send back, as a big-endian 64-bit number (perf.md, "Protocol").
    [0, '0000000000000000'],
    [1, '0000000000000001'],
    [0x0001_0203_0405_0607, '0001020304050607'],
    [Number.MAX_SAFE_INTEGER, '001fffffffffffff']
  ])('encodes %d', (bytes, hex) => {
    expect(toHex(encodeRequest(bytes))).toBe(hex)
    expect(decode(fromHex(hex))).toBe(bytes)
  })

  it('asks for the largest number of 64 bits, and takes it', () => {
    expect(toHex(encodeRequest(2n ** 64n - 1n))).toBe('ffffffffffffffff')
    expect(decode(fromHex('ffffffffffffffff'))).toBe(2 ** 64)
  })

  it('finds the number in any cut and ignores the upload', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(20), fc.uint8Array({ maxLength: 20 }), (bytes, cut, upload) => {
        const all = Uint8Array.from([...encodeRequest(bytes), ...upload])
        expect(decode(all.subarray(0, cut), all.subarray(cut))).toBe(bytes)
      })
    )
  })

  it('refuses an upload without a whole number', () => {
    for (let byteLength = 0; byteLength < 8; byteLength++) {
      const failure = expect.objectContaining({ name: 'ProtocolError', byteLength })
      expect(() => decode(new Uint8Array(byteLength))).toThrow(failure)
    }
  })

  it.each([-1, 0.5, Number.NaN, 2 ** 64])('refuses to ask for %d bytes', bytes => {
    expect(() => encodeRequest(bytes)).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
  })
})

describe('Progress', () => {
  it('reports once a second what moved since', () => {
    const progress = new Progress(500)
    progress.uploaded(3)
    expect(progress.due(1499)).toBe(undefined)
    progress.uploaded(4)
    progress.downloaded(5)
    expect(progress.due(2000)).toEqual({ timeSeconds: 1.5, uploadBytes: 7, downloadBytes: 5 })
    expect(progress.due(2000)).toBe(undefined)
    expect(progress.due(3000)).toEqual({ timeSeconds: 1, uploadBytes: 0, downloadBytes: 0 })
  })
})
