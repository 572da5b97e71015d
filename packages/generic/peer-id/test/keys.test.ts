import * as js from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { ed25519 } from '@noble/curves/ed25519.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concat, fromHex, fromUtf8, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  generateKeyPair,
  generateKeyPairFromSeed,
  privateKeyFromCryptoKeyPair,
  privateKeyFromProtobuf,
  privateKeyFromRaw,
  privateKeyToCryptoKeyPair,
  privateKeyToProtobuf,
  publicKeyFromMultihash,
  publicKeyFromProtobuf,
  publicKeyFromRaw,
  publicKeyToMultihash,
  publicKeyToProtobuf
} from '../src/index.ts'
import { specKeys } from './vectors/spec-keys.ts'

const types = ['Ed25519', 'secp256k1', 'RSA', 'ECDSA'] as const
const keys = new Map<string, PrivateKey>()
const message = fromUtf8('message')

beforeAll(async () => {
  for (const type of types) keys.set(type, await generateKeyPair(type as 'RSA'))
})

// The contract's type does not say that a key has its own text.
const show = (key: unknown): string => (key as { toString(): string }).toString()

describe.each(types)('%s', type => {
  const { privateKey, publicKey } = specKeys[type]

  it('reads and writes the vectors of the specification', async () => {
    const key = privateKeyFromProtobuf(fromHex(privateKey))
    expect(key.type).toBe(type)
    expect(toHex(publicKeyToProtobuf(key.publicKey))).toBe(publicKey)
    expect(toHex(privateKeyToProtobuf(key))).toBe(privateKey)
    const parsed = publicKeyFromProtobuf(fromHex(publicKey))
    expect(parsed.equals(key.publicKey)).toBe(true)
    expect(await parsed.verify(message, await key.sign(message))).toBe(true)
  })

  it('reads back what it wrote', () => {
    const key = keys.get(type)!
    expect(privateKeyFromProtobuf(privateKeyToProtobuf(key)).equals(key)).toBe(true)
    expect(privateKeyFromRaw(key.raw).equals(key)).toBe(true)
    expect(publicKeyFromRaw(key.publicKey.raw).equals(key.publicKey)).toBe(true)
    expect(privateKeyFromRaw(key.raw).publicKey.equals(key.publicKey)).toBe(true)
    expect(key.publicKey.equals(undefined)).toBe(false)
    expect(key.equals(keys.get('Ed25519'))).toBe(type === 'Ed25519')
  })

  it('signs lists, and only what it was given', async () => {
    const key = keys.get(type)!
    const signature = await key.sign(new Uint8ArrayList(message.subarray(0, 3), message.subarray(3)))
    expect(await key.publicKey.verify(message, signature)).toBe(true)
    expect(await key.publicKey.verify(fromUtf8('massage'), signature)).toBe(false)
    expect(await key.publicKey.verify(message, new Uint8Array(0))).toBe(false)
    // ed25519-random-sig of the attack vectors
    expect(await key.publicKey.verify(message, globalThis.crypto.getRandomValues(new Uint8Array(64)))).toBe(false)
  })

  it('takes no signature with one bit changed', async () => {
    const key = keys.get(type)!
    const signature = await key.sign(message)
    const step = type === 'RSA' ? 7 : 1
    for (let i = 0; i < signature.byteLength; i += step) {
      const changed = Uint8Array.from(signature)
      changed[i]! ^= 1 << (i % 8)
      expect(await key.publicKey.verify(message, changed), `byte ${i}`).toBe(false)
    }
    expect(await key.publicKey.verify(message, concat([signature, Uint8Array.of(0)]))).toBe(false)
    expect(await key.publicKey.verify(message, signature.subarray(1))).toBe(false)
  })

  it('stops for an aborted signal', () => {
    const key = keys.get(type)!
    const signal = AbortSignal.abort(new Error('stop'))
    expect(() => key.sign(message, { signal })).toThrow('stop')
    expect(() => key.publicKey.verify(message, message, { signal })).toThrow('stop')
  })

  it('prints no secret', () => {
    const key = keys.get(type)!
    const shown = `${JSON.stringify(key)} ${show(key)} ${JSON.stringify(Object.values({ ...key }))}`
    const bytes = key.raw
    expect(shown).not.toContain(toHex(bytes.subarray(0, 8)))
    expect(shown).not.toContain(bytes.subarray(0, 4).join(','))
    expect(show(key)).toBe(`PrivateKey(${type}, ${key.publicKey.toString()})`)
    expect((key as any)[Symbol.for('nodejs.util.inspect.custom')]()).toBe(show(key))
  })
})

