/**
 * The two varints before every mplex frame (mplex specification, "Message format"): stream id and flag, then the length of
 * the body. Flags name the role of the sender: a stream's initiator sends the even ones.
 */
import { concat, encodeVarint, writeVarint } from '@weft/bytes'
import { MplexError } from '../errors.ts'

export const flagNewStream: number = 0
export const flagMessageReceiver: number = 1
export const flagMessageInitiator: number = 2
export const flagCloseReceiver: number = 3
export const flagCloseInitiator: number = 4
export const flagResetReceiver: number = 5
export const flagResetInitiator: number = 6

/** The largest stream id, of 60 bits (mplex specification, "Message format"). */
export const maxStreamId: bigint = 2n ** 60n - 1n
/** The largest one that is a number: with its flag it is still exact. Those above are bigints. */
export const maxNumericId: number = 2 ** 50 - 1

/** A stream id as it is kept: equal ones are equal values. */
export type StreamId = number | bigint

const maxHeaderLength = 12
// Bytes of the varint of the largest id with its flag.
const maxIdLength = 9
// Headers are cut from slabs: one allocation serves hundreds.
const slabLength = 4096
let slab = new Uint8Array(slabLength)
let slabUsed = 0

/** A header as a fresh view. */
export function encodeHeader(id: StreamId, flag: number, length: number): Uint8Array<ArrayBuffer> {
  if (typeof id === 'bigint') return concat([encodeVarint(id * 8n + BigInt(flag)), encodeVarint(length)])
  if (slabUsed + maxHeaderLength > slabLength) {
    slab = new Uint8Array(slabLength)
    slabUsed = 0
  }
  const at = slabUsed
  slabUsed = writeVarint(length, slab, writeVarint(id * 8 + flag, slab, at))
  return slab.subarray(at, slabUsed)
}

/** Reads headers, which may arrive in pieces. */
export class HeaderReader {
  private readonly _maxLength: number
  private _value = 0
  private _scale = 1
  private _hasId = false
  /** What is beyond the exact numbers of an id that is being read, and bytes of it so far. */
  private _high = 0
  private _idLength = 0
  /** The header that was read last. */
  id: StreamId = 0
  flag = 0
  length = 0

  /** @param maxLength - bytes of the longest body */
  constructor(maxLength: number) {
    this._maxLength = maxLength
  }

  /**
   * Reads on at `offset`. Returns the offset behind the header, or -1 if the chunk ends before it. Throws `MplexError` as
   * soon as a byte shows that the header cannot be valid.
   */
  read(chunk: Uint8Array, offset: number): number {
    for (let at = offset; at < chunk.byteLength; at++) {
      const byte = chunk[at]!
      if (!this._hasId && this._scale === 1 && (byte & 7) === 7) {
        throw new MplexError('ERR_MPLEX_FLAG', 'unknown flag 7', { flag: 7 })
      }
      if (this._hasId) {
        this._value += (byte & 0x7f) * this._scale
        this._checkLength()
      } else this._addToId(byte)
      if (byte < 0x80) {
        if (byte === 0 && this._scale > 1)
          throw new MplexError('ERR_MPLEX_VARINT', 'a varint is not in its shortest form')
        if (this._finishVarint()) return at + 1
      } else {
        this._scale *= 0x80
        if (this._hasId && this._scale > Number.MAX_SAFE_INTEGER)
          throw new MplexError('ERR_MPLEX_VARINT', 'a varint is too long')
      }
    }
    return -1
  }

  /** The first seven bytes are an exact number; two more may follow. */
  private _addToId(byte: number): void {
    this._idLength++
    if (this._idLength < maxIdLength - 1) this._value += (byte & 0x7f) * this._scale
    else this._high += (byte & 0x7f) * (this._idLength === maxIdLength ? 0x80 : 1)
    if (this._idLength < maxIdLength || byte < 0x80) return
    if (this._high === 0) throw new MplexError('ERR_MPLEX_VARINT', 'a varint is too long')
    throw new MplexError('ERR_MPLEX_STREAM_ID', `a stream id is above ${maxStreamId}`)
  }

  /** Takes the varint that is complete. Returns whether it was the second. */
  private _finishVarint(): boolean {
    const value = this._value
    this._value = 0
    this._scale = 1
    if (this._hasId) this.length = value
    else {
      this.flag = value % 8
      const id = Math.floor(value / 8)
      // 46 bits are in the first seven bytes.
      this.id = this._high === 0 ? id : idOf(this._high, id)
      this._high = this._idLength = 0
    }
    this._hasId = !this._hasId
    return !this._hasId
  }

  private _checkLength(): void {
    if (this._value <= this._maxLength) return
    throw new MplexError('ERR_MPLEX_LENGTH', `a frame announces more than ${this._maxLength} bytes`, {
      length: this._value,
      maximum: this._maxLength
    })
  }
}

function idOf(high: number, low: number): StreamId {
  const id = high * 2 ** 46 + low
  return id <= maxNumericId ? id : BigInt(high) * 2n ** 46n + BigInt(low)
}
