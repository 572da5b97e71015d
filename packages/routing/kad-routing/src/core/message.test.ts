import { fromHex, fromUtf8, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../../test/vectors/messages.json' with { type: 'json' }
import { maxAddressBytes, maxAddresses, maxReplyLength } from './limits.ts'
import { boundAddresses, fitReply, type KadMessage, kadMessage, kadRequest, messageTypes } from './message.ts'

const peer = fc.record({
  id: fc.uint8Array({ minLength: 1, maxLength: 68 }),
  addresses: fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 30 })
})
const anyMessage: fc.Arbitrary<KadMessage> = fc.record({
  type: fc.constantFrom(...Object.values(messageTypes)),
  key: fc.option(fc.uint8Array({ maxLength: 256 }), { nil: undefined }),
  record: fc.option(fc.uint8Array({ maxLength: 500 }), { nil: undefined }),
  closerPeers: fc.array(peer, { maxLength: 30 }),
  providerPeers: fc.array(peer, { maxLength: 30 })
})

const golden = [
  ['0802', ''], // 1: ADD_PROVIDER
  ['1203', '616263'], // 2: key
  ['4a0f', ''], // 9: provider peer
  ['0a03', '010203'], // 1: id
  ['1208', '047f000001060fa1'] // 2: /ip4/127.0.0.1/tcp/4001
]

describe('the message', () => {
  it('has these bytes', () => {
    const sent: KadMessage = {
      ...kadRequest(messageTypes.ADD_PROVIDER, fromUtf8('abc')),
      providerPeers: [{ id: Uint8Array.of(1, 2, 3), addresses: [fromHex('047f000001060fa1')] }]
    }
    expect(toHex(kadMessage.encode(sent))).toBe(golden.flat().join(''))
    expect(kadMessage.decode(fromHex(golden.flat().join('')))).toEqual(sent)
  })

  it('is PUT_VALUE where it is empty', () => {
    expect(kadMessage.decode(new Uint8Array())).toMatchObject({ type: messageTypes.PUT_VALUE })
    expect(kadMessage.encode(kadRequest(messageTypes.PUT_VALUE)).byteLength).toBe(0)
  })

  it('tells an empty key from none', () => {
    expect(kadMessage.decode(fromHex('0804')).key).toBe(undefined)
    expect(kadMessage.decode(fromHex('08041200')).key).toEqual(new Uint8Array())
  })

  it('refuses types that nobody knows', () => {
    for (const hex of ['0806', '08ff01', '08ffffffffffffffffff01']) {
      expect(() => kadMessage.decode(fromHex(hex))).toThrow()
    }
  })

  it('reads what go-libp2p and js-libp2p send, in whichever order their fields are', () => {
    for (const { hex, type, key, hasRecord, closerPeers, providerPeers } of vectors.messages) {
      const bytes = fromHex(hex)
      const decoded = kadMessage.decode(bytes.subarray(bytes[0]! < 128 ? 1 : 2))
      const peers = (list: KadMessage['closerPeers']): unknown =>
        list.map(({ id, addresses }) => ({ id: toHex(id), addresses: addresses.map(toHex) }))
      expect({
        type: Object.keys(messageTypes)[decoded.type],
        key: decoded.key && toHex(decoded.key),
        hasRecord: decoded.record !== undefined,
        closerPeers: peers(decoded.closerPeers),
        providerPeers: peers(decoded.providerPeers)
      }).toEqual({ type, key, hasRecord, closerPeers, providerPeers })
    }
    expect(vectors.messages.length).toBe(52)
  })

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(anyMessage, sent => {
        const bytes = kadMessage.encode(sent)
        const read = kadMessage.decode(bytes, { maxSize: bytes.byteLength })
        expect(toHex(kadMessage.encode(read))).toBe(toHex(bytes))
        expect(read.closerPeers.length).toBe(sent.closerPeers.length)
      })
    )
  })
})

describe('an answer', () => {
  it('is never longer than 16 KiB, and loses no peer that has room', () => {
    fc.assert(
      fc.property(anyMessage, reply => {
        const fitted = fitReply(reply)
        expect(kadMessage.encode(fitted).byteLength).toBeLessThanOrEqual(maxReplyLength)
        expect(fitted.closerPeers.length).toBe(reply.closerPeers.length)
        for (const { addresses } of [...fitted.closerPeers, ...fitted.providerPeers]) {
          expect(addresses.length).toBeLessThanOrEqual(maxAddresses)
        }
      })
    )
  })

  it('of 64 providers with long addresses and 20 closer peers has them all', () => {
    const many = (count: number): KadMessage['closerPeers'] =>
      Array.from({ length: count }, () => ({
        id: new Uint8Array(38),
        addresses: Array.from({ length: 16 }, () => new Uint8Array(40))
      }))
    const reply = { ...kadRequest(messageTypes.GET_PROVIDERS), providerPeers: many(64), closerPeers: many(20) }
    const fitted = fitReply(reply)
    expect([fitted.providerPeers.length, fitted.closerPeers.length]).toEqual([64, 20])
    expect(fitted.closerPeers.every(({ addresses }) => addresses.length > 0)).toBe(true)
    expect(kadMessage.encode(fitted).byteLength).toBeLessThanOrEqual(maxReplyLength)
  })

  it('has a record that is longer than that alone', () => {
    const closerPeers = [{ id: new Uint8Array(38), addresses: [] }]
    const fitted = fitReply({ ...kadRequest(messageTypes.GET_VALUE), record: new Uint8Array(20_000), closerPeers })
    expect([fitted.record!.byteLength, fitted.closerPeers]).toEqual([20_000, []])
  })

  it('has the first addresses of a peer, up to 16 and 2 KiB', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 40 }), addresses => {
        const kept = boundAddresses(addresses)
        expect(kept.length).toBeLessThanOrEqual(maxAddresses)
        expect(kept.reduce((sum, address) => sum + address.byteLength, 0)).toBeLessThanOrEqual(maxAddressBytes)
      })
    )
  })
})
