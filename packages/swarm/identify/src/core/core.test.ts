import { concat, fromHex, fromUtf8, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countFitting, encodeFitting } from './fit.ts'
import { maxAddresses, maxProtocols, maxSentSize } from './limits.ts'
import { mergeMessages } from './merge.ts'
import { type IdentifyMessage, identifyMessage } from './message.ts'
import { PushRate } from './push-rate.ts'
import { cleanText, isProtocolName } from './text.ts'

const golden = [
  ['0a03', '010203'], // 1: public key
  ['1208', '047f000001060fa1'], // 2: /ip4/127.0.0.1/tcp/4001
  ['1205', '0401020304'], // 2: /ip4/1.2.3.4
  ['1a0e', toHex(fromUtf8('/ipfs/id/1.0.0'))], // 3: a protocol
  ['2205', '0408080808'], // 4: observed as /ip4/8.8.8.8
  ['2a0a', toHex(fromUtf8('ipfs/0.1.0'))], // 5: protocol version
  ['320a', toHex(fromUtf8('weft/0.1.0'))], // 6: agent version
  ['4202', 'beef'] // 8: signed peer record
]

const full: IdentifyMessage = {
  publicKey: Uint8Array.of(1, 2, 3),
  listenAddrs: [fromHex('047f000001060fa1'), fromHex('0401020304')],
  protocols: ['/ipfs/id/1.0.0'],
  observedAddr: fromHex('0408080808'),
  protocolVersion: 'ipfs/0.1.0',
  agentVersion: 'weft/0.1.0',
  signedPeerRecord: fromHex('beef')
}

describe('the message', () => {
  it('has these bytes', () => {
    const bytes = fromHex(golden.flat().join(''))
    expect(toHex(identifyMessage.encode(full))).toBe(toHex(bytes))
    expect(identifyMessage.decode(bytes)).toEqual(full)
  })

  it('may be empty', () => {
    expect(identifyMessage.decode(new Uint8Array())).toEqual({ listenAddrs: [], protocols: [] })
  })

  it('lists at most 1024 items', () => {
    const many = (count: number): Uint8Array => concat(Array.from({ length: count }, () => fromHex('1a0161')))
    expect(identifyMessage.decode(many(1024)).protocols.length).toBe(1024)
    expect(() => identifyMessage.decode(many(1025))).toThrow(
      expect.objectContaining({ code: 'ERR_PROTOBUF_COUNT', field: 'protocols' })
    )
  })

  it('throws nothing but ProtobufError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        try {
          const message = identifyMessage.decode(bytes)
          expect(identifyMessage.decode(identifyMessage.encode(message))).toEqual(message)
        } catch (error) {
          expect((error as Error).name).toBe('ProtobufError')
        }
      })
    )
  })
})

describe('mergeMessages', () => {
  it('joins lists and takes the last of single fields', () => {
    const merged = mergeMessages([
      { listenAddrs: [Uint8Array.of(1)], protocols: ['/a', '/b'], agentVersion: 'one' },
      { listenAddrs: [Uint8Array.of(2)], protocols: ['/b', '/c'], agentVersion: 'two', protocolVersion: 'v' }
    ])
    expect(merged).toEqual({
      listenAddrs: [Uint8Array.of(1), Uint8Array.of(2)],
      protocols: ['/a', '/b', '/c'],
      agentVersion: 'two',
      protocolVersion: 'v'
    })
  })

  it('is bounded whatever comes', () => {
    const chunks = Array.from({ length: 9 }, (_, chunk) => ({
      listenAddrs: Array.from({ length: 200 }, (_, i) => Uint8Array.of(chunk, i)),
      protocols: Array.from({ length: 200 }, (_, i) => `/p/${chunk}/${i}`)
    }))
    const merged = mergeMessages(chunks)
    expect(merged.protocols.length).toBe(maxProtocols)
    expect(merged.listenAddrs.length).toBe(maxAddresses)
    expect(merged.protocols[127]).toBe('/p/0/127')
  })

  it('leaves out names that are none and cleans text', () => {
    const merged = mergeMessages([
      {
        listenAddrs: [],
        protocols: ['', '/ok/1.0.0', `/${'x'.repeat(256)}`, '/a\nb', `/${'ü'.repeat(200)}`],
        agentVersion: '\u001b[2Jweft\r\n/1 \u202e',
        protocolVersion: 'x'.repeat(10_000)
      }
    ])
    expect(merged.protocols).toEqual(['/ok/1.0.0'])
    expect(merged.agentVersion).toBe('[2Jweft/1 ')
    expect(merged.protocolVersion).toBe('x'.repeat(256))
  })
})

