import { xsalsa20 } from '@noble/ciphers/salsa.js'
import { ByteQueue, concat, fromHex, fromUtf8, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Incoming, Outgoing } from './directions.ts'
import { Keystream, nonceLength } from './keystream.ts'

// Key, nonce and keystream of D. J. Bernstein, "Cryptography in NaCl", section 8.
const key = fromHex('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389')
const nonce = fromHex('69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37')
const golden = 'eea6a7251c1e72916d11c2cb214d3c252539121d8e234e652d651fa4c8cff880'

const maxLength = Number.MAX_SAFE_INTEGER
const exhausted = expect.objectContaining({ name: 'PnetError', code: 'ERR_PNET_EXHAUSTED' })

function queueOf(...chunks: Uint8Array[]): ByteQueue {
  const queue = new ByteQueue()
  for (const chunk of chunks) queue.push(chunk)
  return queue
}

function zeros(length: number, from: Keystream = new Keystream(key, nonce)): Uint8Array {
  return from.apply([new Uint8Array(length)], length)
}

describe('keystream', () => {
  it('is XSalsa20’s', () => {
    expect(toHex(zeros(32))).toBe(golden)
    const bytes = new Uint8Array(1000).map((_, i) => i * 7)
    expect(new Keystream(key, nonce).apply([bytes], 1000)).toEqual(xsalsa20(key, nonce, bytes))
  })

  it('goes on where it was, in any block', () => {
    const all = zeros(500)
    for (const position of [0, 1, 63, 64, 65, 127, 128, 300]) {
      expect(zeros(100, new Keystream(key, nonce, position))).toEqual(all.subarray(position, position + 100))
    }
  })

  // By golang.org/x/crypto/salsa20: 256 bytes from a block, of which the first 32, those from 112 to 144, and the last 32.
  it.each<[number, string, string, string]>([
    [
      2 ** 32 - 2,
      'd93cc6ac5cb77a7a0d14988e3355e07a2f02bed2f8cec08807c544efd8ccc5ca',
      '58d05701f5677d0bb340a1f2c769547219f5420c62ffff7d1304dad82b6dec2b',
      '2e329e3b9a98a9cbc7d01031cf1d5861f576e1291df6286c28146b0b4df9ad44'
    ],
    [
      2 ** 40 + 5,
      '1657ac6525b8143a6bec5730731884e71336d59dda2f913123192b961628679f',
      'b032f3ef3b2a8a82fcfd8eefb9e066298e9d85901b5fb9a1609884a702a6a8d4',
      '2c733a8873ddbee74ef0d189b5d61f3f9da4e9cb4fb69a7a0cbae18cce1c483d'
    ]
  ])('carries its counter beyond 32 bits: from block %i', (block, begin, middle, end) => {
    const bytes = zeros(256, new Keystream(key, nonce, block * 64))
    expect([bytes.subarray(0, 32), bytes.subarray(112, 144), bytes.subarray(224)].map(toHex)).toEqual([
      begin,
      middle,
      end
    ])
    // However it is cut.
    const cut = new Keystream(key, nonce, block * 64)
    expect(concat([100, 28, 1, 127].map(length => zeros(length, cut)))).toEqual(bytes)
  })

  it('ends before it would repeat itself, with an error', () => {
    const last = new Keystream(key, nonce, maxLength - 10)
    expect(() => zeros(11, last)).toThrow(exhausted)
    expect(zeros(10, last).byteLength).toBe(10)
    expect(() => zeros(1, last)).toThrow(exhausted)
  })
})

describe('directions', () => {
  it('carry bytes as the specification says', () => {
    const outgoing = new Outgoing(key, nonce)
    const [header, first] = [fromUtf8('\x13/multistream/1.0.0\n'), fromUtf8('\x07/noise\n')]
    expect(toHex(outgoing.take(queueOf(header, first)))).toBe(
      // 13 ^ ee, '/' ^ a6, 'm' ^ a7, ...: the 20 bytes of the header, then the 8 of the proposal
      'fd89ca50706a1be21963a7aa4c620d0b15172217' + '890c200a44167aae'
    )
  })

  it('take no more than 256 KiB for one write', () => {
    const queue = queueOf(new Uint8Array(200 * 1024), new Uint8Array(200 * 1024))
    const outgoing = new Outgoing(key, nonce)
    const [one, two] = [outgoing.take(queue), outgoing.take(queue)]
    expect([one.byteLength, two.byteLength, queue.byteLength]).toEqual([256 * 1024, 144 * 1024, 0])
    expect(concat([one, two])).toEqual(zeros(400 * 1024))
  })

  it('give what was taken, wherever the cuts are on either side', () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 12 })
    const cuts = fc.array(fc.integer({ min: 1, max: 130 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(chunks, cuts, fc.uint8Array({ minLength: 24, maxLength: 24 }), (plain, sizes, any) => {
        const outgoing = new Outgoing(key, any)
        const sealed = plain.filter(chunk => chunk.byteLength > 0).map(chunk => outgoing.take(queueOf(chunk)))
        const wire = concat([any, ...sealed])
        expect(concat(sealed)).toEqual(xsalsa20(key, any, concat(plain)))
        const incoming = new Incoming(key)
        const opened: Uint8Array[] = []
        for (let at = 0, i = 0; at < wire.byteLength; at += sizes[i++ % sizes.length]!) {
          const plaintext = incoming.open(wire.subarray(at, at + sizes[i % sizes.length]!))
          if (plaintext !== undefined) opened.push(plaintext)
        }
        expect(concat(opened)).toEqual(concat(plain))
      })
    )
  })

  it('know whether a nonce is whole', () => {
    const incoming = new Incoming(key)
    expect(incoming.isTruncated).toBe(false)
    expect(incoming.open(nonce.subarray(0, 23))).toBeUndefined()
    expect(incoming.isTruncated).toBe(true)
    expect(incoming.open(nonce.subarray(23))).toBeUndefined()
    expect(incoming.isTruncated).toBe(false)
  })

  it.each([1, 7, 20, 100])('name a remote without a key, in chunks of %i', size => {
    const bytes = fromUtf8('\x13/multistream/1.0.0\n')
    const incoming = new Incoming(key)
    const feed = (): void => {
      for (let at = 0; at < bytes.byteLength; at += size) incoming.open(bytes.subarray(at, at + size))
    }
    expect(feed).toThrow(expect.objectContaining({ name: 'PnetError', code: 'ERR_PNET_UNPROTECTED' }))
  })

  it('give other bytes to who has another key', () => {
    const other = key.slice().fill(0, 0, 1)
    const incoming = new Incoming(other)
    const text = fromUtf8('\x13/multistream/1.0.0\n')
    incoming.open(nonce)
    expect(incoming.open(new Outgoing(key, nonce).take(queueOf(text)))).not.toEqual(text)
    expect(nonce.byteLength).toBe(nonceLength)
  })
})
