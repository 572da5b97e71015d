/** Where a control socket may stand: in a folder that its owner alone enters, and never behind a symbolic link. */
import type { Stats } from 'node:fs'
import { lstat, unlink } from 'node:fs/promises'
import { connect } from 'node:net'
import path from 'node:path'
import { CommandError } from '../errors.ts'
import { makeFolder } from '../folder.ts'

/** The socket of the node in a folder. */
export function defaultSocket(dir: string): string {
  return path.join(dir, 'control.sock')
}

// Bytes that the address of a Unix socket takes on every system: 104 on some, of which one ends it.
const maxPathLength = 103
// Milliseconds: a node on this machine that lives accepts at once, however busy it is.
const probeTimeout = 1_000

/**
 * Makes sure that a socket can be bound at `file`: its folder is made with mode 0700 if it is not there, and a socket
 * that a dead process left behind is removed. Rejects with `CommandError`, which says what to do.
 */
export async function prepareSocketPath(file: string): Promise<void> {
  checkSystem(file)
  const dir = path.dirname(file)
  await makeFolder(dir, '--control')
  await checkFolder(dir)
  const found = await statOrNothing(file)
  if (found === undefined) return
  checkSocket(file, found)
  if (await answers(file)) {
    throw new CommandError(`a node that runs has ${file}: stop it, or choose another path with --control`)
  }
  await unlink(file)
}

/** Makes sure that `file` is a socket that this user may trust. Rejects with `CommandError`. */
export async function checkSocketPath(file: string): Promise<void> {
  checkSystem(file)
  const found = await statOrNothing(file)
  if (found === undefined) {
    throw new CommandError(`no node has ${file}: start one with \`weft node --control\`, or choose with --control`)
  }
  checkSocket(file, found)
}

function checkSystem(file: string): void {
  if (process.platform === 'win32') throw new CommandError('control sockets need a system with Unix domain sockets')
  if (Buffer.byteLength(file) <= maxPathLength) return
  throw new CommandError(`${file} has more than ${maxPathLength} bytes: choose a shorter path with --control`)
}

async function checkFolder(dir: string): Promise<void> {
  // Not `stat`: whoever can replace a link leads the node elsewhere.
  const found = await lstat(dir)
  if (!found.isDirectory()) throw new CommandError(`${dir} is no folder: choose another with --control`)
  if (found.uid !== process.getuid?.()) throw foreign(dir)
  if ((found.mode & 0o077) === 0) return
  if ((found.mode & 0o1000) !== 0)
    throw new CommandError(`${dir} is for all users: choose a path of your own with --control`)
  const mode = (found.mode & 0o777).toString(8).padStart(3, '0')
  throw new CommandError(
    `other users may enter ${dir} (its mode is ${mode}): run \`chmod 700 ${dir}\`, or choose another with --control`
  )
}

function checkSocket(file: string, found: Stats): void {
  if (!found.isSocket()) throw new CommandError(`${file} is no socket: choose another path with --control`)
  const own = process.getuid?.()
  // The superuser may look at anyone's node.
  if (found.uid !== own && own !== 0) throw foreign(file)
}

function foreign(name: string): CommandError {
  return new CommandError(`${name} is another user's: choose another path with --control`)
}

async function statOrNothing(file: string): Promise<Stats | undefined> {
  try {
    return await lstat(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Whether a process listens there. What cannot be told counts as one that does. */
function answers(file: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(file)
    const end = (alive: boolean): void => {
      socket.destroy()
      resolve(alive)
    }
    socket.setTimeout(probeTimeout, () => end(true))
    socket.once('connect', () => end(true))
    socket.once('error', (error: NodeJS.ErrnoException) => {
      end(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT')
    })
  })
}
