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
  readonly #handler: FrameHandler
  readonly #header: Header = { type: 0, streamId: 0, flags: 0, length: 0 }
  readonly #headerBytes = new Uint8Array(headerLength)
  /** What is being put together: a header, or the body of a control frame. */
  #partial: Uint8Array = this.#headerBytes
  #partialLength = 0
  #payloadLeft = 0
  /** When the first byte of the frame came whose rest is missing. */
  #partialSince: number | undefined

  constructor(handler: FrameHandler) {
    this.#handler = handler
  }

  /** When `tick()` is due. */
  get wakeAt(): number {
    return (this.#partialSince ?? Number.POSITIVE_INFINITY) + maxFrameTime
  }

  /** Throws `SpdyError` when the rest of a frame has not come; while this side does not read, it may have. */
  tick(now: number, isReading: boolean): void {
    if (now < this.wakeAt) return
    if (!isReading) this.#partialSince = now
    else throw new SpdyError('ERR_SPDY_FRAME_TIMEOUT', `the rest of a frame did not come within ${maxFrameTime} ms`)
  }

  /** Takes a chunk, and hands on views of it. Throws `SpdyError` for what is no frame of SPDY. */
  receive(chunk: Uint8Array, now: number): void {
    for (let at = 0; at < chunk.byteLength; ) {
      if (this.#payloadLeft > 0) at = this.#readPayload(chunk, at)
      else at = this.#readControl(chunk, at)
    }
    if (this.#partialLength > 0 || this.#partial !== this.#headerBytes) this.#partialSince ??= now
  }

  #readPayload(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.byteLength, at + this.#payloadLeft)
    this.#payloadLeft -= end - at
    this.#handler.onPayload(end - at === chunk.byteLength ? chunk : chunk.subarray(at, end), this.#payloadLeft === 0)
    return end
  }

  /** Reads on in a header or in the body of a control frame. Returns the offset behind what was read. */
  #readControl(chunk: Uint8Array, at: number): number {
    const isHeader = this.#partial === this.#headerBytes
    const needed = this.#partial.byteLength - this.#partialLength
    const end = Math.min(chunk.byteLength, at + needed)
    this.#partial.set(chunk.subarray(at, end), this.#partialLength)
    this.#partialLength += end - at
    if (end - at < needed) return end
    const whole = this.#partial
    this.#partial = this.#headerBytes
    this.#partialLength = 0
    if (isHeader) {
      decodeHeader(whole, 0, this.#header)
      return this.#onHeader(chunk, end)
    }
    this.#partialSince = undefined
    this.#handler.onControl(this.#header.type, this.#header.flags, whole)
    return end
  }

  #onHeader(chunk: Uint8Array, at: number): number {
    const { type, streamId, flags, length } = this.#header
    if (type === 0) {
      this.#partialSince = undefined
      this.#handler.onData(streamId, flags, length)
      this.#payloadLeft = length
      return at
    }
    if (length > maxControlLength) {
      throw new SpdyError('ERR_SPDY_LENGTH', `a control frame of ${length} bytes, ${maxControlLength} are the most`, {
        type,
        length
      })
    }
    if (chunk.byteLength - at < length) {
      this.#partial = new Uint8Array(length)
      return at
    }
    this.#partialSince = undefined
    this.#handler.onControl(type, flags, chunk.subarray(at, at + length))
    return at + length
  }
}
