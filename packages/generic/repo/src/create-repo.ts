import { mkdir, readdir, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as Digest from 'multiformats/hashes/digest'
import { blockFiles, FileBlockstore, readOptions, removeLeftovers } from './blocks/file-blockstore.ts'
import { readBlock } from './blocks/read-block.ts'
import { RepoConfig } from './config.ts'
import { damagedFiles } from './datastore/check-files.ts'
import { LevelDatastore } from './datastore/level-datastore.ts'
import { type DataLossError, isDataLossError } from './errors.ts'
import { FileKeyStore } from './keys/file-key-store.ts'
import { lock } from './lock.ts'
import { checkRepoOptions } from './option-table.ts'
import type { Repo, RepoOptions, RepoStat } from './repo.ts'
import { checkVersion, repoVersion } from './version.ts'

/**
 * Opens the repository in `folder`, or makes one there. Rejects with `LockedError` where it is open already,
 * `DataLossError` where something that was stored is damaged or gone, `UnsupportedRepoError` where the folder holds
 * something else.
 */
export async function createRepo(folder: string, options: RepoOptions = {}): Promise<Repo> {
  checkRepoOptions(options)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const place = await realpath(folder)
  const unlock = await lock(place)
  try {
    await checkVersion(place)
    const blocks = await FileBlockstore.open(path.join(place, 'blocks'), options)
    const datastore = await LevelDatastore.open(path.join(place, 'datastore'), options)
    return new FolderRepo(place, datastore, blocks, options, unlock)
  } catch (error) {
    await unlock()
    throw error
  }
}

class FolderRepo implements Repo {
  readonly folder: string
  readonly datastore: LevelDatastore
  readonly blocks: FileBlockstore
  readonly keys: FileKeyStore
  readonly config: RepoConfig
  private readonly _options: RepoOptions
  private readonly _unlock: () => Promise<void>
  private _closed: Promise<void> | undefined

  constructor(
    folder: string,
    datastore: LevelDatastore,
    blocks: FileBlockstore,
    options: RepoOptions,
    unlock: () => Promise<void>
  ) {
    this.folder = folder
    this.datastore = datastore
    this.blocks = blocks
    this.keys = new FileKeyStore(path.join(folder, 'keys'), options.passphrase, options.keyCost)
    this.config = new RepoConfig(path.join(folder, 'config'))
    this._options = options
    this._unlock = unlock
  }

  async stat(): Promise<RepoStat> {
    let blocks = 0
    let blockBytes = 0
    for await (const { file } of blockFiles(path.join(this.folder, 'blocks'))) {
      blocks++
      blockBytes += (await stat(file)).size
    }
    let records = 0
    for await (const _ of this.datastore.queryKeys({})) records++
    const keys = (await this.keys.list()).length
    const datastoreBytes = await bytesIn(path.join(this.folder, 'datastore'))
    return { folder: this.folder, version: repoVersion, blocks, blockBytes, records, datastoreBytes, keys }
  }

  async *verify(): AsyncGenerator<DataLossError> {
    yield* damagedFiles(path.join(this.folder, 'datastore'))
    for await (const key of this.datastore.queryKeys({})) yield* lossOf(this.datastore.get(key))
    const options = readOptions(this._options)
    for await (const { file, multihash } of blockFiles(path.join(this.folder, 'blocks'))) {
      yield* lossOf(readBlock(file, CID.createV1(raw.code, Digest.decode(multihash)), options))
    }
  }

  async collectGarbage(): Promise<{ readonly filesRemoved: number }> {
    await this.datastore.compact()
    return { filesRemoved: await removeLeftovers(path.join(this.folder, 'blocks')) }
  }

  async close(): Promise<void> {
    this._closed ??= this.datastore.close().finally(this._unlock)
    await this._closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** The `DataLossError` of what was read, if it rejects with one. */
async function* lossOf(read: Promise<unknown>): AsyncGenerator<DataLossError> {
  try {
    await read
  } catch (error) {
    if (!isDataLossError(error)) throw error
    yield error as DataLossError
  }
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0
  for (const name of await readdir(folder)) bytes += (await stat(path.join(folder, name))).size
  return bytes
}
