/**
 * How values lie in our datastore: a format byte, four bytes of CRC-32C over key and value (little-endian), the value.
 * LevelDB does not check a table's blocks when it reads them, and may give the bytes of another key; with the key under
 * the checksum both are noticed.
 */
import { crc32c } from './crc32c.ts'

/** The one format there is. */
const valueFormat = 1

/** Bytes before the value. */
const frameOverhead = 5

/** The stored form of a value: a fresh array. */
export function frameValue(key: Uint8Array, value: Uint8Array): Uint8Array<ArrayBuffer> {
  const framed = new Uint8Array(frameOverhead + value.length)
  framed[0] = valueFormat
  new DataView(framed.buffer).setUint32(1, checksum(key, value), true)
  framed.set(value, frameOverhead)
  return framed
}

/** The value of a stored form, a view into it; `undefined` where it is not what was stored under that key. */
export function unframeValue(key: Uint8Array, framed: Uint8Array): Uint8Array | undefined {
  if (framed.length < frameOverhead || framed[0] !== valueFormat) return undefined
  // A plain view, also where LevelDB gave a Buffer.
  const value = new Uint8Array(framed.buffer, framed.byteOffset + frameOverhead, framed.length - frameOverhead)
  const stored = new DataView(framed.buffer, framed.byteOffset, frameOverhead).getUint32(1, true)
  return stored === checksum(key, value) ? value : undefined
}

function checksum(key: Uint8Array, value: Uint8Array): number {
  return crc32c(value, crc32c(key))
}
