/**
 * The file that counts commits beside the datastore: two slots of 16 bytes, written in turn, so that one that was being
 * written when the process ended leaves the other. Slot: count (8 bytes, little-endian), CRC-32C of it (4), zeros (4).
 * Each commit writes its number into the datastore and, once it is on disk, into this file: a datastore that knows of
 * fewer commits than the file has lost some.
 */
import { crc32c } from './crc32c.ts'

/** Length of a slot, bytes. */
export const slotLength = 16

/** The bytes of a commit's slot, and where in the file they go. */
export function encodeSlot(count: number): { bytes: Uint8Array<ArrayBuffer>; position: number } {
  const bytes = new Uint8Array(slotLength)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(count), true)
  view.setUint32(8, crc32c(bytes.subarray(0, 8)), true)
  return { bytes, position: (count % 2) * slotLength }
}

/** The greatest count of the file's slots; `undefined` where it holds none that is whole. */
export function decodeSlots(bytes: Uint8Array): number | undefined {
  const counts: number[] = []
  for (let at = 0; at + slotLength <= bytes.length; at += slotLength) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, slotLength)
    const sum = crc32c(bytes.subarray(at, at + 8))
    if (view.getUint32(8, true) === sum && view.getUint32(12, true) === 0)
      counts.push(Number(view.getBigUint64(0, true)))
  }
  return counts.length === 0 ? undefined : Math.max(...counts)
}
