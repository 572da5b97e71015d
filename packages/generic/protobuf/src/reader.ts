import { ProtobufError, type ProtobufErrorCode } from './errors.ts'

/** Messages and groups within one another. libp2p's deepest message has four; the rest is room for unknown fields. */
export const maxDepth = 16

/** A place in the bytes of a message. It never moves past `end`, the end of the message that is being read. */
export class Reader {
  readonly bytes: Uint8Array
  at = 0
  end: number
  /** Name of the field that is being read, for errors. */
  field: string | undefined
  /** Halves of the varint that was read last: 32 unsigned bits each. */
  low = 0
  high = 0
  private _depth = 1

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.end = bytes.byteLength
  }

  fail(code: ProtobufErrorCode, message: string): never {
    throw new ProtobufError(code, message, this.field)
  }

  /** Begins a message or group within the current one. */
  enter(): void {
    if (++this._depth > maxDepth) this.fail('ERR_PROTOBUF_DEPTH', `messages are nested deeper than ${maxDepth}`)
  }

  leave(): void {
    this._depth--
  }

  /**
   * Reads a varint of up to ten bytes into `low` and `high`. Unlike multiformats' varints it needs not be minimal, and
   * negative numbers take all ten (protobuf encoding guide, "Base 128 Varints").
   */
  varint(): void {
    const byte = this._byte()
    if (byte < 0x80) {
      this.low = byte
      this.high = 0
      return
    }
    let low = byte & 0x7f
    let high = 0
    for (let shift = 7; ; shift += 7) {
      const next = this._byte()
      const bits = next & 0x7f
      if (shift === 63 && next > 1) this.fail('ERR_PROTOBUF_VARINT', 'varint is longer than 64 bits')
      if (shift < 32) low |= bits << shift
      if (shift === 28) high = bits >>> 4
      else if (shift > 32) high |= bits << (shift - 32)
      if (next >= 0x80) continue
      this.low = low >>> 0
      this.high = high >>> 0
      return
    }
  }

  /** Field number and wire type: `number << 3 | wireType`, unsigned. */
  tag(): number {
    this.varint()
    if (this.high !== 0 || this.low < 8 || (this.low & 7) > 5) this.fail('ERR_PROTOBUF_TAG', 'bytes are no field tag')
    return this.low
  }

  /** The end of what is announced to follow here, which is known to lie within the message. */
  lengthEnd(): number {
    this.varint()
    return this._endOf(this.high === 0 ? this.low : Number.POSITIVE_INFINITY)
  }

  /** A view of the bytes behind a length, which is checked first. */
  slice(maxLength: number): Uint8Array {
    const end = this.lengthEnd()
    const length = end - this.at
    if (length > maxLength) this.fail('ERR_PROTOBUF_LENGTH', `${length} bytes, at most ${maxLength} are accepted`)
    const view = this.bytes.subarray(this.at, end)
    this.at = end
    return view
  }

  /** Passes over the value of an unknown field. */
  skip(tag: number): void {
    switch (tag & 7) {
      case 0:
        return this.varint()
      case 1:
        this.at = this._endOf(8)
        return
      case 2:
        this.at = this.lengthEnd()
        return
      case 3:
        return this._skipGroup(tag >>> 3)
      case 5:
        this.at = this._endOf(4)
        return
      default:
        this.fail('ERR_PROTOBUF_TAG', 'a group ends that did not begin')
    }
  }

  private _skipGroup(number: number): void {
    this.enter()
    for (let tag = this.tag(); (tag & 7) !== 4; tag = this.tag()) this.skip(tag)
    if (this.low >>> 3 !== number) this.fail('ERR_PROTOBUF_TAG', 'a group ends that did not begin')
    this.leave()
  }

  private _byte(): number {
    if (this.at >= this.end) this.fail('ERR_PROTOBUF_TRUNCATED', 'message ends within a field')
    return this.bytes[this.at++]!
  }

  private _endOf(length: number): number {
    if (length > this.end - this.at) this.fail('ERR_PROTOBUF_TRUNCATED', 'message ends within a field')
    return this.at + length
  }
}
