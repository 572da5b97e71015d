import * as dagCbor from '@ipld/dag-cbor'
import * as dagPb from '@ipld/dag-pb'
import fc from 'fast-check'
import type { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { exportCar, importCar, resolve, traverse } from '../src/index.ts'
import { Blocks } from './blocks.ts'

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) items.push(item)
  return items
}

/** A graph through three codecs: dag-cbor, dag-pb with names, raw. */
async function graph(): Promise<{ blocks: Blocks; root: CID; folder: CID; file: CID }> {
  const blocks = new Blocks()
  const file = await blocks.raw(new TextEncoder().encode('content'))
  const node = dagPb.prepare({ Data: new Uint8Array(0), Links: [{ Name: 'a file', Hash: file, Tsize: 7 }] })
  const folder = await blocks.bytes(dagPb.encode(node), dagPb.code)
  const root = await blocks.cbor({ list: [1, { folder }], text: 'plain' })
  return { blocks, root, folder, file }
}

describe('a path', () => {
  it('goes through dag-cbor, dag-pb and raw, and says where it ends', async () => {
    const { blocks, root, folder, file } = await graph()
    const found = await resolve(blocks, `/ipfs/${root.toString()}/list/1/folder/a file`)
    expect(found.cid.toString()).toBe(file.toString())
    expect(found).toMatchObject({ path: '', value: new TextEncoder().encode('content') })
    expect(found.blocks.map(String)).toEqual([root, folder, file].map(String))
    expect(await resolve(blocks, `${root.toString()}/list/0`)).toMatchObject({ path: 'list/0', value: 1 })
    const byField = await resolve(blocks, `/ipld/${folder.toString()}/Links/0/Hash`)
    expect(byField.cid.toString()).toBe(file.toString())
    expect((await resolve(blocks, root)).value).toMatchObject({ text: 'plain' })
  })

  it('that leads nowhere says what was not found, and where', async () => {
    const { blocks, root, folder } = await graph()
    await expect(resolve(blocks, `${root.toString()}/list/1/folder/none/below`)).rejects.toMatchObject({
      name: 'PathNotFoundError',
      path: 'none/below',
      at: folder.toString()
    })
    for (const path of ['list/01', 'list/-1', 'text/0', 'constructor', 'list/length']) {
      await expect(resolve(blocks, `${root.toString()}/${path}`)).rejects.toMatchObject({ name: 'PathNotFoundError' })
    }
    await expect(resolve(blocks, 'no cid/a')).rejects.toMatchObject({ name: 'InvalidParametersError' })
    const elsewhere = await new Blocks().raw(Uint8Array.of(1))
    await expect(resolve(blocks, elsewhere)).rejects.toMatchObject({ name: 'NotFoundError' })
  })

  it('follows the early merkle links only where it is told to', async () => {
    const blocks = new Blocks()
    const target = await blocks.cbor({ end: true })
    const root = await blocks.cbor({ next: { mlink: `/ipfs/${target.toString()}` } })
    const path = `${root.toString()}/next/end`
    await expect(resolve(blocks, path)).rejects.toMatchObject({ name: 'PathNotFoundError' })
    expect((await resolve(blocks, path, { merkleLinks: true })).value).toBe(true)
    expect((await collect(traverse(blocks, root))).length).toBe(1)
    expect((await collect(traverse(blocks, root, { merkleLinks: true }))).length).toBe(2)
  })

  it('ends when its signal fires', async () => {
    const { blocks, root } = await graph()
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(resolve(blocks, root, { signal })).rejects.toThrow('enough')
    await expect(collect(traverse(blocks, root, { signal }))).rejects.toThrow('enough')
  })
})

