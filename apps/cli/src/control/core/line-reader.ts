import { concat } from '@weft/bytes'
import { maxLineLength } from './limits.ts'
import { ControlProtocolError } from './protocol.ts'

const lineFeed = 0x0a

/** Cuts bytes into lines, however they arrive. A line that is not whole is held as it came, up to its bound. */
export class LineReader {
  /** What has been searched: bytes of one line, without its end. */
  private readonly _begun: Uint8Array[] = []
  private _begunLength = 0
  /** What has not. */
  private _waiting: Uint8Array[] = []

  /** Takes bytes; they are held, not copied. */
  push(chunk: Uint8Array): void {
    this._waiting.push(chunk)
  }

  /** Bytes that are held. */
  get length(): number {
    return this._waiting.reduce((sum, { byteLength }) => sum + byteLength, this._begunLength)
  }

  /** The next whole line without its end, or undefined. Throws `ControlProtocolError` when a line is too long. */
  next(): Uint8Array | undefined {
    for (let chunk = this._waiting.shift(); chunk !== undefined; chunk = this._waiting.shift()) {
      const end = chunk.indexOf(lineFeed)
      this._begin(end === -1 ? chunk : chunk.subarray(0, end))
      if (end === -1) continue
      this._waiting.unshift(chunk.subarray(end + 1))
      this._begunLength = 0
      return concat(this._begun.splice(0))
    }
    return undefined
  }

  private _begin(part: Uint8Array): void {
    this._begun.push(part)
    this._begunLength += part.byteLength
    if (this._begunLength <= maxLineLength) return
    throw new ControlProtocolError('ERR_LINE_TOO_LONG', `a line may have ${maxLineLength} bytes`)
  }
}
