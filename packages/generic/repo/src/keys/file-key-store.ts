/** A key store that is a folder of files, each sealed with the repository's passphrase. */
import { link, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { AbortOptions, PrivateKey } from '@libp2p/interface'
import { fromUtf8, toUtf8 } from '@weft/bytes'
import { throwIfAborted, WeftError } from '@weft/errors'
import { checkKeyName, KeyExistsError, type KeyStore } from '@weft/interface-storage'
import { privateKeyFromProtobuf, privateKeyToProtobuf } from '@weft/peer-id'
import { base32 } from 'multiformats/bases/base32'
import { defaultCost, type ScryptCost } from '../core/key-file.ts'
import { codeOf, ifThere, syncFolder, temporaryName } from '../files.ts'
import { SealedKeys } from './sealed-keys.ts'

const prefix = 'key_'

/** Files are named `key_` and the base 32 of the key's name, as kubo names them, and are readable by their owner alone. */
export class FileKeyStore implements KeyStore {
  private readonly _folder: string
  private readonly _sealed: SealedKeys | undefined

  /** Without a passphrase, keys are listed and deleted; `get` and `put` reject with `PassphraseMissingError`. */
  constructor(folder: string, passphrase: string | undefined, cost: ScryptCost = defaultCost) {
    this._folder = folder
    this._sealed = passphrase === undefined ? undefined : new SealedKeys(passphrase, cost)
  }

  async list(options?: AbortOptions): Promise<string[]> {
    throwIfAborted(options?.signal)
    const files = (await ifThere(readdir(this._folder))) ?? []
    return files.flatMap(file => nameOf(file) ?? [])
  }

  async has(name: string, options?: AbortOptions): Promise<boolean> {
    throwIfAborted(options?.signal)
    return (await ifThere(stat(this._fileOf(name)))) !== undefined
  }

  /** Rejects with `NotFoundError` and `WrongPassphraseError`. */
  async get(name: string, options?: AbortOptions): Promise<PrivateKey> {
    throwIfAborted(options?.signal)
    const bytes = await ifThere(readFile(this._fileOf(name)))
    if (bytes === undefined) throw new WeftError('NotFoundError', 'ERR_NOT_FOUND', `there is no key named "${name}"`)
    return privateKeyFromProtobuf(await this._keys().open(name, bytes))
  }

  async put(name: string, key: PrivateKey, options?: AbortOptions): Promise<void> {
    throwIfAborted(options?.signal)
    const file = this._fileOf(name)
    const sealed = await this._keys().seal(name, privateKeyToProtobuf(key))
    throwIfAborted(options?.signal)
    await mkdir(this._folder, { recursive: true, mode: 0o700 })
    const temporary = temporaryName(file)
    try {
      await writeFile(temporary, sealed, { mode: 0o600, flag: 'wx', flush: true })
      // A link never replaces a file: of two puts at the same time one has the name.
      await link(temporary, file)
      await syncFolder(this._folder)
    } catch (error) {
      throw codeOf(error) === 'EEXIST' ? new KeyExistsError(name) : error
    } finally {
      await rm(temporary, { force: true })
    }
  }

  async delete(name: string, options?: AbortOptions): Promise<void> {
    throwIfAborted(options?.signal)
    await rm(this._fileOf(name), { force: true })
  }

  private _fileOf(name: string): string {
    checkKeyName(name)
    return path.join(this._folder, prefix + base32.encode(fromUtf8(name)).slice(1))
  }

  private _keys(): SealedKeys {
    if (this._sealed !== undefined) return this._sealed
    throw new WeftError(
      'PassphraseMissingError',
      'ERR_PASSPHRASE_MISSING',
      'keys are sealed with a passphrase: give createRepo one'
    )
  }
}

function nameOf(file: string): string | undefined {
  if (!file.startsWith(prefix)) return undefined
  try {
    const name = toUtf8(base32.decode(base32.prefix + file.slice(prefix.length)))
    checkKeyName(name)
    return name
  } catch {
    return undefined
  }
}
