/** Makes the folders that a command keeps things in. */
import { mkdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { CommandError } from './errors.ts'

/**
 * Makes a folder, and those above it, with mode 0700 where they are not there. Rejects with `CommandError`, which names
 * the option that mends it. Not by the `recursive` of Node's: on Node 20 it never ends where a folder that is there takes
 * no new one, as `/proc` does.
 */
export async function makeFolder(dir: string, option = '--dir'): Promise<void> {
  try {
    await makePath(path.resolve(dir))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new CommandError(`cannot make the folder ${dir} (${code}): choose another with ${option}`, error)
  }
}

async function makePath(dir: string): Promise<void> {
  try {
    await mkdir(dir, { mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const parent = path.dirname(dir)
    // Of each folder above once, so that it ends.
    if (code === 'ENOENT' && parent !== dir && !(await isFolder(parent))) {
      await makePath(parent)
      await mkdir(dir, { mode: 0o700 }).catch(unlessThere(dir))
    } else await unlessThere(dir)(error)
  }
}

/** Lets pass what failed because the folder is there; the root of a drive fails in ways of its own. */
function unlessThere(dir: string): (error: unknown) => Promise<void> {
  return async error => {
    if (!(await isFolder(dir))) throw error
  }
}

async function isFolder(dir: string): Promise<boolean> {
  try {
    return (await stat(dir)).isDirectory()
  } catch {
    return false
  }
}
