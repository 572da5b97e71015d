import { fromHex, toHex } from '@weft/bytes'
import { describe, expect, it } from 'vitest'
import {
  bool,
  bytes,
  defaultMaxSize,
  enumeration,
  field,
  implicit,
  type Infer,
  int32,
  int64,
  int64Number,
  type MessageCodec,
  message,
  packed,
  repeated,
  required,
  sint32,
  sint64,
  string,
  uint32,
  uint64,
  uint64Number
} from './index.ts'

interface Other {
  name?: string
}

interface Exchange {
  id: Uint8Array
  pubkey?: Uint8Array
  addrs: Uint8Array[]
  kind: number
  nested?: Other
}

const otherMessage: MessageCodec<Other> = message<Other>({ name: field(1, string({ maxLength: 8 })) })

const exchangeMessage: MessageCodec<Exchange> = message<Exchange>({
  nested: field(5, otherMessage),
  id: field(1, required(bytes({ maxLength: 4 }))),
  pubkey: field(2, bytes()),
  addrs: field(3, repeated(bytes(), 3)),
  kind: field(4, implicit(enumeration()))
})

const failing = (code: string, name?: string) =>
  expect.objectContaining({ name: 'ProtobufError', code, ...(name === undefined ? {} : { field: name }) })

describe('message', () => {
  const golden =
    '0a020102' + // 1, length: id
    '1a01aa' + // 3, length: first address
    '1a00' + // 3, length: second address, empty
    '2002' + // 4, varint: kind
    '2a030a0178' // 5, length: nested { 1, length: 'x' }

  it('writes in the order of numbers and reads it back', () => {
    const value = {
      nested: { name: 'x' },
      kind: 2,
      addrs: [fromHex('aa'), fromHex('')],
      id: fromHex('0102')
    }
    expect(toHex(exchangeMessage.encode(value))).toBe(golden)
    expect(exchangeMessage.decode(fromHex(golden))).toEqual(value)
  })

  it('has no key for an absent optional field, a default for an implicit one', () => {
    const value = exchangeMessage.decode(fromHex('0a00'))
    expect(Object.keys(value).sort()).toEqual(['addrs', 'id', 'kind'])
    expect(value).toEqual({ id: fromHex(''), addrs: [], kind: 0 })
    expect(toHex(exchangeMessage.encode(value))).toBe('0a00')
  })

  it('writes an optional field that holds its default', () => {
    expect(toHex(otherMessage.encode({ name: '' }))).toBe('0a00')
    expect(otherMessage.decode(fromHex('0a00'))).toEqual({ name: '' })
  })

  it('infers the type', () => {
    const inferred = message({
      a: field(1, required(uint32())),
      b: field(2, string()),
      c: field(3, repeated(otherMessage, 2)),
      d: field(4, implicit(uint64()))
    })
    const value: Infer<typeof inferred> = { a: 1, c: [{ name: 'n' }], d: 0n }
    expect(inferred.decode(inferred.encode(value))).toEqual(value)
    // @ts-expect-error `a` is required
    expect(() => inferred.encode({ c: [], d: 0n })).toThrow(failing('ERR_PROTOBUF_REQUIRED', 'a'))
  })

  it('checks the fields against the type', () => {
    // @ts-expect-error an optional key cannot be required
    message<Other>({ name: field(1, required(string())) })
    // @ts-expect-error of another type
    message<Other>({ name: field(1, bytes()) })
    // @ts-expect-error an array must be repeated
    message<{ list: number[] }>({ list: field(1, required(uint32())) })
    // @ts-expect-error a field is missing
    message<Other>({})
  })

  it('reads views of the input', () => {
    const input = fromHex('0a020102')
    const { id } = exchangeMessage.decode(input)
    input[2] = 9
    expect(toHex(id)).toBe('0902')
  })

  it('takes the last of several values and merges messages', () => {
    const schema = message({
      n: field(1, uint32()),
      m: field(2, message({ a: field(1, uint32()), b: field(2, uint32()), list: field(3, repeated(uint32(), 2)) }))
    })
    expect(schema.decode(fromHex('0801' + '0802'))).toEqual({ n: 2 })
    expect(schema.decode(fromHex('120408011801' + '1206080210031802'))).toEqual({ m: { a: 2, b: 3, list: [1, 2] } })
  })

  it('refuses a schema that cannot be', () => {
    expect(() => message({ a: field(1, bool()), b: field(1, bool()) })).toThrow(failing('ERR_PROTOBUF_SCHEMA', 'b'))
    for (const number of [0, -1, 1.5, 19_000, 2 ** 29]) {
      expect(() => field(number, bool())).toThrow(failing('ERR_PROTOBUF_SCHEMA'))
    }
    for (const maximum of [0, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => repeated(bool(), maximum)).toThrow(failing('ERR_PROTOBUF_SCHEMA'))
    }
  })
})

