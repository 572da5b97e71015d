/**
 * One process at a time: `repo.lock` holds the pid of the one that has the repository open, and the time at which that
 * process began, since pids are used again. What a dead process left is taken over. LevelDB holds a lock of its own on
 * `datastore/`, which decides where two take over at the same moment.
 */
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { LockedError } from './errors.ts'
import { codeOf, ifThere, temporaryName } from './files.ts'

/** Name of the lock file, in the repository's folder. */
export const lockFile = 'repo.lock'

// More rounds than processes can take the lock over in the time of one call, and a bound on the loop.
const maxRounds = 10

/** Locks a folder. Gives the function that unlocks it. Rejects with `LockedError`. */
export async function lock(folder: string): Promise<() => Promise<void>> {
  const file = path.join(folder, lockFile)
  const own = await describeProcess(process.pid)
  const temporary = temporaryName(file)
  await writeFile(temporary, own)
  try {
    for (let round = 0; round < maxRounds; round++) {
      if (await linked(temporary, file)) return async () => unlock(file, own)
      const text = await ifThere(readFile(file, 'utf8'))
      if (text === undefined) continue
      const pid = await livingHolder(text)
      if (pid !== undefined) throw new LockedError(folder, pid)
      await takeAway(file, text, folder)
    }
    throw new LockedError(folder, undefined)
  } finally {
    await rm(temporary, { force: true })
  }
}

/** A link is made whole or not at all, so nobody ever reads a lock without its pid. */
async function linked(temporary: string, file: string): Promise<boolean> {
  try {
    await link(temporary, file)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

async function unlock(file: string, own: string): Promise<void> {
  if ((await ifThere(readFile(file, 'utf8'))) === own) await rm(file, { force: true })
}

/** Removes the lock of a dead process. Where somebody took it over in the meantime, theirs is put back. */
async function takeAway(file: string, stale: string, folder: string): Promise<void> {
  const aside = temporaryName(file)
  if ((await ifThere(rename(file, aside).then(() => true))) === undefined) return
  const taken = await readFile(aside, 'utf8')
  if (taken !== stale) await linked(aside, file)
  await rm(aside, { force: true })
  if (taken !== stale) throw new LockedError(folder, Number(taken.split(' ')[0]))
}

/** The pid in a lock if that process lives; `undefined` where it is gone, or another process has its pid now. */
async function livingHolder(text: string): Promise<number | undefined> {
  const pid = Number(text.split(' ')[0])
  if (!Number.isSafeInteger(pid) || pid <= 0 || !isAlive(pid)) return undefined
  return (await describeProcess(pid)) === text ? pid : undefined
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // A process of another user may not be signalled, but it is there.
    return codeOf(error) === 'EPERM'
  }
}

/** The pid, and on Linux the tick at which that process began. */
async function describeProcess(pid: number): Promise<string> {
  const stat = process.platform === 'linux' ? await ifThere(readFile(`/proc/${pid}/stat`, 'utf8')) : undefined
  // The name of the program, in brackets, may hold spaces: fields are counted from its end.
  const began = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-'
  return `${pid} ${began}\n`
}
