/** The file `datastore.count`: how many commits the datastore has acknowledged. See `core/commit-count.ts`. */
import { type FileHandle, open } from 'node:fs/promises'
import { decodeSlots, encodeSlot, slotLength } from '../core/commit-count.ts'
import { codeOf } from '../files.ts'

/** The counter, open. */
export class CommitCounter {
  private readonly _file: FileHandle

  private constructor(file: FileHandle) {
    this._file = file
  }

  static async open(name: string): Promise<CommitCounter> {
    return new CommitCounter(await openOrMake(name))
  }

  /** The count that was stored last; `undefined` in a new file. */
  async read(): Promise<number | undefined> {
    const bytes = new Uint8Array(2 * slotLength)
    const { bytesRead } = await this._file.read(bytes, 0, bytes.length, 0)
    return decodeSlots(bytes.subarray(0, bytesRead))
  }

  /**
   * Stores a count, without waiting for the disk: the commit itself is there already, and a count that is behind the
   * datastore says nothing wrong.
   */
  async write(count: number): Promise<void> {
    const { bytes, position } = encodeSlot(count)
    await this._file.write(bytes, 0, bytes.length, position)
  }

  /** Forgets what both slots said: the loss is accepted. */
  async reset(count: number): Promise<void> {
    await this._file.truncate(0)
    await this.write(count)
    await this._file.sync()
  }

  async close(): Promise<void> {
    await this._file.close()
  }
}

async function openOrMake(name: string): Promise<FileHandle> {
  try {
    return await open(name, 'r+')
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    return open(name, 'w+')
  }
}
