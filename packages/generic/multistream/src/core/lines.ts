/**
 * Lines of multistream-select 1.0: the length as a varint, UTF-8 text, and a newline that the length includes (libp2p
 * specification "connections", section "multistream-select").
 */
import { concat, encodeVarint, fromUtf8, toUtf8 } from '@weft/bytes'
import { InvalidParametersError } from '@weft/errors'
import { MultistreamError } from '../errors.ts'
import { maxCachedLines, maxLineLength } from './limits.ts'

/** The name of multistream-select itself, the first line in each direction. */
export const multistreamProtocol = '/multistream/1.0.0'

/** The answer that a proposal is not supported. */
export const notAvailable = 'na'

/** The request for the list of protocols. */
export const list = 'ls'

const newline = 0x0a

/** A line of any length. */
export function encodeLine(text: string): Uint8Array<ArrayBuffer> {
  const bytes = fromUtf8(`${text}\n`)
  return concat([encodeVarint(bytes.byteLength), bytes])
}

/** The header line. */
export const headerLine: Uint8Array<ArrayBuffer> = encodeLine(multistreamProtocol)

/** Bytes of the header line. */
export const headerLength: number = headerLine.byteLength

const cache = new Map<string, Uint8Array>()

/**
 * The header line and the line of `protocol`, in one view that is kept and shared: it is not to be written to. Throws
 * `InvalidParametersError` for a name that no listener would read.
 */
export function headerAndLine(protocol: string): Uint8Array {
  const known = cache.get(protocol)
  if (known !== undefined) return known
  const line = encodeLine(protocol)
  if (line.byteLength > maxLineLength + 2 || protocol.includes('\n')) {
    throw new InvalidParametersError(`a protocol name is one line of at most ${maxLineLength - 1} bytes`)
  }
  const bytes = concat([headerLine, line])
  // The oldest goes: names may come from the remote where a listener accepts by rule.
  if (cache.size >= maxCachedLines) cache.delete(cache.keys().next().value!)
  cache.set(protocol, bytes)
  return bytes
}

const noBytes: Uint8Array = new Uint8Array(0)

/** Cuts what arrives into lines. */
export class LineReader {
  private _bytes = noBytes
  private _at = 0

  /** Adds what has arrived. What waits is less than a line, so little is copied. */
  push(chunk: Uint8Array): void {
    this._bytes = this._at === this._bytes.byteLength ? chunk : concat([this._bytes.subarray(this._at), chunk])
    this._at = 0
  }

  /**
   * Takes the header line; false while it is incomplete. Throws `MultistreamError` from the first byte that is another: who
   * does not begin with it, and may say no more, is not waited for.
   */
  takeHeader(): boolean {
    const bytes = this._bytes
    const length = Math.min(bytes.byteLength - this._at, headerLength)
    for (let i = 0; i < length; i++) {
      if (bytes[this._at + i] !== headerLine[i]) throw noHeader()
    }
    if (length < headerLength) return false
    this._at += headerLength
    return true
  }

  /** The text of the next line, `undefined` while it is incomplete. Throws `MultistreamError`, from the length at once. */
  next(): string | undefined {
    const bytes = this._bytes
    const first = bytes[this._at]
    if (first === undefined) return undefined
    let start = this._at + 1
    let length = first
    if (first >= 0x80) {
      const second = bytes[start++]
      if (second === undefined) return undefined
      // Two bytes reach 16383: a third, or a second of zero, can only be wrong.
      length = second >= 0x80 || second === 0 ? Number.POSITIVE_INFINITY : (first & 0x7f) | (second << 7)
    }
    if (length === 0 || length > maxLineLength) {
      throw new MultistreamError('ERR_MULTISTREAM_LENGTH', `a line has 1 to ${maxLineLength} bytes`, { length })
    }
    const end = start + length
    if (end > bytes.byteLength) return undefined
    this._at = end
    return readText(bytes, start, end - 1)
  }

  /** What follows the last line, if anything has arrived. */
  rest(): Uint8Array | undefined {
    return this._at === this._bytes.byteLength ? undefined : this._bytes.subarray(this._at)
  }
}

function noHeader(): MultistreamError {
  return new MultistreamError('ERR_MULTISTREAM_HEADER', `the remote does not begin with ${multistreamProtocol}`)
}

/** The text between `start` and the newline at `end`. */
function readText(bytes: Uint8Array, start: number, end: number): string {
  if (bytes.indexOf(newline, start) !== end) {
    throw new MultistreamError('ERR_MULTISTREAM_NEWLINE', 'a line has one newline, at its end')
  }
  // Names are ASCII but for the strangest, and a decoder costs more than all the rest.
  let text = ''
  for (let i = start; i < end; i++) {
    if (bytes[i]! >= 0x80) return decode(bytes.subarray(start, end))
    text += String.fromCharCode(bytes[i]!)
  }
  return text
}

function decode(bytes: Uint8Array): string {
  try {
    return toUtf8(bytes)
  } catch {
    throw new MultistreamError('ERR_MULTISTREAM_TEXT', 'a line is not UTF-8')
  }
}