describe('numbers', () => {
  const all = message({
    uint32: field(1, uint32()),
    uint64: field(2, uint64()),
    uint64Number: field(3, uint64Number()),
    int32: field(4, int32()),
    int64: field(5, int64()),
    int64Number: field(6, int64Number()),
    sint32: field(7, sint32()),
    sint64: field(8, sint64()),
    bool: field(9, bool()),
    enumeration: field(10, enumeration())
  })

  it.each<[string, Infer<typeof all>]>([
    ['0800', { uint32: 0 }],
    ['08ffffffff0f', { uint32: 2 ** 32 - 1 }],
    ['10ffffffffffffffffff01', { uint64: 2n ** 64n - 1n }],
    ['18ffffffffffffff0f', { uint64Number: Number.MAX_SAFE_INTEGER }],
    ['188080808010', { uint64Number: 2 ** 32 }],
    ['20ffffffffffffffffff01', { int32: -1 }],
    ['2080808080f8ffffffff01', { int32: -(2 ** 31) }],
    ['2880808080808080808001', { int64: -(2n ** 63n) }],
    ['3081808080808080f0ff01', { int64Number: -Number.MAX_SAFE_INTEGER }],
    ['38ffffffff0f', { sint32: -(2 ** 31) }],
    ['3801', { sint32: -1 }],
    ['4003', { sint64: -2n }],
    ['40ffffffffffffffffff01', { sint64: -(2n ** 63n) }],
    ['4801', { bool: true }],
    ['5063', { enumeration: 99 }],
    ['50ffffffffffffffffff01', { enumeration: -1 }]
  ])('%s is %o', (hex, value) => {
    expect(toHex(all.encode(value))).toBe(hex)
    expect(all.decode(fromHex(hex))).toEqual(value)
  })

  it('drops the bits that 32 do not hold, and reads what is not minimal', () => {
    expect(all.decode(fromHex('0881808080f0ffffffff01'))).toEqual({ uint32: 1 })
    expect(all.decode(fromHex('088100'))).toEqual({ uint32: 1 })
    expect(all.decode(fromHex('4880808080808080808001'))).toEqual({ bool: true })
  })

  it.each([
    ['08ffffffffffffffffff02', 'ERR_PROTOBUF_VARINT'], // bit 65
    ['0880808080808080808080808001', 'ERR_PROTOBUF_VARINT'], // varint-overlong, longer still
    ['188080808080808010', 'ERR_PROTOBUF_RANGE'], // 2^53
    ['3080808080808080f0ff01', 'ERR_PROTOBUF_RANGE'] // -2^53
  ])('refuses %s with %s', (hex, code) => {
    expect(() => all.decode(fromHex(hex))).toThrow(failing(code))
  })

  it.each<[Infer<typeof all>, string]>([
    [{ uint32: -1 }, 'uint32'],
    [{ uint32: 2 ** 32 }, 'uint32'],
    [{ uint32: 1.5 }, 'uint32'],
    [{ uint64: 2n ** 64n }, 'uint64'],
    [{ uint64Number: 2 ** 53 }, 'uint64Number'],
    [{ int32: 2 ** 31 }, 'int32'],
    [{ int64: 2n ** 63n }, 'int64'],
    [{ sint32: Number.NaN }, 'sint32'],
    [{ bool: 1 as unknown as boolean }, 'bool'],
    [{ uint64: 1 as unknown as bigint }, 'uint64']
  ])('does not write %o', (value, name) => {
    expect(() => all.encode(value)).toThrow(failing('ERR_PROTOBUF_VALUE', name))
  })

  it('reads runs and single numbers alike', () => {
    const run = message({ list: field(4, packed(uint32(), 4)) })
    const single = message({ list: field(4, repeated(uint32(), 4)) })
    const value = { list: [3, 270, 86942] }
    expect(toHex(run.encode(value))).toBe('2206038e029ea705') // protobuf encoding guide, "Packed"
    expect(toHex(single.encode(value))).toBe('2003208e02209ea705')
    for (const codec of [run, single]) {
      expect(codec.decode(run.encode(value))).toEqual(value)
      expect(codec.decode(single.encode(value))).toEqual(value)
      expect(codec.decode(fromHex('22020102' + '2003'))).toEqual({ list: [1, 2, 3] })
    }
    expect(toHex(run.encode({ list: [] }))).toBe('')
  })
})

