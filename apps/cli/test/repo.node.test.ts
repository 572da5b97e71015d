import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { createRepo } from '@weft/repo'
import { Key } from 'interface-datastore'
import { describe, expect, it } from 'vitest'
import { newFolder, startNode, weft } from './runner.ts'

const fixtures = path.join(import.meta.dirname, '../../../packages/generic/repo/test/fixtures')

describe('weft repo', () => {
  it('makes a repository, counts what is in it, and finds nothing wrong with it', async () => {
    const folder = path.join(await newFolder(), 'repo')
    expect((await weft(['repo', 'init', '--repo', folder])).code).toBe(0)
    const { out } = await weft(['repo', 'stat', '--repo', folder, '--json'])
    expect(JSON.parse(out[0]!)).toMatchObject({ version: 1, blocks: 0, records: 0, keys: 0 })
    expect(await weft(['repo', 'verify', '-r', folder])).toMatchObject({ code: 0, out: ['nothing is damaged'] })
    expect((await weft(['repo', 'gc', '-r', folder])).out).toEqual(['filesRemoved  0'])
  })

  it('takes over the blocks of kubo, and says why it does not take a Pebble repository', async () => {
    const from = await newFolder()
    for (const name of ['kubo18-flatfs-leveldb', 'kubo18-pebble']) {
      await promisify(execFile)('tar', ['xzf', path.join(fixtures, `${name}.tgz`), '-C', from])
    }
    const folder = path.join(await newFolder(), 'repo')
    const migrate = async (name: string) =>
      weft(['repo', 'migrate', '-r', folder, '--from', path.join(from, name), '--json'])
    expect(JSON.parse((await migrate('kubo18-flatfs-leveldb')).out[0]!)).toMatchObject({ blocks: 13 })
    const refused = await migrate('kubo18-pebble')
    expect(refused.code).toBe(1)
    expect(refused.error).toContain('ipfs dag export')
    for (const line of refused.err) expect(line.length).toBeLessThanOrEqual(100)
  })

  it('names what is damaged, and accepts the loss where it is told to', async () => {
    const folder = path.join(await newFolder(), 'repo')
    const repo = await createRepo(folder)
    for (let n = 0; n < 3; n++) await repo.datastore.put(new Key(`/${n}`), new Uint8Array(100))
    await repo.close()
    const log = (await readdir(path.join(folder, 'datastore'))).find(name => name.endsWith('.log'))!
    const file = path.join(folder, 'datastore', log)
    const bytes = await readFile(file)
    bytes[50]! ^= 1
    await writeFile(file, bytes)
    const { code, error } = await weft(['repo', 'stat', '-r', folder])
    expect(code).toBe(1)
    expect(error).toContain('weft repo verify --repair')
    expect((await weft(['repo', 'verify', '--repair', '-r', folder])).code).toBe(0)
    expect((await weft(['repo', 'stat', '-r', folder])).code).toBe(0)
  })
})

describe('weft node --repo', () => {
  it('keeps its identity and its peers there, and has it for itself while it runs', async () => {
    const folder = path.join(await newFolder(), 'repo')
    const node = await startNode('--repo', folder)
    const { code, error } = await weft(['repo', 'stat', '-r', folder])
    expect(code).toBe(1)
    expect(error).toContain(`in use by process ${process.pid}`)
    const ping = await weft(['ping', node.lines[0]!, '-c', '1'])
    expect(ping.code).toBe(0)
    expect(await node.stop()).toBe(0)
    const again = await startNode('--repo', folder)
    expect(again.lines[0]!.split('/p2p/')[1]).toBe(node.lines[0]!.split('/p2p/')[1])
    expect(await again.stop()).toBe(0)
    // The peer that pinged is known still.
    expect(JSON.parse((await weft(['repo', 'stat', '-r', folder, '--json'])).out[0]!).records).toBeGreaterThan(0)
  })
})
