import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, readFile, stat, utimes } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { holderOf } from '../src/foreign/held-locks.ts'
import { createRepo, type ForeignRepo, openForeignRepo } from '../src/index.ts'
import { temporaryFolder } from './temporary.ts'

/** Repositories that kubo 0.43, js-ipfs-repo 2.1 to 9.1 and Helia 7.1 made. */
const fixtures = path.join(import.meta.dirname, 'fixtures')

async function unpacked(name: string): Promise<string> {
  const folder = await temporaryFolder()
  await promisify(execFile)('tar', ['xzf', path.join(fixtures, `${name}.tgz`), '-C', folder])
  return path.join(folder, name)
}

async function hashes(folder: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = path.join(entry.parentPath, entry.name)
    found.push(
      `${file} ${createHash('sha256')
        .update(await readFile(file))
        .digest('hex')}`
    )
  }
  return found.toSorted()
}

async function count(source: Iterable<unknown> | AsyncIterable<unknown>): Promise<number> {
  let items = 0
  for await (const _ of source) items++
  return items
}

async function text(repo: ForeignRepo, cid: string): Promise<string> {
  let found = ''
  for await (const chunk of repo.blocks.get(CID.parse(cid))) found += new TextDecoder().decode(chunk)
  return found
}

describe('a repository of another program', () => {
  it.each([
    { name: 'kubo18-flatfs-leveldb', kind: 'kubo', version: 18, blocks: 13 },
    { name: 'js-2.1.1', kind: 'js-ipfs', version: 7, blocks: 1 },
    { name: 'js-6.0.3', kind: 'js-ipfs', version: 9, blocks: 1 },
    { name: 'js-8.0.0', kind: 'js-ipfs', version: 10, blocks: 1 },
    { name: 'js-9.1.6', kind: 'js-ipfs', version: 10, blocks: 1 },
    { name: 'helia-7.1', kind: 'helia', version: 0, blocks: 1 }
  ])('is read whole, and is the same afterwards: $name', async ({ name, kind, version, blocks }) => {
    const folder = await unpacked(name)
    const before = await hashes(folder)
    const repo = await openForeignRepo(folder)
    expect(repo).toMatchObject({ kind, version })
    let read = 0
    for await (const { cid, bytes } of repo.blocks.getAll()) {
      // Each block is read and hashed under the CID that its name gives.
      expect(await count(bytes)).toBe(1)
      expect(await repo.blocks.has(cid)).toBe(true)
      read++
    }
    expect(read).toBe(blocks)
    for await (const { key, value } of repo.datastore.query({})) expect(await repo.datastore.get(key)).toEqual(value)
    if (kind !== 'helia') expect(Object.keys(await repo.config()).length).toBeGreaterThan(0)
    await repo.close()
    expect(await hashes(folder)).toEqual(before)
  })

  it('gives blocks by their CIDs, and the records of its datastore', async () => {
    const repo = await openForeignRepo(await unpacked('kubo18-flatfs-leveldb'))
    const names = await readdir(path.join(repo.folder, 'blocks'))
    expect(names).toContain('SHARDING')
    const cids: string[] = []
    for await (const { cid } of repo.blocks.getAll()) cids.push(cid.toString())
    const texts = await Promise.all(cids.map(async cid => text(repo, cid)))
    expect(texts).toContain('hello from kubo\n')
    const keys: string[] = []
    for await (const key of repo.datastore.queryKeys({})) keys.push(key.toString())
    expect(keys).toContain('/local/filesroot')
    await repo.close()
  })

  it('is refused with the remedy where its datastore is Pebble', async () => {
    const folder = await unpacked('kubo18-pebble')
    const before = await hashes(folder)
    await expect(openForeignRepo(folder)).rejects.toMatchObject({
      name: 'UnsupportedRepoError',
      remedy: expect.stringContaining('ipfs dag export')
    })
    expect(await hashes(folder)).toEqual(before)
  })

  it('is no repository of ours, and ours is none of theirs', async () => {
    const folder = await unpacked('js-9.1.6')
    const before = await hashes(folder)
    await expect(createRepo(folder)).rejects.toMatchObject({ name: 'UnsupportedRepoError' })
    expect(await hashes(folder)).toEqual(before)
    await expect(createRepo(await unpacked('helia-7.1'))).rejects.toMatchObject({ name: 'UnsupportedRepoError' })
    const own = await temporaryFolder()
    await (await createRepo(own)).close()
    await expect(openForeignRepo(own)).rejects.toMatchObject({ name: 'UnsupportedRepoError' })
    await expect(openForeignRepo(await temporaryFolder())).rejects.toMatchObject({ name: 'UnsupportedRepoError' })
  })
})

describe('the lock of another program', () => {
  it('is told while another process has the datastore open', async () => {
    const folder = await unpacked('helia-7.1')
    const level = import.meta.resolve('classic-level')
    const program = `
      const { ClassicLevel } = await import(${JSON.stringify(level)})
      await new ClassicLevel(process.argv[1]).open()
      console.log('open')
      setInterval(() => {}, 1000)`
    const args = ['--input-type=module', '-e', program, path.join(folder, 'datastore')]
    const holder = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      await once(holder.stdout, 'data')
      await expect(openForeignRepo(folder)).rejects.toMatchObject({ name: 'LockedError', pid: holder.pid })
    } finally {
      holder.kill('SIGKILL')
      await once(holder, 'exit')
    }
    await (await openForeignRepo(folder)).close()
  })

  it('of js-ipfs is a folder that is touched; one that was left behind is none', async () => {
    const folder = await unpacked('js-8.0.0')
    const held = path.join(folder, 'repo.lock')
    await mkdir(held)
    await expect(openForeignRepo(folder)).rejects.toMatchObject({ name: 'LockedError' })
    const minuteAgo = (await stat(held)).mtimeMs / 1000 - 60
    await utimes(held, minuteAgo, minuteAgo)
    await (await openForeignRepo(folder)).close()
  })

  it('is read from /proc/locks, those that wait left aside', () => {
    const locks = [
      '1: POSIX  ADVISORY  WRITE 4711 08:01:131 0 EOF',
      '1: -> POSIX  ADVISORY  WRITE 4712 08:01:131 0 EOF',
      '2: FLOCK  ADVISORY  WRITE 99 00:2a:132 0 EOF',
      ''
    ].join('\n')
    expect(holderOf(locks, 0x801, 131)).toBe(4711)
    expect(holderOf(locks, 0x801, 132)).toBe(99)
    expect(holderOf(locks, 0x801, 13)).toBeUndefined()
  })
})

describe('a block store of ours', () => {
  it('is byte for byte that of kubo', async () => {
    const from = await openForeignRepo(await unpacked('kubo18-flatfs-leveldb'))
    const folder = await temporaryFolder()
    const repo = await createRepo(folder)
    for await (const { cid, bytes } of from.blocks.getAll()) await repo.blocks.put(cid, bytes)
    await repo.close()
    const relative = async (place: string): Promise<string[]> =>
      (await hashes(path.join(place, 'blocks')))
        .map(line => line.replace(place, ''))
        .filter(line => !/_README|diskUsage/.test(line))
    expect(await relative(folder)).toEqual(await relative(from.folder))
    await from.close()
  })
})
