/** Makes of a folder what a loss of power would have left, by what the shim noted. */
import { link, readdir, readFile, rename, rm, stat, truncate } from 'node:fs/promises'
import path from 'node:path'

interface Undo {
  /** The folder whose fsync makes the change last. */
  readonly folder: string
  undo(): Promise<void>
}

/**
 * Cuts each file to its length at its last fsync, and takes back renames and deletions whose folder was not synced
 * afterwards, the last one first. Files that were not written in that run keep their length: `before` tells it.
 */
export async function losePower(folder: string, log: string, before: ReadonlyMap<string, number>): Promise<void> {
  const lengths = new Map(before)
  let changes: Undo[] = []
  for (const line of (await readFile(log, 'utf8')).split('\n')) {
    const [kind, ...rest] = line.split(' ')
    if (kind === 'S') lengths.set(rest[1]!, Number(rest[0]))
    if (kind === 'D') changes = changes.filter(change => change.folder !== rest[0])
    if (kind === 'R') {
      const [kept, from, to] = rest as [string, string, string]
      const replaced = lengths.get(to)
      lengths.set(to, lengths.get(from) ?? 0)
      lengths.delete(from)
      const undo = async (): Promise<void> => {
        await rename(to, from)
        lengths.set(from, lengths.get(to) ?? 0)
        if (kept !== '-') await restore(kept, to, lengths, replaced)
      }
      changes.push({ folder: path.dirname(to), undo })
    }
    if (kind === 'U') {
      const [kept, file] = rest as [string, string]
      const length = lengths.get(file)
      lengths.delete(file)
      if (kept !== '-')
        changes.push({ folder: path.dirname(file), undo: async () => restore(kept, file, lengths, length) })
    }
  }
  for (const { undo } of changes.toReversed()) await undo()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = path.join(entry.parentPath, entry.name)
    if (entry.name.startsWith('.kept-')) await rm(file)
    else if ((lengths.get(file) ?? 0) < (await stat(file)).size) await truncate(file, lengths.get(file) ?? 0)
  }
}

async function restore(
  kept: string,
  file: string,
  lengths: Map<string, number>,
  length: number | undefined
): Promise<void> {
  await rm(file, { force: true })
  await link(kept, file)
  if (length !== undefined) lengths.set(file, length)
}

/** The lengths of all files, before a run. */
export async function lengthsIn(folder: string): Promise<Map<string, number>> {
  const lengths = new Map<string, number>()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name)
    if (entry.isFile()) lengths.set(file, (await stat(file)).size)
  }
  return lengths
}
