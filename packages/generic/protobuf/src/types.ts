import type { Plan, Writer } from './writer.ts'
import type { Reader } from './reader.ts'

/** How values of one type are measured, written and read: made by `bytes()`, `uint32()` ... and by `message()`. */
export interface ValueType<T> {
  /** 0 varint, 2 length and bytes. */
  readonly wireType: 0 | 2
  /** Bytes that the value takes behind its tag. Checks it: what is measured can be written. */
  readonly measure: (value: T, plan: Plan) => number
  /** Writes the value that was measured. */
  readonly write: (value: T, writer: Writer) => void
  /** Reads one value. `previous` is that of an earlier occurrence of the field: messages merge into it. */
  readonly read: (reader: Reader, previous: T | undefined) => T
}

/** A type with a default value, which `implicit` needs. */
export interface ScalarType<T> extends ValueType<T> {
  /** The type's default value, as proto3 has it: 0, false, '' or no bytes. */
  readonly initial: T
  /** Whether a value is the default one, so that `implicit` does not write it. */
  readonly isInitial: (value: T) => boolean
}

/** A type of numbers, which `packed` needs. */
export interface VarintType<T> extends ScalarType<T> {
  readonly wireType: 0
}
