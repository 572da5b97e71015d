import { SpdyError } from '../errors.ts'
import { decodeHeader, type Header, headerLength } from './frame.ts'
import { maxControlLength, maxFrameTime } from './limits.ts'

/** What is read. */
export interface FrameHandler {
  /** A whole control frame. */
  onControl(type: number, flags: number, body: Uint8Array): void
  /** A data frame begins: `length` bytes come by `onPayload`. */
  onData(streamId: number, flags: number, length: number): void
  /** A piece of that payload. */
  onPayload(payload: Uint8Array, isLast: boolean): void
}

/** Reads frames, which may arrive in pieces. Control frames are put together, payload is handed on as it comes. */
export class FrameReader {
  private readonly _handler: FrameHandler
  private readonly _header: Header = { type: 0, streamId: 0, flags: 0, length: 0 }
  private readonly _headerBytes = new Uint8Array(headerLength)
  /** What is being put together: a header, or the body of a control frame. */
  private _partial: Uint8Array = this._headerBytes
  private _partialLength = 0
  private _payloadLeft = 0
  /** When the first byte of the frame came whose rest is missing. */
  private _partialSince: number | undefined

  constructor(handler: FrameHandler) {
    this._handler = handler
  }

  /** When `tick()` is due. */
  get wakeAt(): number {
    return (this._partialSince ?? Number.POSITIVE_INFINITY) + maxFrameTime
  }

  /** Throws `SpdyError` when the rest of a frame has not come; while this side does not read, it may have. */
  tick(now: number, isReading: boolean): void {
    if (now < this.wakeAt) return
    if (!isReading) this._partialSince = now
    else throw new SpdyError('ERR_SPDY_FRAME_TIMEOUT', `the rest of a frame did not come within ${maxFrameTime} ms`)
  }

  /** Takes a chunk, and hands on views of it. Throws `SpdyError` for what is no frame of SPDY. */
  receive(chunk: Uint8Array, now: number): void {
    for (let at = 0; at < chunk.byteLength; ) {
      if (this._payloadLeft > 0) at = this._readPayload(chunk, at)
      else at = this._readControl(chunk, at)
    }
    if (this._partialLength > 0 || this._partial !== this._headerBytes) this._partialSince ??= now
  }

  private _readPayload(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.byteLength, at + this._payloadLeft)
    this._payloadLeft -= end - at
    this._handler.onPayload(end - at === chunk.byteLength ? chunk : chunk.subarray(at, end), this._payloadLeft === 0)
    return end
  }

  /** Reads on in a header or in the body of a control frame. Returns the offset behind what was read. */
  private _readControl(chunk: Uint8Array, at: number): number {
    const isHeader = this._partial === this._headerBytes
    const needed = this._partial.byteLength - this._partialLength
    const end = Math.min(chunk.byteLength, at + needed)
    this._partial.set(chunk.subarray(at, end), this._partialLength)
    this._partialLength += end - at
    if (end - at < needed) return end
    const whole = this._partial
    this._partial = this._headerBytes
    this._partialLength = 0
    if (isHeader) {
      decodeHeader(whole, 0, this._header)
      return this._onHeader(chunk, end)
    }
    this._partialSince = undefined
    this._handler.onControl(this._header.type, this._header.flags, whole)
    return end
  }

  private _onHeader(chunk: Uint8Array, at: number): number {
    const { type, streamId, flags, length } = this._header
    if (type === 0) {
      this._partialSince = undefined
      this._handler.onData(streamId, flags, length)
      this._payloadLeft = length
      return at
    }
    if (length > maxControlLength) {
      throw new SpdyError('ERR_SPDY_LENGTH', `a control frame of ${length} bytes, ${maxControlLength} are the most`, {
        type,
        length
      })
    }
    if (chunk.byteLength - at < length) {
      this._partial = new Uint8Array(length)
      return at
    }
    this._partialSince = undefined
    this._handler.onControl(type, flags, chunk.subarray(at, at + length))
    return at + length
  }
}