describe('hostile bytes', () => {
  it.each([
    ['12ffffffff7f', 'ERR_PROTOBUF_TRUNCATED'], // pb-len-lie
    ['120a00', 'ERR_PROTOBUF_TRUNCATED'],
    ['0a', 'ERR_PROTOBUF_TRUNCATED'],
    ['2a020a02', 'ERR_PROTOBUF_TRUNCATED'], // the inner field runs past its message
    ['39000000', 'ERR_PROTOBUF_TRUNCATED'],
    ['0b'.repeat(513), 'ERR_PROTOBUF_WIRE_TYPE'], // pb-deep-group, where 1 is known
    ['3b'.repeat(513), 'ERR_PROTOBUF_DEPTH'], // pb-deep-group, where it is not
    ['3b', 'ERR_PROTOBUF_TRUNCATED'],
    ['3b44', 'ERR_PROTOBUF_TAG'], // the group of 7 ends as 8
    ['3c', 'ERR_PROTOBUF_TAG'],
    ['00', 'ERR_PROTOBUF_TAG'],
    ['3e', 'ERR_PROTOBUF_TAG'],
    ['0801', 'ERR_PROTOBUF_WIRE_TYPE'],
    ['2200', 'ERR_PROTOBUF_WIRE_TYPE'],
    ['1a001a001a001a00', 'ERR_PROTOBUF_COUNT'],
    ['0a050102030405', 'ERR_PROTOBUF_LENGTH'],
    ['2a030a01ff', 'ERR_PROTOBUF_TEXT'],
    ['', 'ERR_PROTOBUF_REQUIRED']
  ])('%s is refused with %s', (hex, code) => {
    expect(() => exchangeMessage.decode(fromHex(hex))).toThrow(failing(code))
  })

  it('names the field', () => {
    expect(() => exchangeMessage.decode(fromHex('0a050102030405'))).toThrow('id: 5 bytes, at most 4 are accepted')
    expect(() => exchangeMessage.decode(fromHex('2a030a01ff'))).toThrow(failing('ERR_PROTOBUF_TEXT', 'name'))
    expect(() => exchangeMessage.decode(fromHex('2000'))).toThrow(failing('ERR_PROTOBUF_REQUIRED', 'id'))
  })

  it('skips unknown fields of every kind', () => {
    const unknown =
      '38ffffffffffffffffff01' + '390102030405060708' + '3a0161' + '3b08010b0c433d0102030444' + '3c' + '3d01020304'
    expect(otherMessage.decode(fromHex(unknown + '0a0178'))).toEqual({ name: 'x' })
    const deepest = '3b'.repeat(15) + '3c'.repeat(15)
    expect(otherMessage.decode(fromHex(deepest))).toEqual({})
    expect(() => otherMessage.decode(fromHex(`3b${deepest}3c`))).toThrow(failing('ERR_PROTOBUF_DEPTH'))
  })

  it('counts a run against the maximum', () => {
    const list = message({ list: field(1, packed(uint32(), 2)) })
    expect(() => list.decode(fromHex('0a03000000'))).toThrow(failing('ERR_PROTOBUF_COUNT', 'list'))
    expect(() => list.decode(fromHex('0a0180'))).toThrow(failing('ERR_PROTOBUF_TRUNCATED', 'list'))
  })

  it('limits the whole', () => {
    expect(() => otherMessage.decode(new Uint8Array(defaultMaxSize + 1))).toThrow(failing('ERR_PROTOBUF_SIZE'))
    expect(() => otherMessage.decode(fromHex('0a0178'), { maxSize: 2 })).toThrow(failing('ERR_PROTOBUF_SIZE'))
  })

  it('keeps names from the wire out of objects', () => {
    // pb-proto-key: an entry of a map<string, string> is a message { key = 1, value = 2 }
    const entries = message({
      entries: field(1, repeated(message({ key: field(1, string()), value: field(2, string()) }), 2))
    })
    const value = { entries: [{ key: '__proto__', value: 'a' }, { key: 'constructor' }] }
    expect(entries.decode(entries.encode(value))).toEqual(value)
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})

describe('encode', () => {
  it.each<[unknown, string]>([
    [{ id: fromHex('0102030405'), addrs: [], kind: 0 }, 'ERR_PROTOBUF_LENGTH'],
    [{ id: 'text', addrs: [], kind: 0 }, 'ERR_PROTOBUF_VALUE'],
    [{ id: fromHex(''), addrs: new Array(4).fill(fromHex('')), kind: 0 }, 'ERR_PROTOBUF_COUNT'],
    [{ id: fromHex(''), addrs: new Array(1), kind: 0 }, 'ERR_PROTOBUF_VALUE'],
    [{ id: fromHex(''), addrs: null, kind: 0 }, 'ERR_PROTOBUF_VALUE'],
    [{ id: fromHex(''), addrs: [], kind: null }, 'ERR_PROTOBUF_VALUE'],
    [{ id: fromHex(''), addrs: [], kind: 0, nested: 1 }, 'ERR_PROTOBUF_VALUE'],
    [{ id: fromHex(''), addrs: [], kind: 0, nested: { name: 1 } }, 'ERR_PROTOBUF_VALUE'],
    [{ id: fromHex(''), addrs: [], kind: 0, nested: { name: 'longer than 8' } }, 'ERR_PROTOBUF_LENGTH'],
    [{ addrs: [], kind: 0 }, 'ERR_PROTOBUF_REQUIRED'],
    [null, 'ERR_PROTOBUF_VALUE']
  ])('refuses %o with %s', (value, code) => {
    expect(() => exchangeMessage.encode(value as Exchange)).toThrow(failing(code))
  })
})
