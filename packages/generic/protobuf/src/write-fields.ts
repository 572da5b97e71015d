import type { CompiledField, Values } from './schema.ts'
import type { ScalarType } from './types.ts'
import { type Plan, varintSize, type Writer } from './writer.ts'

/** Bytes that the fields take. Throws where a value does not fit its field. */
export function measureFields(table: readonly CompiledField[], values: Values, plan: Plan): number {
  let size = 0
  const outerField = plan.field
  if (typeof values !== 'object' || values === null) plan.fail('ERR_PROTOBUF_VALUE', 'value is no object')
  for (const field of table) {
    plan.field = field.name
    const value = values[field.name]
    if (value === undefined && field.presence === 'required') {
      plan.fail('ERR_PROTOBUF_REQUIRED', 'required field is absent')
    }
    if (isWritten(field, value)) size += measureField(field, value, plan)
  }
  plan.field = outerField
  return size
}

/** Writes what was measured. */
export function writeFields(table: readonly CompiledField[], values: Values, writer: Writer): void {
  for (const field of table) {
    const value = values[field.name]
    if (!isWritten(field, value)) continue
    if (field.packed) {
      writer.varint(tagOf(field), 0)
      writer.varint(writer.planned() as number, 0)
      for (const item of value as unknown[]) field.type.write(item, writer)
      continue
    }
    for (const item of field.presence === 'repeated' ? (value as unknown[]) : [value]) {
      writer.varint(tagOf(field), 0)
      field.type.write(item, writer)
    }
  }
}

function measureField(field: CompiledField, value: unknown, plan: Plan): number {
  const { type, presence, maximum } = field
  const tagSize = varintSize(tagOf(field), 0)
  if (presence !== 'repeated') return tagSize + type.measure(value, plan)
  if (!Array.isArray(value)) plan.fail('ERR_PROTOBUF_VALUE', 'value is no array')
  const items = value as unknown[]
  if (items.length > maximum) plan.fail('ERR_PROTOBUF_COUNT', `${items.length} values, at most ${maximum} are accepted`)
  const measureItems = (): number => {
    let size = 0
    for (const item of items) size += type.measure(item, plan)
    return size
  }
  if (field.packed) return tagSize + plan.delimited(measureItems)
  return items.length * tagSize + measureItems()
}

function isWritten({ presence, type, packed }: CompiledField, value: unknown): boolean {
  if (value === undefined) return false
  if (presence === 'implicit') return !(type as ScalarType<unknown>).isInitial(value)
  return !packed || !Array.isArray(value) || value.length !== 0
}

function tagOf({ number, packed, type }: CompiledField): number {
  return ((number << 3) | (packed ? 2 : type.wireType)) >>> 0
}