// js-libp2p writes ECDSA keys in another form than the specification; the other types are one wire format.
describe.each(['Ed25519', 'secp256k1', 'RSA'] as const)('%s and @libp2p/crypto', type => {
  it('read each other’s keys and signatures', async () => {
    const ours = keys.get(type)!
    const theirs = js.privateKeyFromProtobuf(privateKeyToProtobuf(ours))
    expect(theirs.publicKey.toString()).toBe(ours.publicKey.toString())
    expect(toHex(js.publicKeyToProtobuf(ours.publicKey))).toBe(toHex(publicKeyToProtobuf(theirs.publicKey)))
    expect(theirs.equals(ours)).toBe(true)
    expect(ours.equals(theirs)).toBe(true)
    expect(theirs.publicKey.equals(ours.publicKey)).toBe(true)
    expect(ours.publicKey.equals(theirs.publicKey)).toBe(true)
    expect(await theirs.publicKey.verify(message, await ours.sign(message))).toBe(true)
    expect(await ours.publicKey.verify(message, await theirs.sign(message))).toBe(true)
    expect(ours.publicKey.toCID().toString()).toBe(theirs.publicKey.toCID().toString())
    expect(toHex(publicKeyToMultihash(theirs.publicKey).bytes)).toBe(toHex(ours.publicKey.toMultihash().bytes))
    if (ours.type === 'RSA' && theirs.type === 'RSA') {
      expect(ours.publicKey.jwk).toMatchObject({ n: theirs.publicKey.jwk.n, e: theirs.publicKey.jwk.e })
      expect(ours.jwk).toEqual(theirs.jwk)
    }
  })
})

describe('generation', () => {
  it('is @libp2p/crypto’s from a seed', async () => {
    const seed = Uint8Array.from({ length: 32 }, (_, i) => i)
    const [ours, theirs] = [
      await generateKeyPairFromSeed('Ed25519', seed),
      await js.generateKeyPairFromSeed('Ed25519', seed)
    ]
    expect(toHex(ours.raw)).toBe(toHex(theirs.raw))
    await expect(generateKeyPairFromSeed('Ed25519', seed.subarray(1))).rejects.toThrow('32 bytes')
    await expect(generateKeyPairFromSeed('RSA', seed)).rejects.toThrow(
      expect.objectContaining({ name: 'UnsupportedKeyTypeError' })
    )
  })

  it.each([
    ['RSA', 1024, 'InvalidParametersError'],
    ['RSA', 16384, 'InvalidParametersError'],
    ['RSA', 2049, 'InvalidParametersError'],
    ['ECDSA', 'P-384', 'InvalidParametersError'],
    ['DSA', undefined, 'UnsupportedKeyTypeError']
  ])('refuses %s %s', async (type, bits, name) => {
    await expect(generateKeyPair(type as 'RSA', bits as number)).rejects.toThrow(expect.objectContaining({ name }))
  })

  it('gives each key type of the specification its length', () => {
    expect(keys.get('Ed25519')!.raw.byteLength).toBe(64)
    expect(keys.get('secp256k1')!.raw.byteLength).toBe(32)
    expect(keys.get('RSA')!.publicKey.raw.byteLength).toBe(294)
    expect(keys.get('ECDSA')!.raw.byteLength).toBe(121)
    expect(keys.get('ECDSA')!.publicKey.toMultihash().code).toBe(0x12)
  })
})

