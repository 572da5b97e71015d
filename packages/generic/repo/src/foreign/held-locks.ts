/** Who holds a lock file of kubo or LevelDB: such a file stays when its holder is gone, and only the lock on it counts. */
import { readFile, stat } from 'node:fs/promises'
import { ifThere } from '../files.ts'

// js-ipfs touches the folder that is its lock every few seconds; after so many without a touch its owner is gone.
const staleAfter = 20_000

/** A lock that somebody holds; its holder's pid where the system tells. */
export interface HeldLock {
  readonly file: string
  readonly pid: number | undefined
}

/**
 * Whether a lock is held. A folder is a lock of js-ipfs. A file is held by whoever has a lock on it, which Linux lists in
 * /proc/locks; elsewhere a file counts as held where `presence` says so.
 */
export async function heldLock(file: string, presence: boolean): Promise<HeldLock | undefined> {
  const found = await ifThere(stat(file))
  if (found === undefined) return undefined
  if (found.isDirectory()) {
    return Date.now() - found.mtimeMs < staleAfter ? { file, pid: undefined } : undefined
  }
  const locks = await ifThere(readFile('/proc/locks', 'utf8'))
  if (locks === undefined) return presence ? { file, pid: undefined } : undefined
  const pid = holderOf(locks, found.dev, found.ino)
  return pid === undefined ? undefined : { file, pid: pid > 0 ? pid : undefined }
}

/** The pid of the lock on an inode in the text of /proc/locks: `1: POSIX ADVISORY WRITE 42 08:01:131 0 EOF`. */
export function holderOf(locks: string, dev: number, inode: number): number | undefined {
  // As glibc takes a device number apart. File systems of several devices show others in /proc/locks: the inode decides
  // where no line has both.
  const major = (dev >>> 8) & 0xfff
  const minor = (dev & 0xff) | ((dev >>> 12) & 0xfff00)
  const device = [major, minor].map(number => number.toString(16).padStart(2, '0')).join(':')
  let ofInode: number | undefined
  for (const line of locks.split('\n')) {
    const [, , , , pid, place = ''] = line.replace('-> ', '').trim().split(/\s+/)
    if (place === `${device}:${inode}`) return Number(pid)
    if (place.endsWith(`:${inode}`)) ofInode = Number(pid)
  }
  return ofInode
}
