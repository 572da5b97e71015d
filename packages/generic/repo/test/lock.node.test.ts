import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { generateKeyPair } from '@weft/peer-id'
import { describe, expect, it } from 'vitest'
import { createRepo } from '../src/index.ts'
import { buildWriter } from './crash/run-writer.ts'
import { temporaryFolder } from './temporary.ts'

describe('the lock of a repository', () => {
  it('refuses a second opening with the pid of the first, in this process and in another', async () => {
    const folder = await temporaryFolder()
    const repo = await createRepo(folder)
    await expect(createRepo(folder)).rejects.toMatchObject({ name: 'LockedError', pid: process.pid })
    await repo.close()
    await repo.close()

    const writer = spawn(process.execPath, [await buildWriter(), folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(writer, 'exit')
    await once(writer.stdout, 'data')
    await expect(createRepo(folder)).rejects.toMatchObject({ name: 'LockedError', pid: writer.pid })
    writer.kill('SIGKILL')
    await ended
    // What a dead process left is taken over.
    await (await createRepo(folder)).close()
    expect(await readdir(folder)).not.toContain('repo.lock')
  }, 60_000)

  it('goes to one of many that open at the same time', async () => {
    const folder = await temporaryFolder()
    await writeFile(path.join(folder, 'repo.lock'), '999999999 1\n')
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, async () => createRepo(folder)))
    const open = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []))
    expect(open.length).toBe(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ name: 'LockedError' })
    }
    await open[0]!.close()
  })

  it.runIf(process.platform === 'linux')('is taken over from a process whose pid another one has now', async () => {
    const folder = await temporaryFolder()
    await writeFile(path.join(folder, 'repo.lock'), `${process.pid} 1\n`)
    await (await createRepo(folder)).close()
  })
})

describe('a folder', () => {
  it('that holds something else, or a later version, is refused and left as it is', async () => {
    const folder = await temporaryFolder()
    await mkdir(path.join(folder, 'photos'))
    await expect(createRepo(folder)).rejects.toMatchObject({ name: 'UnsupportedRepoError' })
    expect(await readdir(folder)).toEqual(['photos'])
    const later = await temporaryFolder()
    await writeFile(path.join(later, 'version'), 'weft 2\n')
    await expect(createRepo(later)).rejects.toMatchObject({ name: 'UnsupportedRepoError', remedy: 'use a later weft' })
  })

  it('gets a marker that kubo and js-ipfs do not take for theirs', async () => {
    const folder = await temporaryFolder()
    await (await createRepo(folder)).close()
    expect(await readFile(path.join(folder, 'version'), 'utf8')).toBe('weft 1\n')
  })
})

describe('options', () => {
  it('of a wrong kind are refused by name', async () => {
    const folder = await temporaryFolder()
    for (const [option, options] of Object.entries({
      sync: { sync: 'yes' },
      passphrase: { passphrase: 5 },
      'keyCost.logN': { keyCost: { logN: 40, r: 8, p: 1 } },
      passphrse: { passphrse: 'a' }
    })) {
      await expect(createRepo(folder, options as object)).rejects.toMatchObject({
        name: 'InvalidParametersError',
        message: expect.stringContaining(option)
      })
    }
  })
})

describe('the keys of a repository', () => {
  const cheap = { logN: 10, r: 8, p: 1 }

  it('are readable by their owner alone, and open with their passphrase only', async () => {
    const folder = await temporaryFolder()
    const key = await generateKeyPair('Ed25519')
    const repo = await createRepo(folder, { passphrase: 'right', keyCost: cheap })
    await repo.keys.put('self', key)
    await repo.close()
    const [file] = await readdir(path.join(folder, 'keys'))
    expect((await stat(path.join(folder, 'keys', file!))).mode & 0o777).toBe(0o600)
    expect((await stat(path.join(folder, 'keys'))).mode & 0o777).toBe(0o700)
    expect((await readFile(path.join(folder, 'keys', file!))).includes(Buffer.from(key.raw))).toBe(false)

    const wrong = await createRepo(folder, { passphrase: 'wrong', keyCost: cheap })
    await expect(wrong.keys.get('self')).rejects.toMatchObject({ name: 'WrongPassphraseError' })
    await wrong.close()
    const without = await createRepo(folder)
    expect(await without.keys.list()).toEqual(['self'])
    await expect(without.keys.get('self')).rejects.toMatchObject({ name: 'PassphraseMissingError' })
    await without.close()
  })

  it('do not open under another name, nor with any byte changed', async () => {
    const folder = await temporaryFolder()
    const repo = await createRepo(folder, { passphrase: 'right', keyCost: cheap })
    await repo.keys.put('self', await generateKeyPair('Ed25519'))
    const [file] = await readdir(path.join(folder, 'keys'))
    const bytes = await readFile(path.join(folder, 'keys', file!))
    // Beyond the cost in the header: another cost would only take long.
    for (let at = 4; at < bytes.length; at++) {
      const changed = new Uint8Array(bytes)
      changed[at]! ^= 1
      await writeFile(path.join(folder, 'keys', file!), changed)
      await expect(repo.keys.get('self')).rejects.toMatchObject({ name: 'WrongPassphraseError' })
    }
    await writeFile(path.join(folder, 'keys', 'key_orxxi2dfoi'), bytes)
    expect((await repo.keys.list()).toSorted()).toContain('tother')
    await expect(repo.keys.get('tother')).rejects.toMatchObject({ name: 'WrongPassphraseError' })
    await repo.close()
  })
})

describe('the configuration', () => {
  it('is an object that updates change one after another', async () => {
    const folder = await temporaryFolder()
    const repo = await createRepo(folder)
    expect(await repo.config.get()).toEqual({})
    const add = async (): Promise<void> => repo.config.update(({ n }) => ({ n: Number(n ?? 0) + 1 }))
    await Promise.all([add(), add(), add()])
    expect(await repo.config.get()).toEqual({ n: 3 })
    await writeFile(path.join(folder, 'config'), '{ "n": ')
    await expect(repo.config.get()).rejects.toMatchObject({ name: 'InvalidConfigError' })
    await writeFile(path.join(folder, 'config'), '[]')
    await expect(add()).rejects.toMatchObject({ name: 'InvalidConfigError' })
    await repo.close()
  })
})

describe('a repository', () => {
  it('counts what it holds', async () => {
    const repo = await createRepo(await temporaryFolder())
    expect(await repo.stat()).toMatchObject({ version: 1, blocks: 0, blockBytes: 0, records: 0, keys: 0 })
    await repo.close()
  })
})
