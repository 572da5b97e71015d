// The same schema and values in protobufjs: both must write the same bytes and read the same values.
import { equals, toHex } from '@weft/bytes'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, it } from 'vitest'
import {
  bool,
  bytes,
  enumeration,
  field,
  implicit,
  type Infer,
  int32,
  int64,
  message,
  packed,
  repeated,
  sint32,
  sint64,
  string,
  uint32,
  uint64
} from './index.ts'

const inner = message({ name: field(1, string()), count: field(2, implicit(uint32())) })

const ours = message({
  bytes: field(1, bytes()),
  string: field(2, string()),
  uint32: field(3, uint32()),
  uint64: field(4, uint64()),
  int32: field(5, int32()),
  int64: field(6, int64()),
  sint32: field(7, sint32()),
  sint64: field(8, sint64()),
  bool: field(9, bool()),
  kind: field(10, enumeration()),
  inner: field(11, inner),
  inners: field(16, repeated(inner, 1000)),
  texts: field(300, repeated(string(), 1000)),
  run: field(5000, packed(sint64(), 1000)),
  plain: field(536870911, repeated(int32(), 1000))
})

type Message = Infer<typeof ours>

const theirs = protobuf
  .parse(`
    syntax = "proto3";
    enum Kind { NONE = 0; ONE = 1; }
    message Inner { optional string name = 1; uint32 count = 2; }
    message Message {
      optional bytes bytes = 1;
      optional string string = 2;
      optional uint32 uint32 = 3;
      optional uint64 uint64 = 4;
      optional int32 int32 = 5;
      optional int64 int64 = 6;
      optional sint32 sint32 = 7;
      optional sint64 sint64 = 8;
      optional bool bool = 9;
      optional Kind kind = 10;
      optional Inner inner = 11;
      repeated Inner inners = 16;
      repeated string texts = 300;
      repeated sint64 run = 5000;
      repeated int32 plain = 536870911 [packed = false];
    }`)
  .root.lookupType('Message')

const text = fc.string({ unit: 'binary', maxLength: 20 })
const signed = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const innerValue = fc.record(
  { name: text, count: fc.integer({ min: 0, max: 2 ** 32 - 1 }) },
  { requiredKeys: ['count'], noNullPrototype: true }
)

const value: fc.Arbitrary<Message> = fc.record(
  {
    bytes: fc.uint8Array({ maxLength: 300 }),
    string: text,
    uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    int32: int,
    int64: signed,
    sint32: int,
    sint64: signed,
    bool: fc.boolean(),
    kind: int,
    inner: innerValue,
    inners: fc.array(innerValue, { maxLength: 4 }),
    texts: fc.array(text, { maxLength: 4 }),
    run: fc.array(signed, { maxLength: 20 }),
    plain: fc.array(int, { maxLength: 4 })
  },
  { requiredKeys: ['inners', 'texts', 'run', 'plain'], noNullPrototype: true }
)

type Bigs = 'uint64' | 'int64' | 'sint64' | 'run'

/** The message with its 64-bit numbers in another form. */
function mapBigs<T>(message: Message, map: (value: bigint) => T): Omit<Message, Bigs> & Partial<Record<Bigs, unknown>> {
  const mapped: Omit<Message, Bigs> & Partial<Record<Bigs, unknown>> = { ...message, run: message.run.map(map) }
  for (const name of ['uint64', 'int64', 'sint64'] as const) {
    const big = message[name]
    if (big !== undefined) mapped[name] = map(big)
  }
  return mapped
}

/** As protobufjs takes them when it has no class for them. */
const halves = (big: bigint) => ({
  low: Number(BigInt.asIntN(32, big)),
  high: Number(BigInt.asIntN(32, big >> 32n)),
  unsigned: false
})

function theirDecode(encoded: Uint8Array): Record<string, unknown> {
  const object = theirs.toObject(theirs.decode(encoded), { longs: Number, arrays: true })
  const inners = [...(object['inners'] as object[]), ...(object['inner'] === undefined ? [] : [object['inner']])]
  for (const each of inners as Array<{ count?: number }>) each.count ??= 0
  if (object['bytes'] !== undefined) object['bytes'] = Uint8Array.from(object['bytes'] as Uint8Array)
  return object
}

describe('against protobufjs', () => {
  it('writes the same bytes', () => {
    fc.assert(
      fc.property(value, message => {
        const encoded = ours.encode(message)
        const expected = theirs.encode(mapBigs(message, halves)).finish()
        if (!equals(encoded, expected)) expect(toHex(encoded)).toBe(toHex(expected))
      })
    )
  })

  it('reads the same values', () => {
    fc.assert(
      fc.property(value, message => {
        const encoded = ours.encode(message)
        expect(ours.decode(encoded)).toEqual(message)
        expect(theirDecode(encoded)).toEqual(mapBigs(message, Number))
      })
    )
  })
})

describe('any bytes', () => {
  it('decode or fail with the typed error, and what decodes is written and read the same', () => {
    // Half of them are real messages with a byte changed, which reach deeper.
    const changed = fc.tuple(value, fc.nat(), fc.integer({ min: 0, max: 255 })).map(([message, at, byte]) => {
      const encoded = ours.encode(message)
      if (encoded.length > 0) encoded[at % encoded.length] = byte
      return encoded
    })
    fc.assert(
      fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 64 })), input => {
        let decoded: Message
        try {
          decoded = ours.decode(input)
        } catch (error) {
          expect((error as Error).name).toBe('ProtobufError')
          return
        }
        expect(ours.decode(ours.encode(decoded))).toEqual(decoded)
      })
    )
  })
})
