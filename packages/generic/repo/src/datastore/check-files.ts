/** Holds LevelDB's files to their checksums before LevelDB opens them, which would pass over what is damaged. */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { checkLog } from '../core/leveldb-log.ts'
import { checkTable } from '../core/leveldb-table.ts'
import { DataLossError } from '../errors.ts'
import { ifThere } from '../files.ts'

/** What users are told to do about a damaged datastore. */
export const remedy = 'restore it from a copy, or accept the loss: weft repo verify --repair'

/** Throws `DataLossError` for the first file that is damaged. Resolves where there is no datastore yet. */
export async function checkFiles(folder: string): Promise<void> {
  for await (const error of damagedFiles(folder)) throw error
}

/** An error for each damaged file. */
export async function* damagedFiles(folder: string): AsyncGenerator<DataLossError> {
  const names = (await ifThere(readdir(folder))) ?? []
  if (names.length === 0) return
  const current = await ifThere(readFile(path.join(folder, 'CURRENT'), 'latin1'))
  // LevelDB writes CURRENT last of what it makes first: without it and without tables nothing was ever stored.
  const made = names.some(name => name.startsWith('MANIFEST-') || isTable(name) || name.endsWith('.log'))
  if (current === undefined ? made : !/^MANIFEST-\d+\n$/.test(current) || !names.includes(current.trimEnd())) {
    yield new DataLossError(path.join(folder, 'CURRENT'), 'it does not name a manifest', remedy)
  }
  for (const name of names) {
    const what = await damageOf(folder, name)
    if (what !== undefined) yield new DataLossError(path.join(folder, name), what, remedy)
  }
}

async function damageOf(folder: string, name: string): Promise<string | undefined> {
  const isLog = name.endsWith('.log')
  const isManifest = name.startsWith('MANIFEST-')
  if (!isLog && !isManifest && !isTable(name)) return undefined
  const bytes = await readFile(path.join(folder, name))
  if (isTable(name)) {
    const damage = checkTable(bytes)
    return damage === undefined ? undefined : `${damage.what} (at byte ${damage.offset})`
  }
  const state = checkLog(bytes)
  // A log may end in a record that was being written when the power failed; whether it had been acknowledged, the count
  // of commits tells. LevelDB makes a manifest durable before anything depends on it.
  const damaged = state.kind === 'damaged' || (state.kind === 'cut' && isManifest && bytes.length > 0)
  return damaged ? `a record is damaged (at byte ${state.offset})` : undefined
}

function isTable(name: string): boolean {
  return name.endsWith('.ldb') || name.endsWith('.sst')
}
