import { ByteQueue, fromHex, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PingExpectation, pingLength, takePings } from './frames.ts'

// A ping is 32 random bytes; the answer is the same (ping.md, "Protocol").
const golden = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'

describe('takePings', () => {
  it('answers the golden ping with itself', () => {
    const received = new ByteQueue()
    received.push(fromHex(golden.slice(0, 62)))
    expect(takePings(received)).toBe(undefined)
    received.push(fromHex(golden.slice(62)))
    expect(toHex(takePings(received)!)).toBe(golden)
  })

  it('answers whole pings in order, however they are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 20 }), chunks => {
        const received = new ByteQueue()
        const sent = chunks.flatMap(chunk => [...chunk])
        const got = chunks.flatMap(chunk => {
          received.push(chunk)
          return [...(takePings(received) ?? [])]
        })
        expect(got).toEqual(sent.slice(0, sent.length - (sent.length % pingLength)))
      })
    )
  })

  it('answers 16 KiB at once', () => {
    const received = new ByteQueue()
    received.push(new Uint8Array(20_000))
    expect(takePings(received)?.byteLength).toBe(16_384)
    expect(takePings(received)?.byteLength).toBe(3_616)
  })
})

describe('PingExpectation', () => {
  const payload = fromHex(golden)

  it('is met by the payload in any cut', () => {
    for (let cut = 1; cut < pingLength; cut++) {
      const expectation = new PingExpectation(payload)
      expect(expectation.receive(payload.subarray(0, cut))).toBe(false)
      expect(expectation.receive(payload.subarray(cut))).toBe(true)
    }
  })

  it('is broken by any other byte, and by one too many', () => {
    for (let at = 0; at <= pingLength; at++) {
      const answer = Uint8Array.from([...payload, 7])
      answer[at]! ^= 1
      const expectation = new PingExpectation(payload)
      const failure = expect.objectContaining({ name: 'ProtocolError', code: 'ERR_PROTOCOL', at })
      expect(() => expectation.receive(answer)).toThrow(failure)
    }
  })
})
