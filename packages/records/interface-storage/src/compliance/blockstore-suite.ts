import type { TestRunner } from '@weft/interface-connection/compliance'
import type { Blockstore } from 'interface-blockstore'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { all, type StoreSetup, usingStore } from './setup.ts'

/** Makes the block store under test. */
export type BlockstoreSetup = StoreSetup<Blockstore>

interface Block {
  cid: CID
  bytes: Uint8Array
}

async function block(byte: number, length = 8): Promise<Block> {
  const bytes = new Uint8Array(length).fill(byte)
  return { cid: CID.createV1(raw.code, await sha256.digest(bytes)), bytes }
}

const blocks = (count: number): Promise<Block[]> => Promise.all(Array.from({ length: count }, (_, i) => block(i)))
const texts = (cids: CID[]): string[] => cids.map(String)

/** What every block store does. */
export function blockstoreSuite({ describe, it, expect }: TestRunner, options: BlockstoreSetup): void {
  const using = (use: Parameters<typeof usingStore<Blockstore>>[1]): Promise<void> => usingStore(options, use)
  const read = async (store: Blockstore, cid: CID): Promise<number[]> =>
    (await all(store.get(cid))).flatMap(chunk => [...chunk])

  describe('block store', () => {
    it('has the block that was put, and nothing else', () =>
      using(async ({ store }) => {
        const [one, two] = await blocks(2)
        expect(await store.has(one!.cid)).toBe(false)
        expect(String(await store.put(one!.cid, one!.bytes))).toBe(String(one!.cid))
        expect([await store.has(one!.cid), await store.has(two!.cid)]).toEqual([true, false])
        expect(await read(store, one!.cid)).toEqual([...one!.bytes])
      }))

    it('takes a block in pieces, synchronous and not', () =>
      using(async ({ store }) => {
        const { cid, bytes } = await block(1)
        await store.put(cid, [bytes.subarray(0, 3), bytes.subarray(3)])
        expect(await read(store, cid)).toEqual([...bytes])
        const other = await block(2)
        await store.put(
          other.cid,
          (async function* () {
            yield other.bytes.subarray(0, 5)
            yield other.bytes.subarray(5)
          })()
        )
        expect(await read(store, other.cid)).toEqual([...other.bytes])
      }))

    it('finds a block by either version of its CID', () =>
      using(async ({ store }) => {
        const { cid, bytes } = await block(1)
        const dagPb = 0x70
        await store.put(CID.createV1(dagPb, cid.multihash), bytes)
        expect(await read(store, CID.createV0(cid.multihash as never))).toEqual([...bytes])
      }))

    it('says so when it has nothing', () =>
      using(async ({ store }) => {
        const { cid } = await block(1)
        await expect(all(store.get(cid))).rejects.toMatchObject({ name: 'NotFoundError' })
      }))

    it('takes a block twice, and forgets one that is deleted, once and again', () =>
      using(async ({ store }) => {
        const { cid, bytes } = await block(1)
        await store.put(cid, bytes)
        await store.put(cid, bytes)
        await store.delete(cid)
        await store.delete(cid)
        expect(await store.has(cid)).toBe(false)
      }))

    it('puts, gets and deletes many, in the order of the source', () =>
      using(async ({ store }) => {
        const some = await blocks(5)
        const cids = some.map(({ cid }) => cid)
        expect(texts(await all(store.putMany(some)))).toEqual(texts(cids))
        const found = await all(store.getMany(cids))
        expect(texts(found.map(({ cid }) => cid))).toEqual(texts(cids))
        expect(texts(await all(store.deleteMany(cids)))).toEqual(texts(cids))
        expect(await all(store.getAll())).toEqual([])
      }))

    it('gives all blocks, and lets a caller leave early', () =>
      using(async ({ store }) => {
        const some = await blocks(5)
        await all(store.putMany(some))
        // A store may keep the multihash alone, and then gives CIDs of version 1 with the codec "raw".
        const hashes = (await all(store.getAll())).map(({ cid }) => cid.multihash.bytes.join())
        expect(hashes.toSorted()).toEqual(some.map(({ cid }) => cid.multihash.bytes.join()).toSorted())
        for await (const { cid } of store.getAll()) {
          expect(await store.has(cid)).toBe(true)
          break
        }
      }))

    it('owns what it was given, and the caller what it is given', () =>
      using(async ({ store }) => {
        const { cid, bytes } = await block(1)
        const given = new Uint8Array(bytes)
        await store.put(cid, given)
        given.fill(0)
        const taken = await all(store.get(cid))
        expect(taken.flatMap(chunk => [...chunk])).toEqual([...bytes])
        for (const chunk of taken) chunk.fill(0)
        expect(await read(store, cid)).toEqual([...bytes])
      }))

    it('has everything again after a restart, if it is persistent', () =>
      using(async ({ store, restart }) => {
        if (restart === undefined) return
        const { cid, bytes } = await block(1)
        await store.put(cid, bytes)
        expect(await read(await restart(), cid)).toEqual([...bytes])
      }))
  })
}
