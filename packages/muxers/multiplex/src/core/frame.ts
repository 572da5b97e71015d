/**
 * The two varints before every mplex frame (mplex specification, "Message format"): stream id and flag, then the length of
 * the body. Flags name the role of the sender: a stream's initiator sends the even ones.
 */
import { writeVarint } from '@weft/bytes'
import { MplexError } from '../errors.ts'

export const flagNewStream: number = 0
export const flagMessageReceiver: number = 1
export const flagMessageInitiator: number = 2
export const flagCloseReceiver: number = 3
export const flagCloseInitiator: number = 4
export const flagResetReceiver: number = 5
export const flagResetInitiator: number = 6

/** The largest stream id: with its flag it is still an exact number. The specification allows 60 bits. */
export const maxStreamId: number = 2 ** 50 - 1

const maxHeaderLength = 12
// Headers are cut from slabs: one allocation serves hundreds.
const slabLength = 4096
let slab = new Uint8Array(slabLength)
let slabUsed = 0

/** A header as a fresh view. */
export function encodeHeader(id: number, flag: number, length: number): Uint8Array<ArrayBuffer> {
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
  /** The header that was read last. */
  id = 0
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
      this._value += (byte & 0x7f) * this._scale
      if (this._hasId) this._checkLength()
      else if (this._value > Number.MAX_SAFE_INTEGER) {
        throw new MplexError('ERR_MPLEX_STREAM_ID', `a stream id is above ${maxStreamId}`)
      }
      if (byte < 0x80) {
        if (byte === 0 && this._scale > 1)
          throw new MplexError('ERR_MPLEX_VARINT', 'a varint is not in its shortest form')
        if (this._finishVarint()) return at + 1
      } else {
        this._scale *= 0x80
        if (this._scale > Number.MAX_SAFE_INTEGER) throw new MplexError('ERR_MPLEX_VARINT', 'a varint is too long')
      }
    }
    return -1
  }

  /** Takes the varint that is complete. Returns whether it was the second. */
  private _finishVarint(): boolean {
    const value = this._value
    this._value = 0
    this._scale = 1
    if (this._hasId) this.length = value
    else {
      this.flag = value % 8
      this.id = Math.floor(value / 8)
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
