// What two nodes of libp2p 0.24 with SECIO said to each other, captured on the wire.
import { readFileSync } from 'node:fs'
import { concat, decodeVarint, fromHex, toHex, toUtf8, varintLength } from '@weft/bytes'
import { publicKeyFromProtobuf, publicKeyToProtobuf } from '@weft/peer-id'
import { describe, expect, it } from 'vitest'
import { agree } from '../src/core/agreement.ts'
import { macLengths } from '../src/core/crypto.ts'
import { decodeExchange, decodePropose, encodeExchange, encodePropose } from '../src/core/messages.ts'
import { lengthOf, prefixLength, withLength } from '../src/core/records.ts'
import { nodeCrypto } from '../src/crypto.node.ts'

interface Row {
  direction: string
  hex: string
}

const capture = readFileSync(new URL('vectors/early-peers.jsonl', import.meta.url), 'utf8')
const rows: Row[] = capture
  .trim()
  .split('\n')
  .map(line => JSON.parse(line))

/** The frames of one direction, behind the multistream message that names SECIO. */
function framesOf(direction: string): Uint8Array[] {
  const bytes = concat(rows.filter(row => row.direction === direction).map(row => fromHex(row.hex)))
  let at = 0
  for (let name = ''; name !== '/secio/1.0.0\n'; ) {
    const length = decodeVarint(bytes, at)
    const start = at + varintLength(length)
    at = start + length
    name = toUtf8(bytes.subarray(start, at))
  }
  const frames: Uint8Array[] = []
  while (at < bytes.byteLength) {
    const start = at + prefixLength
    at = start + lengthOf(bytes.subarray(at, start))
    frames.push(bytes.subarray(start, at))
  }
  return frames
}

const [dialer, listener] = [framesOf('>'), framesOf('<')]

describe.each([
  ['dialer', dialer, listener],
  ['listener', listener, dialer]
])('messages of an early %s', (_role, own, other) => {
  it('are read, and written again byte for byte', () => {
    expect(toHex(encodePropose(decodePropose(own[0]!)))).toBe(toHex(own[0]!))
    expect(toHex(encodeExchange(decodeExchange(own[1]!)))).toBe(toHex(own[1]!))
    expect(toHex(withLength([own[2]!])).slice(0, 8)).toBe('00000030') // the nonce, 16 bytes, and a MAC of 32
  })

  it('offer what weft offers', () => {
    expect(decodePropose(own[0]!)).toMatchObject({
      exchanges: 'P-256,P-384,P-521',
      ciphers: 'AES-256,AES-128',
      hashes: 'SHA256,SHA512'
    })
  })

  it('are signed by the identity: both proposals and the ephemeral key', async () => {
    const { pubkey } = decodePropose(own[0]!)
    const { epubkey, signature } = decodeExchange(own[1]!)
    const identity = publicKeyFromProtobuf(pubkey)
    expect(publicKeyToProtobuf(identity)).toEqual(pubkey)
    expect(await identity.verify(concat([own[0]!, other[0]!, epubkey]), signature)).toBe(true)
    expect(await identity.verify(concat([other[0]!, own[0]!, epubkey]), signature)).toBe(false)
  })

  it('come to an agreement in which an ephemeral key is a point of its curve', () => {
    const agreement = agree(nodeCrypto, decodePropose(own[0]!), decodePropose(other[0]!))
    expect(agreement).toMatchObject({ curve: 'P-256', cipher: 'AES-256', hash: 'SHA256' })
    const secret = nodeCrypto.makeEphemeral(agreement.curve).secretWith(decodeExchange(other[1]!).epubkey)
    expect(secret.byteLength).toBe(32)
  })

  it('are followed by frames with a MAC each', () => {
    expect(own.length).toBeGreaterThan(10)
    for (const frame of own.slice(2)) expect(frame.byteLength).toBeGreaterThanOrEqual(macLengths.SHA256)
  })
})
