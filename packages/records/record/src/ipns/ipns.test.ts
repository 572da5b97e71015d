import * as dagCbor from '@ipld/dag-cbor'
import { fromUtf8, toHex } from '@weft/bytes'
import { generateKeyPair, generateKeyPairFromSeed, peerIdFromPrivateKey } from '@weft/peer-id'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ipnsMessage, signedBytesV2 } from '../core/ipns-message.ts'
import { createIpnsRecord, createIpnsValidator, decodeIpnsRecord, ipnsRecordKey, maxIpnsLength } from '../index.ts'

const start = Date.UTC(2026, 10, 30)
const now = (): number => start
const hour = 60 * 60 * 1000
const privateKey = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(1))
const name = ipnsRecordKey(peerIdFromPrivateKey(privateKey))
const validator = createIpnsValidator({ now })

/** What the validator throws, or undefined. */
async function verdict(key: Uint8Array, record: Uint8Array, by = validator): Promise<unknown> {
  try {
    await by.validate(key, record)
    return undefined
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('IPNS records', () => {
  it('have the bytes of the specification', async () => {
    const record = await createIpnsRecord(privateKey, '/ipfs/a', 1, { lifetime: hour, ttl: 1000, now })
    const message = ipnsMessage.decode(record)
    expect(toHex(message.data!)).toBe(
      [
        'a5', // a map of five
        '63 54544c 1a 3b9aca00', // "TTL": 10^9 ns
        '65 56616c7565 47 2f697066732f61', // "Value": "/ipfs/a"
        '68 53657175656e6365 01', // "Sequence": 1
        '68 56616c6964697479 58 1e 323032362d31312d33305430313a30303a30302e3030303030303030305a', // "Validity": the time
        '6c 56616c696469747954797065 00' // "ValidityType": EOL
      ]
        .join('')
        .replaceAll(' ', '')
    )
    expect(message).toMatchObject({ sequence: 1n, ttl: 1_000_000_000n, validityType: 0 })
    expect(message.publicKey).toBe(undefined)
    expect(decodeIpnsRecord(record)).toEqual({
      value: '/ipfs/a',
      sequence: 1n,
      validUntil: BigInt(start + hour) * 1_000_000n,
      ttl: 1_000_000_000n
    })
  })

  for (const type of ['Ed25519', 'secp256k1', 'RSA'] as const) {
    for (const v1Compatible of [true, false]) {
      it(`are valid under the name of their key: ${type}, ${v1Compatible ? 'version 1 and 2' : 'version 2'}`, async () => {
        const [own, other] = await Promise.all([generateKeyPair(type), generateKeyPair(type)])
        const record = await createIpnsRecord(own, '/ipfs/a', 7n, { v1Compatible, now })
        expect(await verdict(ipnsRecordKey(peerIdFromPrivateKey(own)), record)).toBe(undefined)
        expect(await verdict(ipnsRecordKey(peerIdFromPrivateKey(other)), record)).toBe('ERR_INVALID_RECORD')
      })
    }
  }

  it('are valid to the last nanosecond of their time', async () => {
    const record = await createIpnsRecord(privateKey, '/ipfs/a', 1, { lifetime: hour, now })
    const at = async (time: number) => verdict(name, record, createIpnsValidator({ now: () => time }))
    expect(await at(start + hour)).toBe(undefined)
    expect(await at(start + hour + 1)).toBe('ERR_RECORD_EXPIRED')
  })

  it('are refused where one bit of what is signed, or of the signature, is another', async () => {
    const record = await createIpnsRecord(privateKey, '/ipfs/a', 1, { v1Compatible: false, now })
    for (let bit = 0; bit < record.byteLength * 8; bit++) {
      const flipped = new Uint8Array(record)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      // Flips in field numbers can only make a field unknown, and then one is missing.
      expect([bit, await verdict(name, flipped)]).toEqual([bit, 'ERR_INVALID_RECORD'])
    }
  })

  it('are refused where a field of version 1 is not what is signed', async () => {
    const record = await createIpnsRecord(privateKey, '/ipfs/a', 1, { now })
    const message = ipnsMessage.decode(record)
    expect(await verdict(name, ipnsMessage.encode(message))).toBe(undefined)
    for (const change of [
      { value: fromUtf8('/ipfs/b') },
      { sequence: 2n },
      { ttl: 1n },
      { validity: fromUtf8('2030-01-01T00:00:00.000000000Z') },
      { validityType: 1 },
      { validity: undefined },
      { value: undefined }
    ]) {
      expect([change, await verdict(name, ipnsMessage.encode({ ...message, ...change }))]).toEqual([
        change,
        'ERR_INVALID_RECORD'
      ])
    }
  })

  it('are refused where what is signed is another map than the specification has', async () => {
    const honest = {
      Value: fromUtf8('/ipfs/a'),
      Validity: fromUtf8('2030-01-01T00:00:00.000000000Z'),
      ValidityType: 0,
      Sequence: 1,
      TTL: 1
    }
    const signed = async (data: unknown): Promise<unknown> => {
      const bytes = dagCbor.encode(data)
      const signatureV2 = await privateKey.sign(signedBytesV2(bytes))
      return verdict(name, ipnsMessage.encode({ data: bytes, signatureV2 }))
    }
    expect(await signed(honest)).toBe(undefined)
    expect(await signed({ ...honest, more: 'unknown keys are left unread' })).toBe(undefined)
    expect(await signed({ ...honest, Sequence: 2n ** 63n - 1n })).toBe(undefined)
    for (const wrong of [
      { ...honest, Sequence: 2n ** 63n },
      { ...honest, Sequence: -1 },
      { ...honest, TTL: 1.5 },
      { ...honest, ValidityType: 1 },
      { ...honest, Value: '/ipfs/a' },
      { ...honest, Validity: fromUtf8('tomorrow') },
      { ...honest, Validity: Uint8Array.of(0xff) },
      [1, 2],
      null,
      'text'
    ]) {
      expect(await signed(wrong)).toBe('ERR_INVALID_RECORD')
    }
  })

  it('are refused over 10 KiB, when they are made and when they are read', async () => {
    await expect(createIpnsRecord(privateKey, `/ipfs/${'a'.repeat(maxIpnsLength)}`, 1, { now })).rejects.toMatchObject({
      code: 'ERR_RECORD_TOO_LARGE'
    })
    expect(await verdict(name, new Uint8Array(maxIpnsLength + 1))).toBe('ERR_RECORD_TOO_LARGE')
    await expect(createIpnsRecord(privateKey, '/ipfs/a', 2n ** 63n, { now })).rejects.toMatchObject({
      code: 'ERR_INVALID_RECORD'
    })
  })

  it('are chosen by sequence, then by validity, then as they come', async () => {
    const make = (sequence: number, lifetime: number) =>
      createIpnsRecord(privateKey, '/ipfs/a', sequence, { lifetime, now })
    const [one, oneLater, two] = await Promise.all([make(1, hour), make(1, 2 * hour), make(2, hour)])
    expect(validator.select(name, [one!, two!, oneLater!])).toBe(1)
    expect(validator.select(name, [two!, oneLater!])).toBe(0)
    expect(validator.select(name, [one!, oneLater!])).toBe(1)
    expect(validator.select(name, [one!, one!])).toBe(0)
  })

  it('of arbitrary bytes give a verdict and no other exception', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 60 }), async (record, key) => {
        expect(await verdict(name, record)).toMatch(/^ERR_/)
        expect(await verdict(key, record)).toMatch(/^ERR_/)
      })
    )
  })
})