describe('text of a peer', () => {
  it('never holds what a terminal obeys', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), text => {
        const clean = cleanText(text)
        expect(clean).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
        expect(Array.from(clean).length).toBeLessThanOrEqual(256)
        if (isProtocolName(text)) expect(fromUtf8(text).byteLength).toBeLessThanOrEqual(256)
      }),
      { numRuns: 30 }
    )
  })
})

describe('messages of at most 4 KiB', () => {
  const address = fromHex('047f000001060fa1')
  const base = { protocols: ['/a/1'], agentVersion: 'weft' }
  const names = (count: number) => Array.from({ length: count }, (_, i) => `/protocol/number/${i}/1.0.0`)

  it('take all addresses where they fit, 64 at most', () => {
    expect(countFitting(base, [], 36)).toBe(0)
    expect(countFitting(base, Array<Uint8Array>(20).fill(address), 36)).toBe(20)
    expect(countFitting(base, Array<Uint8Array>(100).fill(address), 36)).toBe(64)
    expect(countFitting({ ...base, protocols: names(500) }, Array<Uint8Array>(100).fill(address), 36)).toBe(64)
  })

  it('tell all protocols, those of libp2p in the first, for readers of one message', () => {
    const protocols = [...names(400), '/ipfs/ping/1.0.0', '/libp2p/circuit/relay/0.2.0/hop']
    const listenAddrs = Array<Uint8Array>(64).fill(address)
    const { messages, leftOut } = encodeFitting({ protocols, listenAddrs, agentVersion: 'weft' })
    expect([messages.length > 1, leftOut]).toEqual([true, 0])
    for (const { byteLength } of messages) expect(byteLength).toBeLessThanOrEqual(maxSentSize)
    const decoded = messages.map(bytes => identifyMessage.decode(bytes))
    expect(decoded[0]!.listenAddrs.length).toBe(64)
    expect(decoded[0]!.protocols.slice(0, 2)).toEqual(['/ipfs/ping/1.0.0', '/libp2p/circuit/relay/0.2.0/hop'])
    expect(mergeMessages(decoded).protocols.toSorted()).toEqual(protocols.toSorted())
    expect(mergeMessages(decoded).agentVersion).toBe('weft')
  })

  it('leave out the record, then the addresses, where the first is too long', () => {
    const listenAddrs = Array<Uint8Array>(64).fill(address)
    const { messages } = encodeFitting({ protocols: [], listenAddrs, signedPeerRecord: new Uint8Array(4096) })
    expect(messages.map(bytes => identifyMessage.decode(bytes))).toEqual([{ protocols: [], listenAddrs: [] }])
  })

  it('say how many protocols even ten have no room for', () => {
    const protocols = Array.from({ length: 400 }, (_, i) => `/${i}/${'x'.repeat(200)}`)
    const { messages, leftOut } = encodeFitting({ protocols, listenAddrs: [] })
    expect(messages.length).toBe(10)
    const told = messages.flatMap(bytes => identifyMessage.decode(bytes).protocols).length
    expect(told + leftOut).toBe(400)
    expect(leftOut).toBeGreaterThan(0)
  })
})

describe('PushRate', () => {
  it('allows ten at once, then one in five seconds', () => {
    const rate = new PushRate()
    const taken = Array.from({ length: 1000 }, () => rate.take('a', 0)).filter(Boolean)
    expect(taken.length).toBe(10)
    expect(rate.take('b', 0)).toBe(true)
    expect(rate.take('a', 4999)).toBe(false)
    expect(rate.take('a', 5001)).toBe(true)
    expect(rate.take('a', 5002)).toBe(false)
    expect(Array.from({ length: 20 }, () => rate.take('a', 1e6)).filter(Boolean).length).toBe(10)
  })

  it('remembers a bounded number of peers', () => {
    const rate = new PushRate()
    for (let i = 0; i < 10_000; i++) rate.take(`peer ${i}`, 0)
    expect(rate.size).toBeLessThanOrEqual(4096)
    expect(rate.size).toBeGreaterThanOrEqual(2048)
  })
})