describe('WebCrypto', () => {
  it.each(['RSA', 'ECDSA'])('has the form of %s keys', async type => {
    const key = keys.get(type)!
    const pair = await privateKeyToCryptoKeyPair(key)
    expect((await privateKeyFromCryptoKeyPair(pair)).equals(key)).toBe(true)
    const algorithm = { name: pair.publicKey.algorithm.name, hash: 'SHA-256' }
    const signature = await globalThis.crypto.subtle.sign(algorithm, pair.privateKey, message)
    expect(await globalThis.crypto.subtle.verify(algorithm, pair.publicKey, signature, message)).toBe(true)
  })

  it('has no form of others', async () => {
    const refusal = expect.objectContaining({ name: 'InvalidParametersError' })
    await expect(privateKeyToCryptoKeyPair(keys.get('Ed25519')!)).rejects.toThrow(refusal)
    const pair = await globalThis.crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, true, ['sign'])
    await expect(privateKeyFromCryptoKeyPair(pair)).rejects.toThrow(refusal)
  })
})

describe('what is refused', () => {
  const unreadable = (hex: string): unknown => {
    try {
      return publicKeyFromProtobuf(fromHex(hex))
    } catch (error) {
      return (error as Error).name
    }
  }

  it.each([
    ['no fields', '', 'InvalidPublicKeyError'],
    ['type only', '0801', 'InvalidPublicKeyError'],
    ['an unknown type', '08041200', 'UnsupportedKeyTypeError'],
    ['a key too short', '08011201ff', 'InvalidPublicKeyError'],
    ['a length that is not there', `08011221${'11'.repeat(32)}`, 'InvalidPublicKeyError'],
    ['bytes behind the key', `08011220${'11'.repeat(32)}00`, 'InvalidPublicKeyError'],
    ['fields in the wrong order', `1220${'11'.repeat(32)}0801`, 'InvalidPublicKeyError'],
    ['a length not in its shortest form', `080112a000${'11'.repeat(32)}`, 'InvalidPublicKeyError'],
    ['secp256k1 off the curve', `08021221${'02'}${'ff'.repeat(32)}`, 'InvalidPublicKeyError'],
    ['secp256k1 of hybrid form', `08021241${'06'}${'11'.repeat(64)}`, 'InvalidPublicKeyError'],
    ['secp256k1 at infinity', '0802120100', 'InvalidPublicKeyError'],
    ['ECDSA off the curve', `${specKeys.ECDSA.publicKey.slice(0, -2)}63`, 'InvalidPublicKeyError'],
    ['RSA that is no DER', '08001204deadbeef', 'InvalidPublicKeyError']
  ])('%s', (_what, hex, name) => expect(unreadable(hex)).toBe(name))

  // The eight encodings of points of small order, the same with the sign bit, and y >= p.
  it.each([
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0000000000000000000000000000000000000000000000000000000000000080',
    '0100000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000080',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    'f4ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'
  ])('the Ed25519 key %s', hex => expect(unreadable(`08011220${hex}`)).toBe('InvalidPublicKeyError'))

  it('an Ed25519 private key whose public half is another', async () => {
    const other = await generateKeyPair('Ed25519')
    const mixed = concat([keys.get('Ed25519')!.raw.subarray(0, 32), other.publicKey.raw])
    expect(() => privateKeyFromRaw(mixed)).toThrow(expect.objectContaining({ name: 'InvalidPrivateKeyError' }))
    const long = concat([fromHex('08011260'), other.raw, other.publicKey.raw])
    expect(privateKeyFromProtobuf(long).equals(other)).toBe(true)
    long[99]! ^= 1
    expect(() => privateKeyFromProtobuf(long)).toThrow(expect.objectContaining({ name: 'InvalidPrivateKeyError' }))
  })

  it.each([
    ['0', '00'.repeat(32)],
    ['the order', 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141']
  ])('the secp256k1 private key %s', (_what, hex) => {
    expect(() => privateKeyFromRaw(fromHex(hex))).toThrow(expect.objectContaining({ name: 'InvalidPrivateKeyError' }))
  })

  it('an Ed25519 signature whose point is of small order', () => {
    // R is the neutral point and s = k a, so the equation holds for every message that the key's owner likes.
    const key = privateKeyFromProtobuf(fromHex(specKeys.Ed25519.privateKey))
    const { scalar } = ed25519.utils.getExtendedPublicKey(key.raw.subarray(0, 32))
    const order = ed25519.Point.Fn.ORDER
    const neutral = Uint8Array.of(1, ...new Uint8Array(31))
    const hash = sha512(concat([neutral, key.publicKey.raw, message]))
    const k = BigInt(`0x${toHex(hash.toReversed())}`) % order
    const s = fromHex(((k * scalar) % order).toString(16).padStart(64, '0')).toReversed()
    const signature = concat([neutral, s])
    expect(ed25519.verify(signature, message, key.publicKey.raw)).toBe(true)
    expect(key.publicKey.verify(message, signature)).toBe(false)
  })

  it('a high s of secp256k1', async () => {
    const key = privateKeyFromProtobuf(fromHex(specKeys.secp256k1.privateKey))
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    const signature = await key.sign(message)
    const split = 6 + signature[3]!
    const high = order - BigInt(`0x${toHex(signature.subarray(split))}`)
    const s = fromHex(`00${high.toString(16).padStart(64, '0')}`)
    const r = signature.subarray(2, split - 2)
    const changed = concat([Uint8Array.of(0x30, r.length + 2 + s.length), r, Uint8Array.of(2, s.length), s])
    expect(await key.publicKey.verify(message, changed)).toBe(false)
  })

  it('keeps the uncompressed form of a secp256k1 key compressed', () => {
    const { raw } = publicKeyFromProtobuf(fromHex(specKeys.secp256k1.publicKey))
    const point = secp256k1.Point.fromBytes(raw).toBytes(false)
    const key = publicKeyFromProtobuf(concat([fromHex('08021241'), point]))
    expect(toHex(key.raw)).toBe(toHex(raw))
    point[64]! ^= 1
    expect(unreadable(`08021241${toHex(point)}`)).toBe('InvalidPublicKeyError')
  })

  it('identity multihashes of other keys', () => {
    const key = publicKeyFromProtobuf(fromHex(specKeys.ECDSA.publicKey))
    const digest = publicKeyToProtobuf(key)
    const multihash = { code: 0 as const, digest, size: digest.byteLength, bytes: digest }
    expect(() => publicKeyFromMultihash(multihash)).toThrow(expect.objectContaining({ name: 'InvalidMultihashError' }))
  })

  it('nothing but typed errors comes of arbitrary bytes', () => {
    const names = ['InvalidPublicKeyError', 'InvalidPrivateKeyError', 'UnsupportedKeyTypeError']
    const readers = [publicKeyFromProtobuf, publicKeyFromRaw, privateKeyFromProtobuf, privateKeyFromRaw]
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(fc.integer({ min: 0, max: 5 }), fc.uint8Array({ maxLength: 100 }))
        .map(([type, data]) => Uint8Array.of(8, type, 0x12, data.length, ...data))
    )
    fc.assert(
      fc.property(bytes, fc.constantFrom(...readers), (input, read) => {
        try {
          read(input)
        } catch (error) {
          expect(names).toContain((error as Error).name)
        }
      })
    )
  })
})

describe('an Ed25519 key of 96 bytes, which repeats its public half', () => {
  const seed = new Uint8Array(32).fill(7)
  const half = ed25519.getPublicKey(seed)
  // 08 01 = type Ed25519; 12 60 = 96 bytes
  const encoded = (...parts: Uint8Array[]): Uint8Array => concat([Uint8Array.of(8, 1, 0x12, 0x60), ...parts])

  it('is the key of its seed, and is written in 64 bytes', async () => {
    const key = privateKeyFromProtobuf(encoded(seed, half, half))
    expect([key.type, toHex(key.raw)]).toEqual(['Ed25519', toHex(concat([seed, half]))])
    expect(await key.publicKey.verify(message, await key.sign(message))).toBe(true)
  })

  it('is refused where the halves differ', () => {
    const other = ed25519.getPublicKey(new Uint8Array(32).fill(8))
    for (const halves of [
      [half, other],
      [other, half],
      [other, other]
    ]) {
      expect(() => privateKeyFromProtobuf(encoded(seed, ...halves))).toThrow(
        expect.objectContaining({ name: 'InvalidPrivateKeyError' })
      )
    }
  })
})
