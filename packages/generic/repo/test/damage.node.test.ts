import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Key } from 'interface-datastore'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { describe, expect, it } from 'vitest'
import { checkFiles } from '../src/datastore/check-files.ts'
import { createRepo } from '../src/index.ts'
import { temporaryFolder } from './temporary.ts'

const records = 30
const keyOf = (n: number): Key => new Key(`/records/${n}`)
const valueOf = (n: number): Uint8Array => new Uint8Array(20).fill(n)

/** A repository with a table, a log and a manifest, all of them small. */
async function smallRepo(): Promise<string> {
  const folder = await temporaryFolder()
  const repo = await createRepo(folder)
  for (let n = 0; n < records / 2; n++) await repo.datastore.put(keyOf(n), valueOf(n))
  await repo.collectGarbage()
  for (let n = records / 2; n < records; n++) await repo.datastore.put(keyOf(n), valueOf(n))
  await repo.close()
  return folder
}

/** Opens and reads everything: all of it is right, or the error is a `DataLossError`. */
async function readAll(folder: string): Promise<'right' | 'told'> {
  try {
    const repo = await createRepo(folder)
    try {
      for (let n = 0; n < records; n++) expect(await repo.datastore.get(keyOf(n))).toEqual(valueOf(n))
    } finally {
      await repo.close()
    }
    return 'right'
  } catch (error) {
    expect(error).toMatchObject({ name: 'DataLossError' })
    expect((error as { file: string }).file.startsWith(folder)).toBe(true)
    return 'told'
  }
}

describe('damage of a datastore', () => {
  it('is told, or does no harm, with any byte of any file flipped', async () => {
    const whole = await smallRepo()
    const files = (await readdir(path.join(whole, 'datastore'))).map(name => path.join('datastore', name))
    const told = new Map<string, number>()
    let opened = 0
    for (const file of [...files, 'datastore.count']) {
      const bytes = await readFile(path.join(whole, file))
      for (let at = 0; at < bytes.length; at++) {
        const flipped = new Uint8Array(bytes)
        flipped[at]! ^= 1 << (at & 7)
        await writeFile(path.join(whole, file), flipped)
        // The checks of all files are quick. Only what passes them is opened, in a copy: LevelDB writes.
        const passed = await checkFiles(path.join(whole, 'datastore')).then(
          () => true,
          error => (expect(error).toMatchObject({ name: 'DataLossError' }), false)
        )
        if (!passed) told.set(file, (told.get(file) ?? 0) + 1)
        // The text logs of LevelDB are never read.
        if (!passed || /LOG/.test(file)) continue
        opened++
        const copy = await temporaryFolder()
        await cp(whole, copy, { recursive: true })
        if ((await readAll(copy)) === 'told') told.set(file, (told.get(file) ?? 0) + 1)
        await rm(copy, { recursive: true })
      }
      await writeFile(path.join(whole, file), bytes)
    }
    // Tables and logs are held to their checksums byte for byte; what is left are paddings and the counter's slots.
    expect(opened).toBeLessThan(150)
    expect([...told.keys()].filter(file => /\.(ldb|log)$|MANIFEST|CURRENT$/.test(file)).length).toBeGreaterThanOrEqual(
      4
    )
    expect(await readAll(whole)).toBe('right')
  }, 120_000)

  it('is told where the log ends earlier than what was acknowledged, and where it is gone', async () => {
    const whole = await smallRepo()
    const log = (await readdir(path.join(whole, 'datastore'))).find(name => name.endsWith('.log'))!
    const file = path.join(whole, 'datastore', log)
    const { length } = await readFile(file)
    for (const left of [length - 1, length >> 1, 0]) {
      // In a copy: LevelDB takes a log over when it opens.
      const copy = await temporaryFolder()
      await cp(whole, copy, { recursive: true })
      await truncate(path.join(copy, 'datastore', log), left)
      expect(await readAll(copy)).toBe('told')
    }
    await rm(path.join(whole, 'datastore'), { recursive: true })
    expect(await readAll(whole)).toBe('told')
  })

  it('is accepted by who says so, and what is left can be read and written', async () => {
    const whole = await smallRepo()
    const log = (await readdir(path.join(whole, 'datastore'))).find(name => name.endsWith('.log'))!
    await truncate(path.join(whole, 'datastore', log), 0)
    await expect(createRepo(whole)).rejects.toMatchObject({ name: 'DataLossError' })
    const repo = await createRepo(whole, { acceptDataLoss: true })
    expect(await repo.datastore.get(keyOf(0))).toEqual(valueOf(0))
    expect(await repo.datastore.has(keyOf(records - 1))).toBe(false)
    await repo.close()
    const settled = await createRepo(whole)
    await settled.datastore.put(keyOf(records - 1), valueOf(1))
    await settled.close()
    const again = await createRepo(whole)
    expect(await again.datastore.get(keyOf(records - 1))).toEqual(valueOf(1))
    await again.close()
  })
})

describe('a damaged block', () => {
  it('rejects with DataLossError, is found by verify, and is repaired by another put', async () => {
    const folder = await temporaryFolder()
    const repo = await createRepo(folder)
    const bytes = new Uint8Array(100).fill(7)
    const cid = CID.createV1(raw.code, await sha256.digest(bytes))
    await repo.blocks.put(cid, bytes)
    const [shard] = (await readdir(path.join(folder, 'blocks'))).filter(name => name !== 'SHARDING')
    const [name] = await readdir(path.join(folder, 'blocks', shard!))
    await writeFile(path.join(folder, 'blocks', shard!, name!), new Uint8Array(100).fill(8))
    const read = async (): Promise<Uint8Array[]> => {
      const chunks: Uint8Array[] = []
      for await (const chunk of repo.blocks.get(cid)) chunks.push(chunk)
      return chunks
    }
    await expect(read()).rejects.toMatchObject({ name: 'DataLossError' })
    const found: string[] = []
    for await (const { file } of repo.verify() as AsyncGenerator<{ file: string } & Error>)
      found.push(path.basename(file))
    expect(found).toEqual([name])
    await repo.blocks.put(cid, bytes)
    expect(await read()).toEqual([bytes])
    await repo.close()
  })
})
