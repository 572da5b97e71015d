import { after, distance } from './sequence.ts'

/** Packets that may wait behind a gap, as libutp has it. */
const maxReordered = 1024

/** Longest SACK that is sent, in bytes: 256 packets behind the gap. */
const maxSack = 32

/** What was received: in order up to `last`, and what waits behind gaps. */
export class Received {
  /** The last number of those that are complete. */
  last: number
  private readonly _waiting = new Map<number, Uint8Array>()
  private _bytes = 0

  constructor(last: number) {
    this.last = last
  }

  /** Bytes that wait behind gaps. */
  get bytes(): number {
    return this._bytes
  }

  /** Packets that wait behind gaps. */
  get size(): number {
    return this._waiting.size
  }

  /** Keeps a copy of a packet behind a gap, if there is room for it. Returns false for what is there or too far off. */
  add(sequence: number, payload: Uint8Array, room: number): boolean {
    const ahead = distance(this.last, sequence)
    if (ahead <= 1 || ahead > maxReordered || payload.byteLength > room || this._waiting.has(sequence)) return false
    this._waiting.set(sequence, new Uint8Array(payload))
    this._bytes += payload.byteLength
    return true
  }

  /** The packet that is next in order, if it is there; it is then the last. */
  take(): Uint8Array | undefined {
    const next = after(this.last, 1)
    const payload = this._waiting.get(next)
    if (payload === undefined) return undefined
    this._waiting.delete(next)
    this._bytes -= payload.byteLength
    this.last = next
    return payload
  }

  /** Bits of what waits, `undefined` if nothing does: a multiple of 4 bytes, bit 0 is `last` + 2. */
  sack(): Uint8Array | undefined {
    if (this._waiting.size === 0) return undefined
    let furthest = 0
    for (const sequence of this._waiting.keys()) furthest = Math.max(furthest, distance(this.last, sequence) - 2)
    const bytes = new Uint8Array(Math.min(maxSack, 4 * Math.ceil((furthest + 1) / 32)))
    for (const sequence of this._waiting.keys()) {
      const bit = distance(this.last, sequence) - 2
      if (bit < bytes.byteLength * 8) bytes[bit >> 3] = bytes[bit >> 3]! | (1 << (bit & 7))
    }
    return bytes
  }
}
