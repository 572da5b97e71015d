import type { Reader } from './reader.ts'
import type { CompiledField, Values } from './schema.ts'
import type { ScalarType } from './types.ts'

/**
 * Reads fields up to the reader's end. A message field that occurs again merges into `previous`, any other replaces it
 * (protobuf encoding guide, "Last One Wins"); each occurrence of a message must leave its required fields set.
 */
export function readFields(
  table: readonly CompiledField[],
  byNumber: ReadonlyMap<number, CompiledField>,
  reader: Reader,
  previous: Values | undefined
): Values {
  const values = previous ?? initialValues(table)
  const outerField = reader.field
  while (reader.at < reader.end) {
    const tag = reader.tag()
    const field = byNumber.get(tag >>> 3)
    if (field === undefined) {
      reader.skip(tag)
      continue
    }
    reader.field = field.name
    if (field.presence === 'repeated') readRepeated(field, tag & 7, values[field.name] as unknown[], reader)
    else {
      if ((tag & 7) !== field.type.wireType) wrongWireType(reader)
      values[field.name] = field.type.read(reader, values[field.name])
    }
    reader.field = outerField
  }
  for (const { name, presence } of table) {
    if (presence !== 'required' || values[name] !== undefined) continue
    reader.field = name
    reader.fail('ERR_PROTOBUF_REQUIRED', 'required field is absent')
  }
  return values
}

function initialValues(table: readonly CompiledField[]): Values {
  const values: Values = {}
  for (const { name, presence, type } of table) {
    if (presence === 'repeated') values[name] = []
    else if (presence === 'implicit') values[name] = (type as ScalarType<unknown>).initial
  }
  return values
}

function readRepeated(field: CompiledField, wireType: number, into: unknown[], reader: Reader): void {
  if (wireType === field.type.wireType) return readItem(field, into, reader)
  // Numbers come alone or as a run, whichever the schema says.
  if (wireType !== 2) wrongWireType(reader)
  const outerEnd = reader.end
  reader.end = reader.lengthEnd()
  while (reader.at < reader.end) readItem(field, into, reader)
  reader.end = outerEnd
}

function readItem(field: CompiledField, into: unknown[], reader: Reader): void {
  if (into.length >= field.maximum) {
    reader.fail('ERR_PROTOBUF_COUNT', `more than ${field.maximum} occurrences, the most that are accepted`)
  }
  into.push(field.type.read(reader, undefined))
}

function wrongWireType(reader: Reader): never {
  return reader.fail('ERR_PROTOBUF_WIRE_TYPE', 'wire type is not that of the field')
}
