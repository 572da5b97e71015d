/** The marker of what a folder holds. */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { UnsupportedRepoError } from './errors.ts'
import { ifThere, writeFileAtomic } from './files.ts'
import { lockFile } from './lock.ts'

/** The version of the layout that this code reads and writes. */
export const repoVersion = 1

// kubo and js-ipfs read a number here, and refuse what is none.
const marker = `weft ${repoVersion}\n`
const versionFile = 'version'

/**
 * Makes a new repository of an empty folder, or checks that the folder holds one that is read. Rejects with
 * `UnsupportedRepoError` for repositories of others, of later versions, and for folders that hold something else.
 */
export async function checkVersion(folder: string): Promise<void> {
  const text = await ifThere(readFile(path.join(folder, versionFile), 'utf8'))
  if (text === marker) return
  if (text !== undefined) throw unsupported(folder, text.trim())
  const found = (await readdir(folder)).filter(name => name !== lockFile && !name.startsWith('.'))
  if (found.length > 0) {
    throw new UnsupportedRepoError(
      folder,
      `it holds ${found.slice(0, 3).join(', ')} and no version of a repository`,
      'choose another folder; what Helia stored is taken over by openForeignRepo'
    )
  }
  await writeFileAtomic(path.join(folder, versionFile), marker)
}

function unsupported(folder: string, version: string): UnsupportedRepoError {
  const ours = /^weft (\d{1,6})$/.exec(version)
  if (ours !== null) {
    return new UnsupportedRepoError(folder, `its version is ${ours[1]}, and ${repoVersion} is read`, 'use a later weft')
  }
  const shown = /^\d{1,6}$/.test(version) ? `version ${version} of kubo or js-ipfs` : 'no repository of weft'
  return new UnsupportedRepoError(folder, `it is ${shown}`, 'choose another folder, and import it with openForeignRepo')
}
