import { concat, fromHex, fromUtf8, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import packets from '../../test/vectors/packets.json' with { type: 'json' }
import { decodeDns } from './dns-decode.ts'
import { encodeDns } from './dns-encode.ts'
import { answerFlags, type DnsMessage, type DnsRecord } from './dns-message.ts'
import { isBelow, labelsOf, readName, sameName } from './dns-name.ts'

const empty: DnsMessage = { id: 0, flags: answerFlags, questions: [], answers: [], authorities: [], additionals: [] }
const base = { ttl: 120, flush: false }
const header = (...counts: number[]): Uint8Array =>
  Uint8Array.from([0, 0, 0x84, 0, ...[0, 1, 2, 3].flatMap(i => [(counts[i] ?? 0) >> 8, (counts[i] ?? 0) & 0xff])])
const failure = (code: string) => expect.objectContaining({ name: 'DnsMessageError', code })

describe('DNS messages', () => {
  it('are written byte for byte', () => {
    const message: DnsMessage = {
      ...empty,
      answers: [{ ...base, type: 'PTR', name: '_p2p._udp.local', target: 'abc._p2p._udp.local' }],
      additionals: [
        { ...base, type: 'SRV', name: 'abc._p2p._udp.local', port: 4001, target: 'abc.local' },
        { ...base, type: 'TXT', name: 'abc._p2p._udp.local', texts: [fromUtf8('dnsaddr=/ip4/10.0.0.1')] },
        { ...base, type: 'A', name: 'abc.local', address: Uint8Array.of(10, 0, 0, 1) }
      ]
    }
    expect(toHex(encodeDns(message))).toBe(
      [
        // Id 0, an answer with authority; no question, one answer, three additionals.
        '000084000000000100000003',
        // _p2p._udp.local, PTR, class IN, 120 s, 6 bytes: abc and a pointer to it.
        '045f703270045f756470056c6f63616c00 000c0001 00000078 0006 03616263c00c',
        // abc._p2p._udp.local by pointer, SRV, 17 bytes: priority, weight, port 4001, abc.local in full.
        'c027 00210001 00000078 0011 0000 0000 0fa1 03616263056c6f63616c00',
        // The same owner, TXT, 22 bytes: one text of 21.
        'c027 00100001 00000078 0016 15 646e73616464723d2f6970342f31302e302e302e31',
        // abc.local within the SRV, A, 4 bytes.
        'c03f 00010001 00000078 0004 0a000001'
      ]
        .join('')
        .replaceAll(' ', '')
    )
    expect(decodeDns(encodeDns(message))).toEqual(message)
  })

  it('that peers in Go, JavaScript and Rust send are read', () => {
    for (const { hex, peer } of Object.values(packets)) {
      const message = decodeDns(fromHex(hex))
      const texts = [...message.answers, ...message.authorities, ...message.additionals]
        .flatMap(record => (record.type === 'TXT' ? [...record.texts] : []))
        .map(text => new TextDecoder().decode(text))
      if (peer === null) expect(message.questions[0]?.name).toBe('_p2p._udp.local')
      else expect(texts.every(text => text.startsWith('dnsaddr=') && text.endsWith(peer))).toBe(true)
      expect(decodeDns(encodeDns(message))).toEqual(message)
    }
  })

  it('with pointers that do not lead strictly backwards are refused', () => {
    // Of the attack vectors, `dns-pointer-loop`: a name that is a pointer to itself.
    const loop = fromHex('000084000000000100000000c00c000c0001')
    expect(() => decodeDns(loop)).toThrow(failure('ERR_DNS_POINTER'))
    const forwards = concat([header(1), Uint8Array.of(0xc0, 14, 0, 0, 12, 0, 1)])
    expect(() => decodeDns(forwards)).toThrow(failure('ERR_DNS_POINTER'))
    // Labels, then back to the beginning of this very name.
    const circle = concat([header(1), Uint8Array.of(1, 0x61, 0xc0, 12, 0, 12, 0, 1)])
    expect(() => decodeDns(circle)).toThrow(failure('ERR_DNS_POINTER'))
  })

  it('with a chain of pointers are read in one pass for each name, and end', () => {
    // 64 names, each a label and a pointer to the name before: the last has 64 labels of one byte.
    const names: number[] = [1, 0x61, 0, 0, 12, 0, 1]
    let previous = 12
    for (let i = 1; i < 64; i++) {
      const at = 12 + names.length
      names.push(1, 0x61, 0xc0 | (previous >> 8), previous & 0xff, 0, 12, 0, 1)
      previous = at
    }
    const { questions } = decodeDns(concat([header(64), Uint8Array.from(names)]))
    expect(questions.at(-1)?.name).toBe(Array.from({ length: 64 }, () => 'a').join('.'))
    // Nothing but pointers: the 128th of a chain is not followed.
    const chain: number[] = [0]
    for (let i = 0; i < 128; i++) chain.push(0xc0, i === 0 ? 0 : 2 * i - 1)
    expect(() => readName(Uint8Array.from(chain), 2 * 127 + 1)).toThrow(failure('ERR_DNS_POINTER'))
    expect(readName(Uint8Array.from(chain), 2 * 126 + 1).name).toBe('')
  })

  it('past the limits are refused', () => {
    expect(() => decodeDns(new Uint8Array(9001))).toThrow(failure('ERR_DNS_TOO_LONG'))
    expect(() => decodeDns(header(129))).toThrow(failure('ERR_DNS_COUNT'))
    expect(() => decodeDns(header(64, 65))).toThrow(failure('ERR_DNS_COUNT'))
    expect(() => decodeDns(header(0xffff, 0xffff, 0xffff, 0xffff))).toThrow(failure('ERR_DNS_COUNT'))
    expect(() => decodeDns(header().subarray(0, 11))).toThrow(failure('ERR_DNS_TRUNCATED'))
    const label = [63, ...Array.from({ length: 63 }, () => 0x61)]
    const long = Uint8Array.from([...label, ...label, ...label, ...label, 0, 0, 12, 0, 1])
    expect(() => decodeDns(concat([header(1), long]))).toThrow(failure('ERR_DNS_TOO_LONG'))
    expect(() => decodeDns(concat([header(1), Uint8Array.of(0x40, 0)]))).toThrow(failure('ERR_DNS_NAME'))
    const texts = Uint8Array.from([0, 0, 16, 0, 1, 0, 0, 0, 1, 1, 1, ...new Uint8Array(257)])
    expect(() => decodeDns(concat([header(0, 1), texts]))).toThrow(failure('ERR_DNS_COUNT'))
  })

  it('with records that have not their form are refused, those of other types and classes passed over', () => {
    const record = (type: number, klass: number, ...data: number[]): Uint8Array =>
      concat([
        header(0, 1),
        Uint8Array.from([0, 0, type, klass >> 8, klass & 0xff, 0, 0, 0, 1, 0, data.length, ...data])
      ])
    for (const wrong of [
      record(1, 1, 1, 2, 3),
      record(28, 1, 1),
      record(33, 1, 0),
      record(16, 1, 5),
      record(12, 1, 0, 0)
    ]) {
      expect(() => decodeDns(wrong)).toThrow(failure('ERR_DNS_RECORD'))
    }
    expect(decodeDns(record(47, 1, 0xc0)).answers).toEqual([])
    expect(decodeDns(record(1, 3, 1)).answers).toEqual([])
    expect(decodeDns(record(1, 0x8001, 1, 2, 3, 4)).answers).toMatchObject([{ flush: true }])
    const endless = record(1, 1, 1, 2, 3, 4)
    endless[5 + 12 + 0] = 0xff
    expect(decodeDns(endless).answers).toMatchObject([{ ttl: 0 }])
  })

  it('that are written are read as the same, whatever is in them', () => {
    const label = fc.uint8Array({ minLength: 1, maxLength: 20 })
    const name = fc
      .array(label, { minLength: 0, maxLength: 6 })
      .map(labels =>
        labels.map(bytes => readName(concat([Uint8Array.of(bytes.length), bytes, new Uint8Array(1)]), 0).name).join('.')
      )
    const common = { name, ttl: fc.integer({ min: 0, max: 0x7fffffff }), flush: fc.boolean() }
    const record: fc.Arbitrary<DnsRecord> = fc.oneof(
      fc.record({ ...common, type: fc.constant('PTR' as const), target: name }),
      fc.record({ ...common, type: fc.constant('SRV' as const), port: fc.nat(0xffff), target: name }),
      fc.record({
        ...common,
        type: fc.constant('TXT' as const),
        texts: fc.array(fc.uint8Array({ minLength: 1, maxLength: 255 }), { maxLength: 4 })
      }),
      fc.record({ ...common, type: fc.constant('A' as const), address: fc.uint8Array({ minLength: 4, maxLength: 4 }) }),
      fc.record({
        ...common,
        type: fc.constant('AAAA' as const),
        address: fc.uint8Array({ minLength: 16, maxLength: 16 })
      })
    )
    const some = fc.array(record, { maxLength: 4 })
    const question = fc.record({ name, type: fc.nat(0xffff), class: fc.nat(0xffff) })
    fc.assert(
      fc.property(
        fc.record({
          id: fc.nat(0xffff),
          flags: fc.nat(0xffff),
          questions: fc.array(question, { maxLength: 4 }),
          answers: some,
          authorities: some,
          additionals: some
        }),
        message => {
          expect(decodeDns(encodeDns(message))).toEqual(message)
        }
      ),
      { numRuns: 200 }
    )
  })
})

describe('names', () => {
  it('hold any bytes, and are compared without regard to case', () => {
    const odd = readName(Uint8Array.of(4, 0x2e, 0x5c, 0xff, 0x61, 1, 0x62, 0), 0).name
    expect(odd).toBe('\\046\\092\\255a.b')
    expect(labelsOf(odd).map(toHex)).toEqual(['2e5cff61', '62'])
    expect(sameName('_P2P._udp.LOCAL', '_p2p._udp.local')).toBe(true)
    expect(isBelow('x._P2P._udp.local', '_p2p._udp.local')).toBe(true)
    expect(isBelow('x_p2p._udp.local', '_p2p._udp.local')).toBe(false)
    expect(isBelow('_p2p._udp.local', '_p2p._udp.local')).toBe(false)
  })

  it('that cannot be written are refused', () => {
    for (const name of ['a..b', 'a b', `${'a'.repeat(64)}.b`, '\\999', 'ä']) {
      expect(() => labelsOf(name)).toThrow(failure('ERR_DNS_NAME'))
    }
    expect(() => labelsOf(Array.from({ length: 5 }, () => 'a'.repeat(60)).join('.'))).toThrow(
      failure('ERR_DNS_TOO_LONG')
    )
  })
})
