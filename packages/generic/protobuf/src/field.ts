import { ProtobufError } from './errors.ts'
import type { ScalarType, ValueType, VarintType } from './types.ts'

/**
 * What becomes of a field that is absent: `optional` has no key, `required` is an error, `implicit` (proto3 without the
 * word `optional`) has its type's default value, `repeated` is an empty array.
 */
export type Presence = 'optional' | 'required' | 'implicit' | 'repeated'

/** A type with the rule of its presence. */
export interface Rule<T, P extends Presence> {
  /** How one value is measured, written and read. */
  readonly type: ValueType<T>
  /** What becomes of the field when it is absent. */
  readonly presence: P
  /** Occurrences that are accepted; 1 where a field is not repeated, and the last counts. */
  readonly maximum: number
  /** Whether a repeated field is written as one run of numbers. Both forms are read. */
  readonly packed: boolean
}

/** A field of a message. */
export interface Field<T, P extends Presence> extends Rule<T, P> {
  /** 1 to 2^29 - 1, without 19000 to 19999. */
  readonly number: number
}

/** A field whose absence is an error, when read and when written. */
export function required<T>(type: ValueType<T>): Rule<T, 'required'> {
  return { type, presence: 'required', maximum: 1, packed: false }
}

/** A field of proto3 without `optional`: its default value (0, false, '', no bytes) is not written, and is what an absent one reads as. */
export function implicit<T>(type: ScalarType<T>): Rule<T, 'implicit'> {
  return { type, presence: 'implicit', maximum: 1, packed: false }
}

/** A field that may occur up to `maximum` times; more are an error, as each may cost far more memory than its bytes. */
export function repeated<T>(type: ValueType<T>, maximum: number): Rule<T, 'repeated'> {
  checkMaximum(maximum)
  return { type, presence: 'repeated', maximum, packed: false }
}

/** As `repeated`, written as one run (the default of proto3 for numbers). */
export function packed<T>(type: VarintType<T>, maximum: number): Rule<T, 'repeated'> {
  checkMaximum(maximum)
  return { type, presence: 'repeated', maximum, packed: true }
}

/** The field of that number, optional unless a rule says otherwise. Throws `ERR_PROTOBUF_SCHEMA`. */
export function field<T, P extends Presence>(number: number, rule: Rule<T, P>): Field<T, P>
export function field<T>(number: number, type: ValueType<T>): Field<T, 'optional'>
export function field<T>(number: number, of: Rule<T, Presence> | ValueType<T>): Field<T, Presence> {
  // 19000 to 19999 are protobuf's own.
  const reserved = number >= 19_000 && number <= 19_999
  if (!Number.isInteger(number) || number < 1 || number >= 2 ** 29 || reserved) {
    throw new ProtobufError('ERR_PROTOBUF_SCHEMA', `${number} is no field number`)
  }
  if ('presence' in of) return { ...of, number }
  return { type: of, presence: 'optional', maximum: 1, packed: false, number }
}

function checkMaximum(maximum: number): void {
  if (Number.isSafeInteger(maximum) && maximum > 0) return
  throw new ProtobufError('ERR_PROTOBUF_SCHEMA', 'a repeated field needs a maximum of at least 1')
}
