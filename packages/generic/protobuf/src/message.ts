import { ProtobufError } from './errors.ts'
import type { Field, Presence } from './field.ts'
import { readFields } from './read-fields.ts'
import { Reader } from './reader.ts'
import type { CompiledField, FieldTable, InferFields, MessageCodec, Values } from './schema.ts'
import { measureFields, writeFields } from './write-fields.ts'
import { Plan, Writer } from './writer.ts'

/** Bytes of the longest message that `decode` accepts unless told otherwise: the most that any libp2p protocol sends. */
export const defaultMaxSize: number = 4 * 1024 * 1024

/**
 * The codec of a message. With an explicit type, `message<Identify>({ ... })`, the fields are checked against it: optional
 * keys need optional fields, arrays repeated ones, all others required or implicit ones. Without, the type is inferred.
 * Throws `ERR_PROTOBUF_SCHEMA` where two fields have one number.
 */
export function message<F extends Readonly<Record<string, { number: number; presence: Presence }>>>(
  fields: F
): MessageCodec<InferFields<F>>
export function message<T extends object>(fields: FieldTable<T>): MessageCodec<T>
export function message(fields: Readonly<Record<string, Field<unknown, Presence>>>): MessageCodec<Values> {
  const table = compile(fields)
  const byNumber = new Map(table.map(compiled => [compiled.number, compiled]))
  return {
    wireType: 2,
    encode(value) {
      const plan = new Plan()
      const writer = new Writer(measureFields(table, value, plan), plan)
      writeFields(table, value, writer)
      return writer.bytes
    },
    decode(bytes, { maxSize = defaultMaxSize } = {}) {
      if (bytes.byteLength > maxSize) {
        throw new ProtobufError('ERR_PROTOBUF_SIZE', `${bytes.byteLength} bytes, at most ${maxSize} are accepted`)
      }
      return readFields(table, byNumber, new Reader(bytes), undefined)
    },
    measure: (value, plan) => plan.delimited(() => measureFields(table, value, plan)),
    write(value, writer) {
      writer.varint(writer.planned() as number, 0)
      writeFields(table, value, writer)
    },
    read(reader, previous) {
      const outerEnd = reader.end
      reader.end = reader.lengthEnd()
      reader.enter()
      const value = readFields(table, byNumber, reader, previous)
      reader.leave()
      reader.end = outerEnd
      return value
    }
  }
}

/** In the order of field numbers, in which they are written. */
function compile(fields: Readonly<Record<string, Field<unknown, Presence>>>): CompiledField[] {
  const table = Object.entries(fields).map(([name, field]) => ({ ...field, name }))
  table.sort((a, b) => a.number - b.number)
  table.forEach(({ name, number }, index) => {
    if (table[index - 1]?.number !== number) return
    throw new ProtobufError('ERR_PROTOBUF_SCHEMA', `number ${number} is taken`, name)
  })
  return table
}
