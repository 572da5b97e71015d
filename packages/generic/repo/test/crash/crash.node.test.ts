import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { Key } from 'interface-datastore'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { beforeAll, describe, expect, it } from 'vitest'
import { createRepo } from '../../src/index.ts'
import { temporaryFolder } from '../temporary.ts'
import { lengthsIn, losePower } from './power-loss.ts'
import { type Acknowledged, buildShim, buildWriter, runWriter } from './run-writer.ts'

/** `WEFT_KILLS=1000` by hand. */
const kills = Number(process.env['WEFT_KILLS'] ?? 20)
// Numbers of a run begin where no earlier run came to.
const stride = 100_000

let writer = ''

beforeAll(async () => {
  writer = await buildWriter()
}, 60_000)

/** The acknowledged puts that are not there. */
async function missing(folder: string, { records, blocks }: Acknowledged): Promise<string[]> {
  const lost: string[] = []
  const repo = await createRepo(folder)
  for (const n of records) {
    const keys = [`/r/${n}`, ...(n % 5 === 0 ? [`/twin/${n}`] : [])]
    for (const key of keys) {
      const found = await (async () => repo.datastore.get(new Key(key)))().catch((error: unknown) => error)
      if (!(found instanceof Uint8Array) || found.some(byte => byte !== (n & 0xff)))
        lost.push(`${key}: ${String(found)}`)
    }
  }
  for (const n of blocks) {
    const bytes = new TextEncoder().encode(`block ${n}`)
    const cid = CID.createV1(raw.code, await sha256.digest(bytes))
    try {
      for await (const chunk of repo.blocks.get(cid)) expect([...chunk]).toEqual([...bytes])
    } catch (error) {
      lost.push(`block ${n}: ${String(error)}`)
    }
  }
  await repo.close()
  return lost
}

describe('a process that is killed', () => {
  it(
    `has every acknowledged put in its repository, ${kills} times, without a repair`,
    async () => {
      const folder = await temporaryFolder()
      const records = new Set<number>()
      const blocks = new Set<number>()
      for (let run = 0; run < kills; run++) {
        // Different moments: from the opening itself to some hundred puts later.
        const count = 1 + ((run * 37) % 400)
        const acknowledged = await runWriter([writer, folder, String(run * stride)], count)
        expect(acknowledged.stderr).toBe('')
        for (const n of acknowledged.records) records.add(n)
        for (const n of acknowledged.blocks) blocks.add(n)
        expect(await missing(folder, acknowledged)).toEqual([])
      }
      expect(records.size).toBeGreaterThan(kills)
      expect(await missing(folder, { records, blocks })).toEqual([])
    },
    60_000 + kills * 10_000
  )
})

// The shim is for Linux's dynamic linker, and is compiled here: without a compiler the tests fail, and say so.
describe.runIf(process.platform === 'linux')('a loss of power', () => {
  let shim = ''

  beforeAll(async () => {
    shim = await buildShim()
  }, 60_000)

  async function run(
    sync: boolean,
    count: number,
    fail?: string
  ): Promise<{ folder: string; lost: () => Promise<string[]> }> {
    const folder = await temporaryFolder()
    await (await createRepo(folder)).close()
    const before = await lengthsIn(folder)
    const log = path.join(await temporaryFolder(), 'log')
    const env = {
      LD_PRELOAD: shim,
      SHIM_LOG: log,
      SHIM_ROOT: folder,
      ...(fail === undefined ? {} : { SHIM_FAIL: fail })
    }
    const acknowledged = await runWriter([writer, folder, '0', String(sync)], count, env)
    expect(acknowledged.records.size).toBeGreaterThan(0)
    if (fail === undefined) await losePower(folder, log, before)
    else expect(await readFile(log, 'utf8')).toContain('\nF\n')
    return { folder, lost: async () => missing(folder, acknowledged) }
  }

  it.each([30, 100, 600])(
    'takes nothing that was acknowledged, after %i acknowledgements',
    async count => {
      const { lost } = await run(true, count)
      expect(await lost()).toEqual([])
    },
    60_000
  )

  it('takes something where writes do not wait for the disk: the shim sees what it has to', async () => {
    const { lost } = await run(false, 100)
    expect((await lost()).length).toBeGreaterThan(0)
  }, 60_000)

  it.each(['fsync:20', 'write:19', 'write:20', 'write:21'])(
    'errors of the disk lose nothing that was acknowledged: %s',
    async fail => {
      const { lost } = await run(true, 60, fail)
      expect(await lost()).toEqual([])
    },
    60_000
  )
})
