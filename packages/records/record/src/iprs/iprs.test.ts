import { CarReader } from '@ipld/car/reader'
import type { PrivateKey } from '@libp2p/interface'
import { fromUtf8, toHex } from '@weft/bytes'
import { isInvalidRecordError } from '@weft/interface-record-store'
import { MemoryDatastore } from '@weft/memory-datastore'
import { generateKeyPair, generateKeyPairFromSeed, peerIdFromPrivateKey } from '@weft/peer-id'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  type CreateIprsOptions,
  createIprsRecord,
  createIprsValidator,
  dateRangeScheme,
  decodeIprsRecord,
  decryptIprsValue,
  encryptIprsValue,
  freshBy,
  freshnessScheme,
  iprsNonces,
  iprsReceipts,
  iprsRecordKey,
  iprsSchemeCid,
  iprsValue,
  maxTopicLength,
  readIprsValue,
  ttlScheme,
  validFor,
  validWithin
} from './index.ts'

const start = 1_800_000_000_000
const value = iprsValue({ text: 'hello' })
let privateKey: PrivateKey
let key: Uint8Array

beforeAll(async () => {
  privateKey = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(7))
  key = iprsRecordKey(peerIdFromPrivateKey(privateKey))
})

const create = async (options: Partial<CreateIprsOptions> = {}): Promise<Uint8Array<ArrayBuffer>> =>
  createIprsRecord(privateKey, { value, terms: validWithin(), ...options })

const refusal = (code: string): object => expect.objectContaining({ name: 'InvalidRecordError', code })

