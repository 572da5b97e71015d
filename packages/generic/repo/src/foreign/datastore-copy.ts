/**
 * A copy of a LevelDB that is read and thrown away: LevelDB cannot open one without writing. Tables are never changed
 * once they are written, so they are linked where the file system lets; the rest is copied.
 */
import { copyFile, link, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { codeOf } from '../files.ts'

/** Copies the files of a LevelDB into a temporary folder. `remove` deletes it. */
export async function copyDatastore(folder: string): Promise<{ copy: string; remove: () => Promise<void> }> {
  const copy = await mkdtemp(path.join(tmpdir(), 'weft-repo-'))
  const remove = async (): Promise<void> => rm(copy, { recursive: true, force: true })
  try {
    for (const name of await readdir(folder)) {
      if (!/^(CURRENT|MANIFEST-\d+|\d+\.(log|ldb|sst))$/.test(name)) continue
      const [from, to] = [path.join(folder, name), path.join(copy, name)]
      if (!/\.(ldb|sst)$/.test(name) || !(await linked(from, to))) await copyFile(from, to)
    }
    return { copy, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    // Another file system, no links on this one, or a file of another user.
    if (['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK', 'EACCES'].includes(codeOf(error) ?? '')) return false
    throw error
  }
}
