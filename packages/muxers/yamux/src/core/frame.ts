/** The twelve bytes before every yamux frame (yamux specification, "Framing"): all fields big-endian. */

/** Bytes of a header. */
export const headerLength: number = 12

export const typeData: number = 0
export const typeWindowUpdate: number = 1
export const typePing: number = 2
export const typeGoAway: number = 3

export const flagSyn: number = 1
export const flagAck: number = 2
export const flagFin: number = 4
export const flagRst: number = 8

/** Credit that both sides of a new stream have (specification, "Flow control"). */
export const initialWindow: number = 256 * 1024

export interface Header {
  version: number
  type: number
  flags: number
  streamId: number
  /** Bytes that follow, window to add, ping value or reason, by type. */
  length: number
}

// Headers are cut from slabs: one allocation serves hundreds.
const slabLength = 340 * headerLength
let slab = new Uint8Array(slabLength)
let slabUsed = 0

/** A header as a fresh view. */
export function encodeHeader(type: number, flags: number, streamId: number, length: number): Uint8Array<ArrayBuffer> {
  if (slabUsed === slabLength) {
    slab = new Uint8Array(slabLength)
    slabUsed = 0
  }
  const at = slabUsed
  slabUsed += headerLength
  const view = slab.subarray(at, slabUsed)
  view[1] = type
  view[3] = flags
  writeUint32(view, 4, streamId)
  writeUint32(view, 8, length)
  return view
}

/** Reads the header at `offset` into `into`. The caller has made sure that twelve bytes are there. */
export function decodeHeader(bytes: Uint8Array, offset: number, into: Header): void {
  into.version = bytes[offset]!
  into.type = bytes[offset + 1]!
  into.flags = (bytes[offset + 2]! << 8) | bytes[offset + 3]!
  into.streamId = readUint32(bytes, offset + 4)
  into.length = readUint32(bytes, offset + 8)
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}