describe('full records of IPRS', () => {
  it('have these bytes', async () => {
    const record = decodeIprsRecord(await create({ version: 3, terms: validWithin(0, start) }))
    // prettier-ignore
    const object = [
      'a4', // a map of 4
      '6576616c7565 d82a5825 00',
      value.cid.bytes, // "value": a link
      '66736368656d65 d82a5825 00',
      iprsSchemeCid('date-range').bytes, // "scheme": a link
      '6776657273696f6e 03', // "version": 3
      '6876616c6964697479', // "validity"
      'a2 6466726f6d 00', // "from": 0
      '65756e74696c 1b000001a3185c5000' // "until": milliseconds
    ]
      .map(part => (typeof part === 'string' ? part : toHex(part)))
      .join('')
    expect(toHex(record.objects[0]!.bytes)).toBe(object.replaceAll(' ', ''))
    expect(toHex(record.signature.name)).toBe(toHex(key.subarray(6)))
    expect(iprsSchemeCid('date-range').toString()).toBe('bafyreifjapcplb7iaay4wnho3hhtopfqmo3bm7gpnluusu6pd24cjhk2l4')
    expect(record.signature.cid.toString()).toBe('bafyreifyhwigoe3hw6afob2qc7vhcgbcdzdu4rv6cmyjqnlh7b5dmi7cfm')
  })

  it('are CAR files, whose root is the signature', async () => {
    const bytes = await create()
    const record = decodeIprsRecord(bytes)
    const car = await CarReader.fromBytes(bytes)
    expect((await car.getRoots()).map(String)).toEqual([record.signature.cid.toString()])
    const cids: string[] = []
    for await (const { cid } of car.blocks()) cids.push(cid.toString())
    expect(cids).toEqual([record.signature.cid, record.cid, value.cid].map(String))
  })

  it('bring their value, or only link to it', async () => {
    expect(readIprsValue(decodeIprsRecord(await create()))).toEqual({ text: 'hello' })
    expect(readIprsValue(decodeIprsRecord(await create({ value: iprsValue(fromUtf8('raw')) })))).toEqual(
      fromUtf8('raw')
    )
    const linked = decodeIprsRecord(await create({ value: value.cid }))
    expect(readIprsValue(linked)).toBe(undefined)
    expect(linked.value.equals(value.cid)).toBe(true)
  })

  it('are invalid with any one bit flipped, in each of their objects', async () => {
    const secret = await encryptIprsValue(new Uint8Array(32), iprsValue('secret'))
    const validator = createIprsValidator({ now: () => start })
    const bytes = await create({ value: secret })
    const record = decodeIprsRecord(bytes)
    expect(record.objects.length).toBe(3)
    await validator.validate(key, bytes)
    const taken: number[] = []
    for (let bit = 0; bit < bytes.byteLength * 8; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7)
      try {
        await validator.validate(key, bytes)
        taken.push(bit)
      } catch (error) {
        if (!isInvalidRecordError(error)) throw error
      }
      bytes[bit >> 3]! ^= 1 << (bit & 7)
    }
    expect(taken).toEqual([])
    await validator.validate(key, bytes)
  })

  it('are invalid with an object left out, put in, or in another place', async () => {
    const bytes = await create()
    const at = bytes.byteLength - value.bytes.byteLength - 37
    const last = bytes.subarray(at)
    const other = await create({ value: iprsValue('other') })
    for (const wrong of [
      bytes.subarray(0, at),
      new Uint8Array([...bytes, ...last]),
      new Uint8Array([...bytes.subarray(0, at), ...other.subarray(other.byteLength - 43)]),
      bytes.subarray(0, 59),
      new Uint8Array(0)
    ]) {
      expect(() => decodeIprsRecord(wrong)).toThrow(refusal('ERR_INVALID_RECORD'))
    }
  })

  it('are refused where they are too large', async () => {
    const large = iprsValue(new Uint8Array(65_536))
    await expect(create({ value: large })).rejects.toEqual(refusal('ERR_RECORD_TOO_LARGE'))
    const many = Array.from({ length: 63 }, (_, i) => iprsValue(i))
    await expect(create({ value: many })).rejects.toEqual(refusal('ERR_RECORD_TOO_LARGE'))
    expect(decodeIprsRecord(await create({ value: many.slice(1) })).objects.length).toBe(63)
    expect(() => decodeIprsRecord(new Uint8Array(65_537))).toThrow(refusal('ERR_RECORD_TOO_LARGE'))
  })

  it('stand only under the key of their signer and topic', async () => {
    const validator = createIprsValidator({ now: () => start })
    const id = peerIdFromPrivateKey(privateKey)
    const other = peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(8)))
    const topical = await create({ topic: 'news' })
    await validator.validate(iprsRecordKey(id, 'news'), topical)
    for (const wrong of [key, iprsRecordKey(id, 'new'), iprsRecordKey(other, 'news')]) {
      await expect((async () => validator.validate(wrong, topical))()).rejects.toEqual(refusal('ERR_INVALID_RECORD'))
    }
    await expect((async () => validator.validate(fromUtf8('/ipns/x'), topical))()).rejects.toEqual(
      refusal('ERR_INVALID_RECORD_KEY')
    )
    expect(() => iprsRecordKey(id, 'x'.repeat(maxTopicLength + 1))).toThrow(refusal('ERR_INVALID_RECORD_KEY'))
  })

  it('are signed by every kind of key', async () => {
    const validator = createIprsValidator({ now: () => start })
    for (const type of ['Ed25519', 'secp256k1', 'ECDSA'] as const) {
      const own = await generateKeyPair(type)
      const record = await createIprsRecord(own, { value, terms: validWithin() })
      await validator.validate(iprsRecordKey(peerIdFromPrivateKey(own)), record)
    }
  })

  it('of a scheme that is not known are invalid, and say so', async () => {
    const validator = createIprsValidator({ now: () => start })
    const terms = { scheme: iprsSchemeCid('blockchain'), validity: { height: 7 } }
    await expect((async () => validator.validate(key, await create({ terms })))()).rejects.toMatchObject({
      name: 'InvalidRecordError',
      code: 'ERR_UNKNOWN_SCHEME',
      scheme: iprsSchemeCid('blockchain').toString()
    })
  })

  it('of a scheme of somebody else are valid by its rules', async () => {
    const cid = iprsSchemeCid('always')
    const always = { name: 'always', cid, validate: () => {}, compare: () => 0 }
    const validator = createIprsValidator({ schemes: [always] })
    await validator.validate(key, await create({ terms: { scheme: cid, validity: null } }))
    await expect((async () => validator.validate(key, await create()))()).rejects.toEqual(refusal('ERR_UNKNOWN_SCHEME'))
  })
})

