import type { Reader } from './reader.ts'
import type { VarintType } from './types.ts'
import { varintSize } from './writer.ts'

const scale = 2 ** 32

interface Parts<T> {
  accepts: (value: T) => boolean
  /** The unsigned halves of 32 bits that are written. */
  low: (value: T) => number
  high: (value: T) => number
  join: (low: number, high: number, reader: Reader) => T
}

function varintType<T>(name: string, initial: T, { accepts, low, high, join }: Parts<T>): VarintType<T> {
  return {
    wireType: 0,
    initial,
    isInitial: value => value === initial,
    measure(value, plan) {
      if (!accepts(value)) plan.fail('ERR_PROTOBUF_VALUE', `${String(value)} is no ${name}`)
      return varintSize(low(value), high(value))
    },
    write: (value, writer) => writer.varint(low(value), high(value)),
    read(reader) {
      reader.varint()
      return join(reader.low, reader.high, reader)
    }
  }
}

const integerWithin = (min: number, max: number) => (value: number) =>
  Number.isInteger(value) && value >= min && value <= max

const bigWithin = (min: bigint, max: bigint) => (value: bigint) =>
  typeof value === 'bigint' && value >= min && value <= max

const lowOf = (value: number): number => value >>> 0
const highOf = (value: number): number => Math.floor(value / scale) >>> 0
const lowOfBig = (value: bigint): number => Number(BigInt.asUintN(32, value))
const highOfBig = (value: bigint): number => Number(BigInt.asUintN(32, value >> 32n))
const joinBig = (low: number, high: number): bigint => (BigInt(high) << 32n) | BigInt(low)

function safe(value: number, reader: Reader): number {
  if (!Number.isSafeInteger(value)) reader.fail('ERR_PROTOBUF_RANGE', 'number is not exact above 2^53-1')
  return value
}

// Zigzag: 0, -1, 1, -2 ... are written as 0, 1, 2, 3 ...
const zigzag = (value: number): number => ((value << 1) ^ (value >> 31)) >>> 0
const zigzagBig = (value: bigint): bigint => (value << 1n) ^ (value >> 63n)

const parts32 = { accepts: integerWithin(-(2 ** 31), 2 ** 31 - 1), low: lowOf, high: highOf }
const big64 = { accepts: bigWithin(-(2n ** 63n), 2n ** 63n - 1n), low: lowOfBig, high: highOfBig }

const types = {
  uint32: varintType('uint32', 0, { ...parts32, accepts: integerWithin(0, 2 ** 32 - 1), join: low => low }),
  uint64: varintType<bigint>('uint64', 0n, { ...big64, accepts: bigWithin(0n, 2n ** 64n - 1n), join: joinBig }),
  uint64Number: varintType('unsigned safe integer', 0, {
    accepts: integerWithin(0, Number.MAX_SAFE_INTEGER),
    low: lowOf,
    high: highOf,
    join: (low, high, reader) => safe(high * scale + low, reader)
  }),
  int32: varintType('int32', 0, { ...parts32, join: low => low | 0 }),
  int64: varintType<bigint>('int64', 0n, { ...big64, join: (low, high) => BigInt.asIntN(64, joinBig(low, high)) }),
  int64Number: varintType('safe integer', 0, {
    accepts: Number.isSafeInteger,
    low: lowOf,
    high: highOf,
    join: (low, high, reader) => safe((high | 0) * scale + low, reader)
  }),
  sint32: varintType('sint32', 0, {
    ...parts32,
    low: zigzag,
    high: () => 0,
    join: low => (low >>> 1) ^ -(low & 1)
  }),
  sint64: varintType<bigint>('sint64', 0n, {
    ...big64,
    low: value => lowOfBig(zigzagBig(value)),
    high: value => highOfBig(zigzagBig(value)),
    join(low, high) {
      const value = joinBig(low, high)
      return (value >> 1n) ^ -(value & 1n)
    }
  }),
  bool: varintType<boolean>('bool', false, {
    accepts: value => typeof value === 'boolean',
    low: Number,
    high: () => 0,
    join: (low, high) => (low | high) !== 0
  }),
  enumeration: varintType('enumeration value', 0, { ...parts32, join: low => low | 0 })
}

/** 0 to 2^32-1; higher bits of what is read are dropped, as protobuf has it. */
export function uint32(): VarintType<number> {
  return types.uint32
}

/** 0 to 2^64-1. */
export function uint64(): VarintType<bigint> {
  return types.uint64
}

/** A uint64 field as number: 0 to 2^53-1, `ERR_PROTOBUF_RANGE` above. */
export function uint64Number(): VarintType<number> {
  return types.uint64Number
}

/** -2^31 to 2^31-1; higher bits of what is read are dropped. Negative numbers take ten bytes. */
export function int32(): VarintType<number> {
  return types.int32
}

/** -2^63 to 2^63-1. Negative numbers take ten bytes. */
export function int64(): VarintType<bigint> {
  return types.int64
}

/** An int64 field as number: -(2^53-1) to 2^53-1, `ERR_PROTOBUF_RANGE` beyond. */
export function int64Number(): VarintType<number> {
  return types.int64Number
}

/** -2^31 to 2^31-1 in zigzag form, short for small negative numbers. */
export function sint32(): VarintType<number> {
  return types.sint32
}

/** -2^63 to 2^63-1 in zigzag form. */
export function sint64(): VarintType<bigint> {
  return types.sint64
}

/** Whatever is read and not zero is true. */
export function bool(): VarintType<boolean> {
  return types.bool
}

/** The number of an enumeration. It is open: a number that the schema does not name is handed on as it is. */
export function enumeration(): VarintType<number> {
  return types.enumeration
}
