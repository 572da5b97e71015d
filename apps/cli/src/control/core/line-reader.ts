import { concat } from '@weft/bytes'
import { maxLineLength } from './limits.ts'
import { ControlProtocolError } from './protocol.ts'

const lineFeed = 0x0a

/** Cuts bytes into lines, however they arrive. A line that is not whole is held as it came, up to its bound. */
export class LineReader {
  /** What has been searched: bytes of one line, without its end. */
  readonly #begun: Uint8Array[] = []
  #begunLength = 0
  /** What has not. */
  #waiting: Uint8Array[] = []

  /** Takes bytes; they are held, not copied. */
  push(chunk: Uint8Array): void {
    this.#waiting.push(chunk)
  }

  /** Bytes that are held. */
  get length(): number {
    return this.#waiting.reduce((sum, { byteLength }) => sum + byteLength, this.#begunLength)
  }

  /** The next whole line without its end, or undefined. Throws `ControlProtocolError` when a line is too long. */
  next(): Uint8Array | undefined {
    for (let chunk = this.#waiting.shift(); chunk !== undefined; chunk = this.#waiting.shift()) {
      const end = chunk.indexOf(lineFeed)
      this.#begin(end === -1 ? chunk : chunk.subarray(0, end))
      if (end === -1) continue
      this.#waiting.unshift(chunk.subarray(end + 1))
      this.#begunLength = 0
      return concat(this.#begun.splice(0))
    }
    return undefined
  }

  #begin(part: Uint8Array): void {
    this.#begun.push(part)
    this.#begunLength += part.byteLength
    if (this.#begunLength <= maxLineLength) return
    throw new ControlProtocolError('ERR_LINE_TOO_LONG', `a line may have ${maxLineLength} bytes`)
  }
}
