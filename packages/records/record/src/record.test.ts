import { fromHex, fromUtf8, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeRecord, encodeRecord, maxKeyLength, maxValueLength } from './index.ts'

const key = fromUtf8('/test/go')
const value = fromUtf8('value')
const timeReceived = Date.UTC(2026, 10, 30, 21, 1, 47, 462)

// prettier-ignore
const golden = [
  '0a 08 2f746573742f676f', // 1: key "/test/go"
  '12 05 76616c7565', // 2: value "value"
  '2a 1e 323032362d31312d33305432313a30313a34372e3436323030303030305a' // 5: time, 30 characters
].join('')

describe('records of kad-dht', () => {
  it('have the bytes of the specification', () => {
    const record = encodeRecord({ key, value, timeReceived })
    expect(toHex(record)).toBe(golden.replaceAll(' ', ''))
    expect(decodeRecord(record)).toEqual({ key, value, timeReceived, ttl: undefined })
  })

  it('are read in the form of rust-libp2p: a ttl (777), a publisher (666) that is dropped, no time', () => {
    const publisher = 'd229 02 0102'
    const ttl = 'c830 901c'
    const record = fromHex(`0a016b 120176 ${publisher} ${ttl}`.replaceAll(' ', ''))
    expect(decodeRecord(record)).toEqual({
      key: fromUtf8('k'),
      value: fromUtf8('v'),
      timeReceived: undefined,
      ttl: 3600
    })
  })

  it('are read whatever others wrote for the time', () => {
    for (const time of ['2a 09 796573746572646179', '2a 02 fffe', '2a 00']) {
      const record = fromHex(`0a016b120176${time}`.replaceAll(' ', ''))
      expect(decodeRecord(record).timeReceived).toBe(undefined)
    }
  })

  it('are refused beyond their limits, and where they are no messages', () => {
    const long = { key: new Uint8Array(maxKeyLength), value: new Uint8Array(maxValueLength), timeReceived }
    expect(decodeRecord(encodeRecord(long)).value.byteLength).toBe(maxValueLength)
    expect(() => encodeRecord({ key: new Uint8Array(maxKeyLength + 1), value })).toThrow(/key/)
    expect(() => encodeRecord({ key, value: new Uint8Array(maxValueLength + 1) })).toThrow(/value/)
    for (const bytes of [fromHex('0a'), fromHex('ff'), new Uint8Array(70_000)]) {
      expect(() => decodeRecord(bytes)).toThrow(expect.objectContaining({ name: 'InvalidRecordError' }))
    }
  })

  it('of arbitrary bytes are a record or an InvalidRecordError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        try {
          decodeRecord(bytes)
        } catch (error) {
          expect(error).toMatchObject({ name: 'InvalidRecordError' })
        }
      })
    )
  })
})
