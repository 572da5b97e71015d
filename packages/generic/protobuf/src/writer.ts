import { ProtobufError, type ProtobufErrorCode } from './errors.ts'

/**
 * What measuring found out and writing needs again, in the order of the message: lengths of nested messages and packed
 * fields, and texts as UTF-8.
 */
export class Plan {
  readonly steps: Array<number | Uint8Array> = []
  /** Name of the field that is being measured, for errors. */
  field: string | undefined

  fail(code: ProtobufErrorCode, message: string): never {
    throw new ProtobufError(code, message, this.field)
  }

  /** Notes the length that `measure` gives, before all that it notes itself. Returns it with its prefix. */
  delimited(measure: () => number): number {
    const index = this.steps.push(0) - 1
    const length = measure()
    this.steps[index] = length
    return varintSize(length, 0) + length
  }
}

/** Writes into one buffer of the measured size. */
export class Writer {
  readonly bytes: Uint8Array<ArrayBuffer>
  private readonly _steps: ReadonlyArray<number | Uint8Array>
  private _next = 0
  private _at = 0

  constructor(size: number, plan: Plan) {
    this.bytes = new Uint8Array(size)
    this._steps = plan.steps
  }

  /** The next note of the plan. */
  planned(): number | Uint8Array {
    return this._steps[this._next++]!
  }

  /** A varint of two unsigned halves of 32 bits. */
  varint(low: number, high: number): void {
    let l = low
    let h = high
    while (h > 0) {
      this.bytes[this._at++] = (l & 0x7f) | 0x80
      l = ((l >>> 7) | (h << 25)) >>> 0
      h >>>= 7
    }
    while (l > 0x7f) {
      this.bytes[this._at++] = (l & 0x7f) | 0x80
      l >>>= 7
    }
    this.bytes[this._at++] = l
  }

  /** Bytes behind their length. */
  delimited(value: Uint8Array): void {
    this.varint(value.byteLength, 0)
    this.bytes.set(value, this._at)
    this._at += value.byteLength
  }
}

/** Bytes that the varint of two unsigned halves takes. */
export function varintSize(low: number, high: number): number {
  const bits = high === 0 ? 32 - Math.clz32(low) : 64 - Math.clz32(high)
  return bits === 0 ? 1 : Math.ceil(bits / 7)
}
