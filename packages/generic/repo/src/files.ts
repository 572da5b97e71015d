/** File operations that a crash cannot leave half done. */
import { randomBytes } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'

/** Code of an error of the system, `ENOENT` and such. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code
}

/** What `use` resolves to; `undefined` where there is no such file. */
export async function ifThere<T>(use: Promise<T>): Promise<T | undefined> {
  try {
    return await use
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** A name beside `file` that nobody else uses. It begins with a dot, so that no reader takes it for a file of its own. */
export function temporaryName(file: string): string {
  return path.join(path.dirname(file), `.${randomBytes(9).toString('hex')}.tmp`)
}

/** Whether a name is one that `temporaryName` gave: left behind by a crash, and of no use. */
export function isTemporaryName(name: string): boolean {
  return /^\.[0-9a-f]{18}\.tmp$/.test(name)
}

/** What `writeFileAtomic` takes beside the file and its bytes. */
export interface WriteOptions {
  /** Permissions. Default: 0644, less the umask. */
  readonly mode?: number
  /** Whether it is on disk when the promise resolves. Default: true. */
  readonly sync?: boolean
}

/** Writes a file so that a crash leaves the old one or the new one, whole. */
export async function writeFileAtomic(
  file: string,
  bytes: Uint8Array | string,
  { mode = 0o644, sync = true }: WriteOptions = {}
): Promise<void> {
  const temporary = temporaryName(file)
  try {
    await using(await open(temporary, 'wx', mode), async handle => {
      await handle.writeFile(bytes)
      if (sync) await handle.sync()
    })
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  if (sync) await syncFolder(path.dirname(file))
}

/** A name in a folder is on disk once the folder is. Windows has no such call, and needs none. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  await using(await open(folder, 'r'), async handle => handle.sync())
}

async function using(handle: FileHandle, use: (handle: FileHandle) => Promise<void>): Promise<void> {
  try {
    await use(handle)
  } finally {
    await handle.close()
  }
}
