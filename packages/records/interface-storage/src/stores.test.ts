import type { PrivateKey } from '@libp2p/interface'
import { concat, toHex } from '@weft/bytes'
import { NotFoundError } from '@weft/errors'
import { generateKeyPair } from '@weft/peer-id'
import type { Blockstore } from 'interface-blockstore'
import { CID } from 'multiformats/cid'
import { decode } from 'multiformats/hashes/digest'
import { describe, expect, it } from 'vitest'
import { blockstoreSuite, keyStoreSuite } from './compliance/index.ts'
import { checkKeyName, isKeyExistsError, KeyExistsError, type KeyStore } from './index.ts'

const runner = { describe, it, expect }
const teardown = async (): Promise<void> => {}

/** The smallest key store that keeps the contract: a map. */
function mapKeyStore(): KeyStore {
  const keys = new Map<string, PrivateKey>()
  return {
    list: async () => [...keys.keys()],
    has: async name => keys.has(name),
    async get(name) {
      const key = keys.get(name)
      if (key === undefined) throw new NotFoundError(`there is no key named "${name}"`)
      return key
    },
    async put(name, key, options) {
      options?.signal?.throwIfAborted()
      checkKeyName(name)
      if (keys.has(name)) throw new KeyExistsError(name)
      keys.set(name, key)
    },
    async delete(name) {
      keys.delete(name)
    }
  }
}

keyStoreSuite(runner, {
  setup: async () => ({ store: mapKeyStore() }),
  teardown,
  keys: async () => [await generateKeyPair('Ed25519'), await generateKeyPair('Ed25519')]
})

type Pieces = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/** The smallest block store that keeps the contract: a map by multihash. */
function mapBlockstore(): Blockstore {
  const blocks = new Map<string, { cid: CID; bytes: Uint8Array }>()
  const keyOf = (cid: CID): string => toHex(cid.multihash.bytes)
  const store = {
    has: (cid: CID) => blocks.has(keyOf(cid)),
    async put(cid: CID, pieces: Pieces) {
      const chunks: Uint8Array[] = []
      if (pieces instanceof Uint8Array) chunks.push(pieces)
      else for await (const piece of pieces) chunks.push(piece)
      blocks.set(keyOf(cid), { cid: CID.createV1(0x55, decode(cid.multihash.bytes)), bytes: concat(chunks) })
      return cid
    },
    *get(cid: CID) {
      const found = blocks.get(keyOf(cid))
      if (found === undefined) throw new NotFoundError(`there is no block ${cid.toString()}`)
      yield new Uint8Array(found.bytes)
    },
    delete: (cid: CID) => void blocks.delete(keyOf(cid)),
    async *putMany(source: Iterable<{ cid: CID; bytes: Pieces }> | AsyncIterable<{ cid: CID; bytes: Pieces }>) {
      for await (const { cid, bytes } of source) yield store.put(cid, bytes)
    },
    async *getMany(source: Iterable<CID> | AsyncIterable<CID>) {
      for await (const cid of source) yield { cid, bytes: store.get(cid) }
    },
    async *deleteMany(source: Iterable<CID> | AsyncIterable<CID>) {
      for await (const cid of source) {
        store.delete(cid)
        yield cid
      }
    },
    *getAll() {
      for (const { cid } of blocks.values()) yield { cid, bytes: store.get(cid) }
    }
  }
  return store as Blockstore
}

blockstoreSuite(runner, { setup: async () => ({ store: mapBlockstore() }), teardown })

describe('key errors', () => {
  it('are known by their names', () => {
    expect(isKeyExistsError(new KeyExistsError('a'))).toBe(true)
    expect(isKeyExistsError(new Error())).toBe(false)
    expect(new KeyExistsError('a')).toMatchObject({ code: 'ERR_KEY_EXISTS', keyName: 'a' })
  })
})
