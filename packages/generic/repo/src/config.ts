/** The file `config`: one JSON object, for what a program sets once and a user may edit. */
import { readFile, stat } from 'node:fs/promises'
import type { AbortOptions } from '@libp2p/interface'
import { throwIfAborted, WeftError } from '@weft/errors'
import { ifThere, writeFileAtomic } from './files.ts'

/** A JSON object. */
export type ConfigObject = { [name: string]: unknown }

// A file that a user writes by hand is small; one that grew beyond this was not written by hand.
const maxConfigBytes = 1024 * 1024

/** The configuration of a repository. */
export class RepoConfig {
  private readonly _file: string
  private _last: Promise<unknown> = Promise.resolve()

  constructor(file: string) {
    this._file = file
  }

  /** What is stored; an empty object where nothing is. Rejects with `InvalidConfigError` where it is no JSON object. */
  async get(options?: AbortOptions): Promise<ConfigObject> {
    throwIfAborted(options?.signal)
    const size = (await ifThere(stat(this._file)))?.size
    if (size === undefined) return {}
    if (size > maxConfigBytes) throw this._invalid(`it has more than ${maxConfigBytes} bytes`)
    const text = await readFile(this._file, 'utf8')
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (cause) {
      throw this._invalid((cause as Error).message, cause)
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as ConfigObject
    throw this._invalid('it is not a JSON object')
  }

  /** Replaces what is stored by what `change` makes of it. Calls follow one another, so that none undoes another's. */
  async update(change: (config: ConfigObject) => ConfigObject, options?: AbortOptions): Promise<void> {
    const before = this._last
    const done = (async () => {
      await before
      const changed = change(await this.get(options))
      await writeFileAtomic(this._file, `${JSON.stringify(changed, null, 2)}\n`, { mode: 0o600 })
    })()
    // The next update waits for this one, whatever becomes of it.
    this._last = done.catch(() => {})
    await done
  }

  private _invalid(what: string, cause?: unknown): WeftError {
    return new WeftError('InvalidConfigError', 'ERR_INVALID_CONFIG', `${this._file}: ${what}`, { cause })
  }
}
