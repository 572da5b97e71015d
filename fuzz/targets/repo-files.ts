/**
 * The files of a repository: any bytes get a verdict, as a log, a table, a count and a key; a value comes back under its
 * own key only.
 */
import { decodeSlots } from '../../packages/generic/repo/src/core/commit-count.ts'
import { decodeKeyFile, encodeKeyFile } from '../../packages/generic/repo/src/core/key-file.ts'
import { checkLog } from '../../packages/generic/repo/src/core/leveldb-log.ts'
import { checkTable } from '../../packages/generic/repo/src/core/leveldb-table.ts'
import { frameValue, unframeValue } from '../../packages/generic/repo/src/core/value-frame.ts'

export const name = 'repo-files'

export function fuzz(input: Uint8Array): void {
  const log = checkLog(input)
  if (log.kind !== 'whole' && log.offset > input.length) throw new Error('the damage lies behind the log')
  checkTable(input)
  decodeSlots(input)
  const key = decodeKeyFile(input)
  if (key !== undefined && String(encodeKeyFile(key)) !== String(input)) throw new Error('a key file encodes otherwise')

  const cut = input[0] ?? 0
  const [name, value] = [input.subarray(1, cut), input.subarray(cut)]
  const framed = frameValue(name, value)
  if (String(unframeValue(name, framed)) !== String(value)) throw new Error('a value did not come back')
  framed[cut % framed.length]! ^= 0x10
  if (unframeValue(name, framed) !== undefined) throw new Error('a changed value came back')
}
