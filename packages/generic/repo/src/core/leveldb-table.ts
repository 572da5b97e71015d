/**
 * Checks a LevelDB table by its checksums (doc/table_format.md of LevelDB), which LevelDB itself does not look at when it
 * reads. Only tables without compression, as ours are: the index is read, and it names the blocks.
 */
import { decodeVarint, measureVarint } from '@weft/bytes'
import { crc32c, masked } from './crc32c.ts'

const footerLength = 48
const magic = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb]
// One byte of compression type and four of checksum stand behind each block.
const trailerLength = 5

interface Handle {
  readonly offset: number
  readonly size: number
}

/** Where a table is damaged, in bytes from its beginning, and what is wrong there; `undefined` where all is well. */
export function checkTable(table: Uint8Array): { offset: number; what: string } | undefined {
  if (table.length < footerLength) return { offset: 0, what: 'it is shorter than its footer' }
  const footer = table.subarray(table.length - footerLength)
  const footerAt = table.length - footerLength
  if (magic.some((byte, i) => footer[footerLength - magic.length + i] !== byte)) {
    return { offset: table.length - magic.length, what: 'its magic number is wrong' }
  }
  try {
    const metaIndex = readHandle(footer, 0)
    const index = readHandle(footer, metaIndex.end)
    const blocks = [metaIndex.handle, index.handle]
    for (const named of blocks.slice()) {
      const damage = checkBlock(table, named)
      if (damage !== undefined) return damage
      blocks.push(...entriesOf(table.subarray(named.offset, named.offset + named.size)))
    }
    // The blocks fill the table: a byte that none of them covers was not written by LevelDB.
    blocks.sort((a, b) => a.offset - b.offset)
    let at = 0
    for (const block of blocks) {
      if (block.offset !== at) return { offset: at, what: 'its blocks do not follow one another' }
      const damage = checkBlock(table, block)
      if (damage !== undefined) return damage
      at = block.offset + block.size + trailerLength
    }
    return at === footerAt ? undefined : { offset: at, what: 'its blocks do not follow one another' }
  } catch (error) {
    return { offset: footerAt, what: `its index does not read: ${(error as Error).message}` }
  }
}

function checkBlock(table: Uint8Array, { offset, size }: Handle): { offset: number; what: string } | undefined {
  const end = offset + size + trailerLength
  if (end > table.length - footerLength) return { offset, what: 'a block ends behind the table' }
  const view = new DataView(table.buffer, table.byteOffset + end - 4, 4)
  const sum = masked(crc32c(table.subarray(offset, end - 4)))
  return view.getUint32(0, true) === sum ? undefined : { offset, what: 'the checksum of a block is wrong' }
}

/** The handles that an index block holds: each entry is shared, unshared and value length, key, value (a handle). */
function entriesOf(block: Uint8Array): Handle[] {
  const restarts = new DataView(block.buffer, block.byteOffset + block.length - 4, 4).getUint32(0, true)
  const end = block.length - 4 - restarts * 4
  if (end < 0) throw new RangeError('more restart points than bytes')
  const handles: Handle[] = []
  let at = 0
  while (at < end) {
    const shared = readNumber(block, at)
    const unshared = readNumber(block, shared.end)
    const length = readNumber(block, unshared.end)
    const value = length.end + unshared.value
    if (value + length.value > end) throw new RangeError('an entry ends behind its block')
    handles.push(readHandle(block, value).handle)
    at = value + length.value
  }
  return handles
}

function readHandle(bytes: Uint8Array, at: number): { handle: Handle; end: number } {
  const offset = readNumber(bytes, at)
  const size = readNumber(bytes, offset.end)
  return { handle: { offset: offset.value, size: size.value }, end: size.end }
}

function readNumber(bytes: Uint8Array, at: number): { value: number; end: number } {
  return { value: decodeVarint(bytes, at), end: at + measureVarint(bytes, at) }
}