describe('encrypted values', () => {
  const secret = new Uint8Array(32).fill(1)

  it('are read with the key, and by nobody else', async () => {
    const record = decodeIprsRecord(await create({ value: await encryptIprsValue(secret, value) }))
    const decrypted = await decryptIprsValue(secret, record)
    expect(decrypted.cid.equals(value.cid)).toBe(true)
    expect(decrypted.bytes).toEqual(value.bytes)
    for (const { bytes } of record.objects) expect(toHex(bytes)).not.toContain(toHex(fromUtf8('hello')))
    await expect(decryptIprsValue(new Uint8Array(32), record)).rejects.toEqual(refusal('ERR_INVALID_RECORD'))
    await expect(decryptIprsValue(new Uint8Array(31), record)).rejects.toMatchObject({ name: 'InvalidParametersError' })
  })

  it('are not found in records without them', async () => {
    for (const other of [value, value.cid]) {
      const record = decodeIprsRecord(await create({ value: other }))
      await expect(decryptIprsValue(secret, record)).rejects.toEqual(refusal('ERR_INVALID_RECORD'))
    }
  })
})

describe('schemes, to the millisecond', () => {
  let time = start
  const now = (): number => time

  it('date range: from the first time to the last', async () => {
    const validator = createIprsValidator({ schemes: [dateRangeScheme({ now })] })
    const record = await create({ terms: validWithin(start, start + 1000) })
    for (const [at, code] of [
      [start - 1, 'ERR_INVALID_RECORD'],
      [start, undefined],
      [start + 1, undefined],
      [start + 999, undefined],
      [start + 1000, undefined],
      [start + 1001, 'ERR_RECORD_EXPIRED']
    ] as const) {
      time = at
      const verdict = (async () => validator.validate(key, record))()
      if (code === undefined) await verdict
      else await expect(verdict).rejects.toEqual(refusal(code))
    }
  })

  it('date range: 0 and infinity have no bounds', async () => {
    const validator = createIprsValidator({ schemes: [dateRangeScheme({ now })] })
    for (time of [0, start, Number.MAX_SAFE_INTEGER]) await validator.validate(key, await create())
    for (const [from, until] of [
      [2, 1],
      [0.5, 1],
      [-1, 1],
      [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
      [0, Number.NaN]
    ] as const) {
      expect(() => validWithin(from, until)).toThrow(refusal('ERR_INVALID_RECORD'))
    }
  })

  it('refuses a validity that is not of the scheme', async () => {
    const validator = createIprsValidator({ schemes: [dateRangeScheme({ now })] })
    const scheme = iprsSchemeCid('date-range')
    for (const validity of [null, 1, [], {}, { from: 0 }, { from: 0, until: 1, more: 1 }, { from: 0, until: 'x' }]) {
      const record = await create({ terms: { scheme, validity } })
      await expect((async () => validator.validate(key, record))()).rejects.toEqual(refusal('ERR_INVALID_RECORD'))
    }
  })

  it('time-to-live: counted from our receipt, also after a restart', async () => {
    const datastore = new MemoryDatastore()
    const open = () => createIprsValidator({ schemes: [ttlScheme({ now, receipts: iprsReceipts({ datastore }) })] })
    const record = await create({ terms: validFor(1000) })
    time = start
    await open().validate(key, record)
    time = start + 999
    await open().validate(key, record)
    time = start + 1000
    await open().validate(key, record)
    time = start + 1001
    await expect((async () => open().validate(key, record))()).rejects.toEqual(refusal('ERR_RECORD_EXPIRED'))
    // Somebody else receives it only now.
    await createIprsValidator({ schemes: [ttlScheme({ now, receipts: iprsReceipts() })] }).validate(key, record)
  })

  it('time-to-live: a receipt that was not written is told, and not relied on', async () => {
    let full = true
    const datastore = new MemoryDatastore()
    const put = datastore.put.bind(datastore)
    datastore.put = (...args: Parameters<typeof put>) => {
      if (full) throw new Error('full')
      return put(...args)
    }
    const receipts = iprsReceipts({ datastore })
    const { cid } = decodeIprsRecord(await create())
    await expect(receipts.firstReceived(cid, 1)).rejects.toThrow('full')
    full = false
    expect(await receipts.firstReceived(cid, 2)).toBe(2)
    expect(await iprsReceipts({ datastore }).firstReceived(cid, 3)).toBe(2)
  })

  it('time-to-live: the oldest receipts give way, and a clock that was set back starts anew', async () => {
    const datastore = new MemoryDatastore()
    const receipts = iprsReceipts({ datastore, maxReceipts: 2 })
    const cids = [1, 2, 3].map(i => iprsValue(i).cid)
    for (const [i, cid] of cids.entries()) expect(await receipts.firstReceived(cid, 10 + i)).toBe(10 + i)
    expect(await receipts.firstReceived(cids[2]!, 20)).toBe(12)
    expect(await receipts.firstReceived(cids[0]!, 20)).toBe(20)
    expect(await iprsReceipts({ datastore, maxReceipts: 2 }).firstReceived(cids[2]!, 30)).toBe(12)
    expect(await receipts.firstReceived(cids[2]!, 5)).toBe(5)
    expect(await receipts.firstReceived(cids[2]!, 30)).toBe(5)
  })

  it('freshness: over a nonce of the verifier, not older than it allows', async () => {
    time = start
    const nonces = iprsNonces({ now })
    const validator = createIprsValidator({ schemes: [freshnessScheme({ now, beacon: nonces, maxAge: 1000 })] })
    const nonce = nonces.issue()
    const record = await create({ terms: freshBy(nonce) })
    const brief = await create({ terms: freshBy(nonce, 500) })
    for (const [at, code, briefCode] of [
      [start - 1, 'ERR_INVALID_RECORD', 'ERR_INVALID_RECORD'],
      [start, undefined, undefined],
      [start + 500, undefined, undefined],
      [start + 501, undefined, 'ERR_RECORD_EXPIRED'],
      [start + 999, undefined, 'ERR_RECORD_EXPIRED'],
      [start + 1000, undefined, 'ERR_RECORD_EXPIRED'],
      [start + 1001, 'ERR_RECORD_EXPIRED', 'ERR_RECORD_EXPIRED']
    ] as const) {
      time = at
      for (const [bytes, wanted] of [
        [record, code],
        [brief, briefCode]
      ] as const) {
        const verdict = (async () => validator.validate(key, bytes))()
        if (wanted === undefined) await verdict
        else await expect(verdict).rejects.toEqual(refusal(wanted))
      }
    }
    time = start
    const foreign = await create({ terms: freshBy(iprsNonces().issue()) })
    await expect((async () => validator.validate(key, foreign))()).rejects.toEqual(refusal('ERR_INVALID_RECORD'))
  })

  it('freshness: remembers so many nonces', () => {
    const nonces = iprsNonces({ now: () => 1, maxNonces: 2 })
    const issued = [nonces.issue(), nonces.issue(), nonces.issue()]
    expect(issued.map(nonce => nonces.timeOf(nonce))).toEqual([undefined, 1, 1])
    expect(() => freshBy(new Uint8Array(129))).toThrow(refusal('ERR_INVALID_RECORD'))
  })
})
