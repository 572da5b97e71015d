import { fromUtf8, toUtf8 } from '@weft/bytes'
import type { Reader } from './reader.ts'
import type { ScalarType } from './types.ts'
import { type Plan, varintSize } from './writer.ts'

/** A limit of one bytes or string field. */
export interface LengthOptions {
  /** Bytes that are accepted, checked before they are taken. Default: as many as the whole message may have. */
  maxLength?: number
}

const empty = new Uint8Array(0)

/** Bytes. What is read is a view of the input: copy it before the input is written to again, or to keep it long. */
export function bytes({ maxLength = Number.POSITIVE_INFINITY }: LengthOptions = {}): ScalarType<Uint8Array> {
  return {
    wireType: 2,
    initial: empty,
    isInitial: value => value instanceof Uint8Array && value.byteLength === 0,
    measure(value, plan) {
      if (!(value instanceof Uint8Array)) plan.fail('ERR_PROTOBUF_VALUE', 'value is no Uint8Array')
      return measureLength(value.byteLength, maxLength, plan)
    },
    write: (value, writer) => writer.delimited(value),
    read: reader => reader.slice(maxLength)
  }
}

/** Text in UTF-8; bytes that are not valid UTF-8 are an error. `maxLength` counts bytes. */
export function string({ maxLength = Number.POSITIVE_INFINITY }: LengthOptions = {}): ScalarType<string> {
  return {
    wireType: 2,
    initial: '',
    isInitial: value => value === '',
    measure(value, plan) {
      if (typeof value !== 'string') plan.fail('ERR_PROTOBUF_VALUE', 'value is no string')
      const utf8 = fromUtf8(value)
      plan.steps.push(utf8)
      return measureLength(utf8.byteLength, maxLength, plan)
    },
    write: (_value, writer) => writer.delimited(writer.planned() as Uint8Array),
    read: reader => text(reader.slice(maxLength), reader)
  }
}

function measureLength(length: number, maxLength: number, plan: Plan): number {
  if (length > maxLength) plan.fail('ERR_PROTOBUF_LENGTH', `${length} bytes, at most ${maxLength} are accepted`)
  return varintSize(length, 0) + length
}

function text(utf8: Uint8Array, reader: Reader): string {
  try {
    return toUtf8(utf8)
  } catch {
    return reader.fail('ERR_PROTOBUF_TEXT', 'bytes are not valid UTF-8')
  }
}