describe('a block', () => {
  it('with other bytes than its CID names is refused', async () => {
    const { blocks, root, file } = await graph()
    blocks.put(file, Uint8Array.of(1))
    const wrong = { name: 'InvalidBlockError', cid: file.toString() }
    await expect(resolve(blocks, `${root.toString()}/list/1/folder/a file`)).rejects.toMatchObject(wrong)
    await expect(collect(traverse(blocks, root))).rejects.toMatchObject(wrong)
  })

  it('that does not decode, or is nested too deeply for its decoder, is refused', async () => {
    const blocks = new Blocks()
    const notCbor = await blocks.bytes(Uint8Array.of(0xff, 0xff))
    await expect(resolve(blocks, notCbor)).rejects.toMatchObject({ name: 'InvalidBlockError' })
    // Arrays in arrays, a million of them.
    const deep = await blocks.bytes(new Uint8Array(1_000_001).fill(0x81, 0, 1_000_000))
    await expect(collect(traverse(blocks, deep))).rejects.toMatchObject({ name: 'InvalidBlockError' })
    const unknown = await blocks.bytes(Uint8Array.of(1), 0x300000)
    await expect(resolve(blocks, unknown)).rejects.toThrow('its codec 0x300000 is unknown')
  })
})

describe('a traversal', () => {
  it('gives each block once, a parent before its children', async () => {
    const { blocks, root, folder, file } = await graph()
    const twice = await blocks.cbor([folder, file, folder, root])
    const found = await collect(traverse(blocks, twice))
    expect(found.map(({ cid, depth }) => [cid.toString(), depth])).toEqual([
      [twice.toString(), 0],
      [folder.toString(), 1],
      [file.toString(), 2],
      [root.toString(), 1]
    ])
  })

  it('ends at its limits with the name of the limit', async () => {
    const blocks = new Blocks()
    let chain = await blocks.cbor([])
    for (let i = 0; i < 50; i++) chain = await blocks.cbor([chain])
    const limited = async (root: CID, options: object): Promise<unknown> =>
      collect(traverse(blocks, root, options)).catch((error: unknown) => error)
    const named = (limit: string) => ({ name: 'LimitExceededError', limit })
    expect(await limited(chain, { maxDepth: 49 })).toMatchObject(named('maxDepth'))
    expect(await limited(chain, { maxBlocks: 50 })).toMatchObject(named('maxBlocks'))
    expect(await limited(chain, { maxBytes: 500 })).toMatchObject(named('maxBytes'))
    expect(await limited(chain, { maxBlockBytes: 10 })).toMatchObject(named('maxBlockBytes'))
    expect(await limited(chain, { maxDepth: 50, maxBlocks: 51 })).toHaveLength(51)
  })

  it('of 10,000 blocks behind one another, and of a block with a million links, ends with a typed error', async () => {
    const blocks = new Blocks()
    let chain = await blocks.cbor([])
    for (let i = 0; i < 10_000; i++) chain = await blocks.cbor([chain])
    await expect(collect(traverse(blocks, chain))).rejects.toMatchObject({
      name: 'LimitExceededError',
      limit: 'maxDepth'
    })

    // An identity CID takes 8 bytes: tag 42, a byte string of five.
    const link = Uint8Array.of(0xd8, 0x2a, 0x45, 0x00, 0x01, 0x55, 0x00, 0x00)
    const million = new Uint8Array(5 + link.length * 1_000_000)
    million.set([0x9a, 0x00, 0x0f, 0x42, 0x40])
    for (let at = 5; at < million.length; at += link.length) million.set(link, at)
    const wide = await blocks.bytes(million)
    const options = { maxBlockBytes: million.length }
    await expect(collect(traverse(blocks, wide, options))).rejects.toMatchObject({ limit: 'maxLinks' })
    await expect(collect(traverse(blocks, wide))).rejects.toMatchObject({ limit: 'maxBlockBytes' })
  }, 60_000)
})

