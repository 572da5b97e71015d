import type { PrivateKey } from '@libp2p/interface'
import { compare } from '@weft/bytes'
import { generateKeyPairFromSeed, peerIdFromPrivateKey } from '@weft/peer-id'
import type { CID } from 'multiformats/cid'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  ancestryScheme,
  type AncestrySchemeOptions,
  createIprsRecord,
  createIprsValidator,
  decodeIprsRecord,
  iprsRecordKey,
  iprsSchemeCid,
  iprsValue,
  succeeding
} from './index.ts'

let privateKey: PrivateKey
let key: Uint8Array
let objects: Map<string, Uint8Array>

beforeAll(async () => {
  privateKey = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(7))
  key = iprsRecordKey(peerIdFromPrivateKey(privateKey))
  objects = new Map()
})

/** The next record, which brings as many ancestors with it; its own object can be fetched. */
async function next(previous: Uint8Array | undefined, data: unknown, included?: number): Promise<Uint8Array> {
  const bytes = await createIprsRecord(privateKey, {
    value: iprsValue(data),
    terms: succeeding(previous, included)
  })
  const { cid, objects: own } = decodeIprsRecord(bytes)
  objects.set(cid.toString(), own[0]!.bytes)
  return bytes
}

async function chain(length: number, included?: number): Promise<Uint8Array[]> {
  const records: Uint8Array[] = []
  for (let i = 0; i < length; i++) records.push(await next(records.at(-1), i, included))
  return records
}

/** A validator, and what it fetched. */
function opened(options: AncestrySchemeOptions = {}) {
  const fetched: string[] = []
  const fetch = async (cid: CID): Promise<Uint8Array | undefined> => {
    fetched.push(cid.toString())
    return objects.get(cid.toString())
  }
  return { fetched, validator: createIprsValidator({ schemes: [ancestryScheme({ fetch, ...options })] }) }
}

const refused = { name: 'InvalidRecordError', code: 'ERR_INVALID_RECORD' }
const rejected = async (work: () => void | Promise<void>, like: object): Promise<void> =>
  expect((async () => work())()).rejects.toMatchObject(like)

describe('ancestry', () => {
  it('the longest chain that contains the other is the best', async () => {
    const records = await chain(5)
    const validator = createIprsValidator()
    for (const record of records) await validator.validate(key, record)
    expect(validator.select(key, records)).toBe(4)
    expect(validator.select(key, records.toReversed())).toBe(0)
  })

  it('a fork is ordered by the hashes where it parts, whatever follows', async () => {
    const [root] = await chain(1)
    const sides = [await next(root, 'left'), await next(root, 'right')]
    const hash = (record: Uint8Array): Uint8Array => decodeIprsRecord(record).cid.bytes
    const [lower, greater] = sides.sort((a, b) => compare(hash(a), hash(b)))
    const longer = await next(await next(lower, 'more'), 'and more')
    const validator = createIprsValidator()
    for (const record of [root!, lower!, greater!, longer]) await validator.validate(key, record)
    expect(validator.select(key, [root!, lower!, longer, greater!])).toBe(3)
    expect(validator.select(key, [root!, lower!, longer])).toBe(2)
  })

  it('missing ancestors are fetched once, and held to their hashes', async () => {
    const records = await chain(6, 1)
    const { validator, fetched } = opened()
    await validator.validate(key, records[5]!)
    expect(fetched.length).toBe(4)
    await validator.validate(key, records[5]!)
    await validator.validate(key, records[2]!)
    expect(fetched.length).toBe(4)
    expect(validator.select(key, [records[2]!, records[5]!])).toBe(1)
  })

  it('refuses what is missing, wrong, or beyond its limits', async () => {
    const records = await chain(6, 0)
    const last = records[5]!
    const { validate } = createIprsValidator()
    await rejected(() => validate(key, last), refused)
    const nothing = async (): Promise<undefined> => undefined
    await rejected(() => opened({ fetch: nothing }).validator.validate(key, last), refused)
    const failing = async (): Promise<never> => Promise.reject(new Error('offline'))
    await rejected(() => opened({ fetch: failing }).validator.validate(key, last), {
      ...refused,
      cause: expect.objectContaining({ message: 'offline' })
    })
    for (const wrong of [objects.get(decodeIprsRecord(records[0]!).cid.toString()), new Uint8Array(2000)]) {
      await rejected(() => opened({ fetch: async () => wrong }).validator.validate(key, last), refused)
    }
    await rejected(() => opened({ maxFetched: 4 }).validator.validate(key, last), refused)
    await opened({ maxFetched: 5 }).validator.validate(key, last)
    await rejected(() => opened({ maxAncestors: 4 }).validator.validate(key, last), refused)
    await opened({ maxAncestors: 5 }).validator.validate(key, last)
  })

  it('stops when its signal has fired', async () => {
    const records = await chain(3, 0)
    const abort = new AbortController()
    const fetch = async (): Promise<undefined> => {
      abort.abort(new Error('enough'))
      return undefined
    }
    const { validator } = opened({ fetch })
    await rejected(() => validator.validate(key, records[2]!, { signal: abort.signal }), { message: 'enough' })
  })

  it('does not compare what it has forgotten, and says so', async () => {
    const [first] = await chain(1)
    const second = await next(first, 'second', 0)
    const third = await next(second, 'third', 0)
    expect(() => createIprsValidator().select(key, [first!, third])).toThrow(expect.objectContaining(refused))
    expect(() => ancestryScheme({ maxRemembered: 2047 })).toThrow(
      expect.objectContaining({ name: 'InvalidParametersError' })
    )
  })

  it('an ancestor is of the same scheme and version', async () => {
    const scheme = iprsSchemeCid('ancestry')
    const [first] = await chain(1)
    const record = decodeIprsRecord(first!)
    const later = await createIprsRecord(privateKey, {
      value: iprsValue('later'),
      terms: { scheme, validity: { previous: record.cid }, objects: [record.objects[0]!] },
      version: 1
    })
    await rejected(() => createIprsValidator().validate(key, later), refused)
    const terms = succeeding(first)
    await rejected(
      async () => void (await createIprsRecord(privateKey, { value: iprsValue(1), terms, version: 1 })),
      refused
    )
  })

  it('a higher version begins a new chain, and is better than any of the old one', async () => {
    const records = await chain(4)
    const anew = await createIprsRecord(privateKey, { value: iprsValue('anew'), terms: succeeding(), version: 1 })
    const validator = createIprsValidator()
    for (const record of [...records, anew]) await validator.validate(key, record)
    expect(validator.select(key, [...records, anew])).toBe(4)
  })
})
