import { generateKeyPair as jsGenerate } from '@libp2p/crypto/keys'
import { isPeerId as jsIsPeerId } from '@libp2p/interface'
import * as js from '@libp2p/peer-id'
import { fromHex, fromUtf8, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { base32 } from 'multiformats/bases/base32'
import { base36 } from 'multiformats/bases/base36'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { describe, expect, it } from 'vitest'
import {
  generateKeyPair,
  isPeerId,
  type PeerId,
  peerIdFromCID,
  peerIdFromMultihash,
  peerIdFromMultihashBytes,
  peerIdFromPrivateKey,
  peerIdFromPublicKey,
  peerIdFromString,
  privateKeyFromProtobuf
} from '../src/index.ts'
import { specKeys } from './vectors/spec-keys.ts'

// specs/peer-ids, "Decoding", examples
const specTexts = {
  cid: 'bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe',
  sha256: 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N',
  ed25519: '12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA'
}
const types = ['Ed25519', 'secp256k1', 'RSA'] as const
const idOf = (type: keyof typeof specKeys): PeerId =>
  peerIdFromPrivateKey(privateKeyFromProtobuf(fromHex(specKeys[type].privateKey)))

describe('text', () => {
  it('reads the examples of the specification', () => {
    expect(peerIdFromString(specTexts.cid).toString()).toBe(specTexts.sha256)
    expect(peerIdFromString(specTexts.sha256).toCID().toString()).toBe(specTexts.cid)
    expect(peerIdFromString(specTexts.sha256).type).toBe('RSA')
    expect(peerIdFromString(specTexts.ed25519).toString()).toBe(specTexts.ed25519)
    expect(peerIdFromString(specTexts.ed25519).type).toBe('Ed25519')
  })

  it.each(types)('reads every form of a %s id', type => {
    const id = idOf(type)
    const cid = id.toCID()
    for (const text of [id.toString(), cid.toString(base32), cid.toString(base36), cid.toString(base58btc)]) {
      expect(peerIdFromString(text).equals(id), text).toBe(true)
    }
    const decoded = peerIdFromString(base36.encode(id.toMultihash().bytes), base36)
    expect(decoded.equals(id)).toBe(true)
  })

  it.each([
    ['', 'InvalidParametersError'],
    ['1', 'InvalidParametersError'],
    ['Qm', 'InvalidParametersError'],
    ['Qx', 'InvalidParametersError'],
    ['QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx50', 'InvalidParametersError'], // 0 is not in base58
    ['QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5', 'InvalidParametersError'], // a digest cut off
    ['bafkreie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe', 'InvalidCIDError'], // codec raw
    [`1${'z'.repeat(10_000)}`, 'InvalidParametersError']
  ])('refuses %s', (text, name) => {
    expect(() => peerIdFromString(text)).toThrow(expect.objectContaining({ name }))
  })

  it('throws typed errors only', () => {
    const names = ['InvalidParametersError', 'InvalidCIDError', 'InvalidMultihashError', 'InvalidPublicKeyError']
    const text = fc.oneof(
      fc.string(),
      fc.uint8Array({ maxLength: 60 }).map(bytes => base58btc.baseEncode(Uint8Array.of(0, bytes.length, ...bytes))),
      fc.uint8Array({ maxLength: 60 }).map(bytes => base32.encode(Uint8Array.of(1, 0x72, 0, bytes.length, ...bytes)))
    )
    fc.assert(
      fc.property(text, input => {
        try {
          expect(isPeerId(peerIdFromString(input))).toBe(true)
        } catch (error) {
          expect(names).toContain((error as Error).name)
        }
      })
    )
  })
})

describe.each(types)('a %s id', type => {
  it('is js-libp2p’s', async () => {
    const theirKey = await jsGenerate(type as 'RSA')
    const theirs = js.peerIdFromPrivateKey(theirKey)
    const ours = peerIdFromPrivateKey(theirKey)
    expect(ours.toString()).toBe(theirs.toString())
    expect(ours.type).toBe(theirs.type)
    expect(toHex(ours.toMultihash().bytes)).toBe(toHex(theirs.toMultihash().bytes))
    expect(toHex(ours.toMultihash().digest)).toBe(toHex(theirs.toMultihash().digest))
    expect(ours.toMultihash()).toMatchObject({ code: theirs.toMultihash().code, size: theirs.toMultihash().size })
    expect(ours.toCID().equals(theirs.toCID())).toBe(true)
    expect(ours.equals(theirs) && theirs.equals(ours)).toBe(true)
    expect(ours.publicKey?.equals(theirKey.publicKey)).toBe(true)
    expect(theirKey.publicKey.equals(ours.publicKey)).toBe(true)
    expect(jsIsPeerId(ours) && isPeerId(theirs)).toBe(true)
    expect(js.peerIdFromMultihash(ours.toMultihash()).equals(ours)).toBe(true)
    expect(js.peerIdFromCID(ours.toCID()).equals(ours)).toBe(true)
    expect(js.peerIdFromPublicKey(ours.publicKey!).equals(ours)).toBe(true)
    expect(peerIdFromMultihash(theirs.toMultihash()).equals(theirs)).toBe(true)
    expect(peerIdFromCID(theirs.toCID()).equals(theirs)).toBe(true)
    expect(JSON.stringify(ours)).toBe(JSON.stringify(theirs))
  })

  it('equals what says the same', async () => {
    const id = idOf(type)
    const other = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    const again = peerIdFromMultihash(id.toMultihash())
    expect(id.equals(id) && id.equals(again) && again.equals(id)).toBe(true)
    expect(id.equals(id.toString()) && id.equals(id.toMultihash().bytes)).toBe(true)
    expect(peerIdFromMultihash(other.toMultihash())).not.toEqual(again)
    expect(peerIdFromMultihash(id.toMultihash())).toEqual(again)
    for (const different of [other, other.toString(), other.toMultihash().bytes, undefined, null, {}, 7]) {
      expect(id.equals(different)).toBe(false)
    }
  })

  it('shows itself as text', () => {
    const id = idOf(type)
    expect(Object.prototype.toString.call(id)).toBe(`[object PeerId(${id.toString()})]`)
    expect((id as any)[Symbol.for('nodejs.util.inspect.custom')]()).toBe(`PeerId(${id.toString()})`)
  })
})

describe('ECDSA', () => {
  it('is named by a hash, and carries its key', () => {
    const id = idOf('ECDSA')
    expect(id.type).toBe('ECDSA')
    expect(id.toMultihash().code).toBe(0x12)
    expect(id.toString().startsWith('Qm')).toBe(true)
    expect(peerIdFromPublicKey((id as any).publicKey).equals(id)).toBe(true)
    expect(peerIdFromString(id.toString()).equals(id)).toBe(true)
  })
})

describe('multihashes', () => {
  const identity = (hex: string) => create(0, fromHex(hex))

  it('keeps its own copy of the bytes', () => {
    const bytes = fromHex(specKeys.Ed25519.publicKey)
    const id = peerIdFromMultihash(create(0, bytes))
    bytes.fill(0)
    expect(id.equals(idOf('Ed25519'))).toBe(true)
  })

  it('read again is the same id, whose bytes are its own, and never that of another in its place', () => {
    // Ends alike: the places of both are one.
    const hashes = [1, 2].map(first => Uint8Array.of(0x12, 32, first, ...new Uint8Array(31).fill(7)))
    const [one, other] = hashes.map(bytes => peerIdFromMultihashBytes(bytes))
    expect(one!.equals(other)).toBe(false)
    expect(peerIdFromMultihashBytes(hashes[1]!)).toBe(other)
    hashes[1]!.fill(9, 2)
    expect(other!.toMultihash().digest[0]).toBe(2)
    expect(peerIdFromMultihashBytes(hashes[0]!).equals(one)).toBe(true)
    expect(peerIdFromMultihashBytes(other!.toMultihash().bytes).equals(other)).toBe(true)
  })

  it('are read from bytes', () => {
    const id = idOf('secp256k1')
    expect(peerIdFromMultihashBytes(id.toMultihash().bytes).equals(id)).toBe(true)
    expect(() => peerIdFromMultihashBytes(fromHex('122000'))).toThrow(
      expect.objectContaining({ name: 'InvalidMultihashError' })
    )
  })

  it.each([
    ['sha2-256 cut short', create(0x12, new Uint8Array(31)), 'InvalidMultihashError'],
    ['sha2-512', create(0x13, new Uint8Array(64)), 'InvalidMultihashError'],
    ['empty identity', identity(''), 'InvalidMultihashError'],
    // A key of more than 42 bytes must be hashed.
    ['an inlined ECDSA key', identity(specKeys.ECDSA.publicKey), 'InvalidMultihashError'],
    ['an inlined RSA key', identity(specKeys.RSA.publicKey), 'InvalidMultihashError'],
    ['a key of small order', identity(`08011220${'00'.repeat(32)}`), 'InvalidPublicKeyError'],
    ['a key off the curve', identity(`0802122102${'ff'.repeat(32)}`), 'InvalidPublicKeyError'],
    ['a key of unknown type', identity('08091200'), 'InvalidMultihashError'],
    ['a field more', identity(`${specKeys.Ed25519.publicKey}1800`), 'InvalidMultihashError']
  ])('refuses %s', (_what, multihash, name) => {
    expect(() => peerIdFromMultihash(multihash)).toThrow(expect.objectContaining({ name }))
  })

  it('refuses CIDs that name no peer', () => {
    const multihash = idOf('Ed25519').toMultihash()
    expect(() => peerIdFromCID(CID.createV1(0x55, multihash))).toThrow('does not name a peer')
    expect(() => peerIdFromCID(undefined as any)).toThrow(expect.objectContaining({ name: 'InvalidCIDError' }))
    const v0 = CID.createV0(idOf('RSA').toMultihash() as any)
    expect(peerIdFromCID(v0).equals(idOf('RSA'))).toBe(true)
  })
})

describe('URLs', () => {
  const url = 'https://example.com/'
  const cid = CID.createV1(0x0920, create(0, fromUtf8(url)))

  it('are ids as in js-libp2p', () => {
    const ours = peerIdFromCID(cid)
    const theirs = js.peerIdFromCID(cid)
    expect(ours.type).toBe('url')
    expect(ours.toString()).toBe(theirs.toString())
    expect(ours.equals(theirs) && theirs.equals(ours)).toBe(true)
    expect(peerIdFromMultihash(cid.multihash).equals(ours)).toBe(true)
    expect(ours.equals(cid.multihash.bytes) && ours.equals(ours.toString())).toBe(true)
    expect(ours.equals(undefined)).toBe(false)
    expect(ours.publicKey).toBe(undefined)
  })

  it('are bounded', () => {
    const long = CID.createV1(0x0920, create(0, fromUtf8(url + 'x'.repeat(300))))
    expect(() => peerIdFromCID(long)).toThrow(expect.objectContaining({ name: 'InvalidMultihashError' }))
  })
})