describe('a CAR file', () => {
  it('exports what it imports, block for block, whatever the chunks', async () => {
    const { blocks, root } = await graph()
    const file = Uint8Array.from((await collect(exportCar(blocks, root))).flatMap(chunk => [...chunk]))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(file.length), { maxLength: 6 }), async cuts => {
        const ends = [...cuts, file.length].toSorted((a, b) => a - b)
        const chunks = ends.map((end, i) => file.subarray(ends[i - 1] ?? 0, end))
        const copy = new Blocks()
        const { roots, blocks: count } = await importCar(chunks, copy)
        expect(roots.map(String)).toEqual([root.toString()])
        expect(count).toBe(3)
        expect([...copy.stored]).toEqual((await collect(traverse(blocks, root))).map(b => [b.cid.toString(), b.bytes]))
      }),
      { numRuns: 30 }
    )
  })

  it('is refused with a typed error where it is cut, wrong, too large, or its source fails', async () => {
    const { blocks, root } = await graph()
    const file = Uint8Array.from((await collect(exportCar(blocks, root))).flatMap(chunk => [...chunk]))
    const importing = async (bytes: Uint8Array | AsyncIterable<Uint8Array>, options = {}): Promise<unknown> =>
      importCar(bytes instanceof Uint8Array ? [bytes] : bytes, new Blocks(), options).catch((error: unknown) => error)
    expect(await importing(new Uint8Array(0))).toMatchObject({ name: 'InvalidCarError' })
    expect(await importing(file.subarray(0, file.length - 1))).toMatchObject({ name: 'InvalidCarError' })
    const flipped = new Uint8Array(file)
    flipped[flipped.length - 1]! ^= 1
    expect(await importing(flipped)).toMatchObject({ name: 'InvalidBlockError' })
    expect(await importing(file, { maxBlocks: 2 })).toMatchObject({ limit: 'maxBlocks' })
    expect(await importing(file, { maxBytes: 20 })).toMatchObject({ limit: 'maxBytes' })
    expect(await importing(file, { maxBlockBytes: 3 })).toMatchObject({ limit: 'maxBlockBytes' })
    // A block, and a header, that announce a terabyte are refused before anything is gathered.
    const terabyte = [0x80, 0x80, 0x80, 0x80, 0x80, 0x20]
    expect(await importing(Uint8Array.of(...terabyte))).toMatchObject({ name: 'LimitExceededError' })
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      yield file
      const cid = root.bytes
      yield Uint8Array.of(...terabyte, ...cid)
      for (let i = 0; i < 1000; i++) yield new Uint8Array(65536)
      throw new Error('was read to its end')
    }
    expect(await importing(endless())).toMatchObject({ limit: 'maxBlockBytes' })
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield file.subarray(0, 100)
      throw new Error('the network is down')
    }
    expect(await importing(failing())).toMatchObject({ message: 'the network is down' })
  })

  it('of arbitrary bytes ends with one of the typed errors', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async bytes => {
        const error = await importCar([bytes], new Blocks()).catch((thrown: unknown) => thrown)
        if (!(error instanceof Error)) return
        expect(['InvalidCarError', 'InvalidBlockError', 'LimitExceededError']).toContain(error.name)
      })
    )
  })
})

describe('data of dag-cbor', () => {
  it('of any shape have the links that were put into them, in order', async () => {
    const blocks = new Blocks()
    const leaves = await Promise.all([0, 1, 2, 3].map(async n => blocks.raw(Uint8Array.of(n))))
    const leaf = fc.constantFrom(...leaves)
    const { tree } = fc.letrec(tie => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        leaf,
        fc.string(),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.string({ maxLength: 3 }), tie('tree'), { maxKeys: 4 })
      )
    }))
    await fc.assert(
      fc.asyncProperty(tree, async data => {
        const root = await blocks.cbor({ data })
        const names = new Set((await collect(traverse(blocks, root))).slice(1).map(({ cid }) => cid.toString()))
        // The oracle: what the decoder gives, written as dag-json's text, names every link.
        const text = JSON.stringify(
          dagCbor.decode(blocks.stored.get(root.toString())!),
          (_key, value: unknown) => value
        )
        for (const cid of leaves) expect(names.has(cid.toString())).toBe(text.includes(cid.toString()))
      }),
      { numRuns: 200 }
    )
  })
})
