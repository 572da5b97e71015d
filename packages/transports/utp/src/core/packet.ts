/** Types of packets (BEP 29, "type"). */
export const packetType = { data: 0, fin: 1, state: 2, reset: 3, syn: 4 } as const

/** One of the five types. */
export type PacketType = (typeof packetType)[keyof typeof packetType]

/** Bytes of a header without extensions. */
export const headerLength = 20

/** A packet; `payload` and `sack` are views of what was decoded. */
export interface Packet {
  /** What it is. */
  type: PacketType
  /** The receiver's id; in a SYN, and often in a RESET, the sender's. */
  connectionId: number
  /** When it was sent, in us, modulo 2^32, by the sender's clock. */
  timestamp: number
  /** What the sender measured of the last packet that it received: 0 and 0x7fffffff are no measure. */
  timestampDifference: number
  /** Bytes that the sender takes. */
  window: number
  /** Its number; that of a STATE is the one of the next data. */
  sequence: number
  /** The last number that the sender has received in order. */
  acknowledgement: number
  /** Bits of what was received behind a gap: bit 0 of the first byte is `acknowledgement` + 2. */
  sack: Uint8Array | undefined
  /** Bytes of the stream. */
  payload: Uint8Array
}

/** Extensions of one packet: more is no packet of anybody's. */
const maxExtensions = 16

const sackExtension = 1

/** Reads a packet; `undefined` if it is none of uTP version 1. Unknown extensions are skipped, SACKs of any length taken. */
export function decodePacket(view: Uint8Array): Packet | undefined {
  if (view.byteLength < headerLength || (view[0]! & 0x0f) !== 1 || view[0]! > 0x41) return undefined
  const fields = new DataView(view.buffer, view.byteOffset, view.byteLength)
  let sack: Uint8Array | undefined
  let extension = view[1]!
  let at = headerLength
  for (let count = 0; extension !== 0; count++) {
    if (count >= maxExtensions || at + 2 > view.byteLength) return undefined
    const [next, length] = [view[at]!, view[at + 1]!]
    if (at + 2 + length > view.byteLength) return undefined
    if (extension === sackExtension) sack = view.subarray(at + 2, at + 2 + length)
    extension = next
    at += 2 + length
  }
  return {
    type: (view[0]! >> 4) as PacketType,
    connectionId: fields.getUint16(2),
    timestamp: fields.getUint32(4),
    timestampDifference: fields.getUint32(8),
    window: fields.getUint32(12),
    sequence: fields.getUint16(16),
    acknowledgement: fields.getUint16(18),
    sack,
    payload: view.subarray(at)
  }
}

/** Writes a packet, with SACK as its only extension. */
export function encodePacket(packet: Packet): Uint8Array<ArrayBuffer> {
  const { sack, payload } = packet
  const extensions = sack === undefined ? 0 : 2 + sack.byteLength
  const bytes = new Uint8Array(headerLength + extensions + payload.byteLength)
  const fields = new DataView(bytes.buffer)
  bytes[0] = (packet.type << 4) | 1
  fields.setUint16(2, packet.connectionId)
  fields.setUint32(4, packet.timestamp)
  fields.setUint32(8, packet.timestampDifference)
  fields.setUint32(12, packet.window)
  fields.setUint16(16, packet.sequence)
  fields.setUint16(18, packet.acknowledgement)
  if (sack !== undefined) {
    bytes[1] = sackExtension
    bytes[headerLength + 1] = sack.byteLength
    bytes.set(sack, headerLength + 2)
  }
  bytes.set(payload, headerLength + extensions)
  return bytes
}
