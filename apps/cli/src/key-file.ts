/** The identity of a node on disk: `identity.key`, the base64 of the libp2p protobuf of its private key. */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { link, open, stat, unlink } from 'node:fs/promises'
import path from 'node:path'
import type { PrivateKey } from '@libp2p/interface'
import { privateKeyFromProtobuf, privateKeyToProtobuf } from '@weft/peer-id'
import { CommandError } from './errors.ts'
import { makeFolder } from './folder.ts'

const fileName = 'identity.key'
/** Bytes; the text of an RSA key of 8192 bits has about 6,300. */
const maxLength = 16_384

export function keyFile(dir: string): string {
  return path.join(dir, fileName)
}

/**
 * The key in a folder; undefined if there is none. A file that others may read and a folder in which they may write are
 * refused with `CommandError`: whoever has the key is the node.
 */
export async function readKey(dir: string): Promise<PrivateKey | undefined> {
  const file = keyFile(dir)
  const bytes = await readSecret(file, maxLength)
  if (bytes === undefined) return undefined
  await checkFolder(dir)
  if (bytes.byteLength > maxLength) throw unreadable(file)
  return parse(file, bytes.toString('utf8'))
}

/**
 * A file that only its owner may read; undefined if there is none. One that others may read is refused with
 * `CommandError`. Of one that is longer than `maxLength` bytes, the first `maxLength + 1` are read.
 */
export async function readSecret(file: string, maxLength: number): Promise<Buffer | undefined> {
  let handle: Awaited<ReturnType<typeof open>>
  try {
    // Not waiting: a FIFO that nobody writes to would hold up the command for good. Windows has none.
    handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new CommandError(`cannot read ${file}: ${(error as Error).message}`, error)
  }
  try {
    const found = await handle.stat()
    if (!found.isFile()) throw new CommandError(`${file} is no file: a key is read from a regular file only`)
    refuseLoose(file, found.mode, 0o077, 'read', '600')
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(maxLength + 1))
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/**
 * Keeps a key in a folder, which is made with mode 0700 if it is not there. The file has mode 0600, and is whole or
 * absent. False, and nothing is written, if there is a key already: of several at once, one is kept. Rejects with
 * `CommandError` where the folder cannot be made or takes no files.
 */
export async function writeKey(dir: string, key: PrivateKey): Promise<boolean> {
  await makeFolder(dir)
  await checkFolder(dir)
  const file = keyFile(dir)
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`
  const text = `${Buffer.from(privateKeyToProtobuf(key)).toString('base64')}\n`
  try {
    await writeNew(temporary, text)
    // Never by a check and a rename: `link` fails where the name is taken.
    await link(temporary, file).catch(async (error: NodeJS.ErrnoException) => {
      if (!withoutLinks.has(error.code ?? '')) throw error
      await writeNew(file, text)
    })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    throw new CommandError(`cannot keep a key in ${dir} (${code}): choose another folder with --dir`, error)
  } finally {
    await unlink(temporary).catch(() => {})
  }
  await syncFolder(dir)
  return true
}

/** What `link` fails with on file systems that have none. */
const withoutLinks = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'])

async function writeNew(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function checkFolder(dir: string): Promise<void> {
  const { mode } = await stat(dir)
  refuseLoose(dir, mode, 0o022, 'write in', '700')
}

function refuseLoose(name: string, mode: number, forbidden: number, what: string, fix: string): void {
  // Windows has no such modes.
  if (process.platform === 'win32' || (mode & forbidden) === 0) return
  const found = (mode & 0o777).toString(8).padStart(3, '0')
  throw new CommandError(`other users may ${what} ${name} (its mode is ${found}): run \`chmod ${fix} ${name}\``)
}

function parse(file: string, text: string): PrivateKey {
  try {
    return privateKeyFromProtobuf(Buffer.from(text.trim(), 'base64'))
  } catch {
    // The cause is left out: it may hold parts of the key.
    throw unreadable(file)
  }
}

function unreadable(file: string): CommandError {
  return new CommandError(`${file} holds no private key: restore it from a backup, or remove it to get a new identity`)
}

/** Makes the new name last over a loss of power. Not every system lets folders be synced. */
async function syncFolder(dir: string): Promise<void> {
  try {
    const handle = await open(dir, 'r')
    await handle.sync().finally(() => handle.close())
  } catch {}
}
