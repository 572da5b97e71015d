/**
 * Writes to the repository that its arguments name until it is killed, and says on its output what is acknowledged:
 * `r N` for a record, `b N` for a block. `writer.ts FOLDER FIRST SYNC`
 */
import { Key } from 'interface-datastore'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { createRepo } from '../../src/index.ts'

const [, , folder = '', first = '0', sync = 'true'] = process.argv
const repo = await createRepo(folder, { sync: sync === 'true' })
const acknowledge = (line: string): void => void process.stdout.write(`${line}\n`)
acknowledge('open')

const record = async (n: number): Promise<void> => {
  const value = new Uint8Array(200).fill(n)
  if (n % 5 === 0) {
    const batch = repo.datastore.batch()
    batch.put(new Key(`/r/${n}`), value)
    batch.put(new Key(`/twin/${n}`), value)
    await batch.commit()
  } else {
    await repo.datastore.put(new Key(`/r/${n}`), value)
  }
  acknowledge(`r ${n}`)
}

const block = async (n: number): Promise<void> => {
  const bytes = new TextEncoder().encode(`block ${n}`)
  await repo.blocks.put(CID.createV1(raw.code, await sha256.digest(bytes)), bytes)
  acknowledge(`b ${n}`)
}

// A bound: whoever started this kills it long before.
for (let n = Number(first); n < Number(first) + 100_000; n += 8) {
  const numbers = Array.from({ length: 8 }, (_, i) => n + i)
  // What is refused is not acknowledged, and that is all that is said of it.
  await Promise.allSettled([...numbers.map(record), block(n)])
}
