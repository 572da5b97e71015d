/** Distinguished encoding (X.690): a cursor that steps over elements, and a writer of them. Neither knows what they mean. */
import { concat } from '@weft/bytes'

/** Tags of the elements that certificates are made of. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30
} as const

/** The tag of an element that is told from its neighbours by a number, 0 to 30; without elements inside it is primitive. */
export function contextTag(number: number, form: 'constructed' | 'primitive' = 'constructed'): number {
  return (form === 'constructed' ? 0xa0 : 0x80) | number
}

/**
 * Steps over the elements of a stretch of bytes, each once, with nothing but its header read. What it gives are views.
 * An element above 65,535 bytes is none to it, and neither is one whose length is not in the shortest form.
 */
export class DerCursor {
  private readonly _bytes: Uint8Array
  private readonly _malformed: (why: string) => Error
  private _at = 0

  /** `malformed` makes the error that is thrown for what is not as it must be. */
  constructor(bytes: Uint8Array, malformed: (why: string) => Error) {
    this._bytes = bytes
    this._malformed = malformed
  }

  /** The tag of the next element; nothing at the end. */
  get next(): number | undefined {
    return this._bytes[this._at]
  }

  /** The content of the next element, which has to have this tag. */
  read(tag: number): Uint8Array {
    const { start, end } = this._header(tag)
    this._at = end
    return this._bytes.subarray(start, end)
  }

  /** The next element with its header. */
  readWhole(tag: number): Uint8Array {
    const from = this._at
    this._at = this._header(tag).end
    return this._bytes.subarray(from, this._at)
  }

  /** The content of the next element if it has this tag; otherwise it stays the next one. */
  readOptional(tag: number): Uint8Array | undefined {
    return this.next === tag ? this.read(tag) : undefined
  }

  /** A cursor over the content of the next element. */
  enter(tag: number): DerCursor {
    return new DerCursor(this.read(tag), this._malformed)
  }

  /** Throws unless everything was read. */
  end(): void {
    if (this._at < this._bytes.byteLength) throw this._malformed('something follows it')
  }

  private _header(tag: number): { start: number; end: number } {
    const bytes = this._bytes
    const at = this._at
    if (bytes[at] !== tag) throw this._malformed('an element is missing or of another type')
    const first = bytes[at + 1] ?? 0x80
    const count = first < 0x80 ? 0 : first - 0x80
    const start = at + 2 + count
    if (first === 0x80 || count > 2 || start > bytes.byteLength) throw this._malformed('a length is none')
    let length = first
    if (count > 0) length = count === 1 ? bytes[at + 2]! : (bytes[at + 2]! << 8) | bytes[at + 3]!
    // There is one form for each length, the shortest (X.690, section 10.1).
    if (count > 0 && lengthOctets(length).length !== 1 + count) {
      throw this._malformed('a length is not in its shortest form')
    }
    const end = start + length
    if (end > bytes.byteLength) throw this._malformed('it is cut off')
    return { start, end }
  }
}

/** An element, of at most 65,535 bytes of content. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = contents.reduce((sum, { byteLength }) => sum + byteLength, 0)
  return concat([Uint8Array.of(tag, ...lengthOctets(length)), ...contents])
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length]
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
}
