/** The identity of a node on disk: `identity.key`, the base64 of the libp2p protobuf of its private key. */
import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, stat, unlink } from 'node:fs/promises'
import path from 'node:path'
import type { PrivateKey } from '@libp2p/interface'
import { privateKeyFromProtobuf, privateKeyToProtobuf } from '@weft/peer-id'
import { CommandError } from './errors.ts'

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
    handle = await open(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new CommandError(`cannot read ${file}: ${(error as Error).message}`, error)
  }
  try {
    const { mode } = await handle.stat()
    refuseLoose(file, mode, 0o077, 'read', '600')
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(maxLength + 1))
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** Keeps a key in a folder, which is made with mode 0700 if it is not there. The file has mode 0600, and is whole or absent. */
export async function writeKey(dir: string, key: PrivateKey): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  await checkFolder(dir)
  const file = keyFile(dir)
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(`${Buffer.from(privateKeyToProtobuf(key)).toString('base64')}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (error) {
    await unlink(temporary).catch(() => {})
    throw error
  }
  await syncFolder(dir)
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
