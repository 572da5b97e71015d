/**
 * Checks a LevelDB log (write-ahead log or MANIFEST) by its checksums (doc/log_format.md of LevelDB). LevelDB itself
 * passes over a damaged record, and over the rest of its 32 KiB block, without an error.
 */
import { crc32c, masked } from './crc32c.ts'

const blockLength = 32 * 1024
const headerLength = 7

/** What became of a log: whole, cut off in its last record (as a crash leaves it), or damaged from `offset` on. */
export type LogState = { kind: 'whole' } | { kind: 'cut'; offset: number } | { kind: 'damaged'; offset: number }

/** Checks the bytes of a whole log file. */
export function checkLog(bytes: Uint8Array): LogState {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  // Whether the record before was the beginning of one that goes on.
  let open = false
  let openAt = 0
  while (at < bytes.length) {
    const left = blockLength - (at % blockLength)
    if (left < headerLength) {
      // The trailer of a block is zero.
      if (!isZero(bytes.subarray(at, at + left))) return { kind: 'damaged', offset: at }
      at += left
      continue
    }
    if (bytes.length - at < headerLength) return { kind: 'cut', offset: at }
    const length = view.getUint16(at + 4, true)
    const type = bytes[at + 6]!
    const end = at + headerLength + length
    // A file that was made longer before it was written ends in zeros.
    if (isZero(bytes.subarray(at))) return { kind: 'cut', offset: open ? openAt : at }
    if (type < 1 || type > 4 || headerLength + length > left) return { kind: 'damaged', offset: at }
    if (end > bytes.length) return { kind: 'cut', offset: open ? openAt : at }
    if (view.getUint32(at, true) !== masked(crc32c(bytes.subarray(at + 6, end)))) {
      return { kind: 'damaged', offset: at }
    }
    const begins = type === 1 || type === 2
    if (begins === open) return { kind: 'damaged', offset: at }
    if (type === 2) openAt = at
    open = type === 2 || type === 3
    at = end
  }
  return open ? { kind: 'cut', offset: openAt } : { kind: 'whole' }
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every(byte => byte === 0)
}
