import { toHex } from '@weft/bytes'
import {
  bytes,
  enumeration,
  field,
  implicit,
  int64Number,
  message,
  packed,
  repeated,
  required,
  sint64,
  string
} from '@weft/protobuf'

export const name = 'protobuf-decode'

const leaf = message({ key: field(1, required(bytes({ maxLength: 32 }))), text: field(2, string()) })

const codec = message({
  id: field(1, bytes({ maxLength: 64 })),
  kind: field(2, implicit(enumeration())),
  time: field(3, int64Number()),
  leaf: field(4, leaf),
  leaves: field(5, repeated(leaf, 8)),
  run: field(6, packed(sint64(), 16)),
  inner: field(7, message({ leaves: field(1, repeated(leaf, 2)) }))
})

/** Any input decodes or fails with ProtobufError; what decodes is written in one form, which reads the same. */
export function fuzz(input: Uint8Array): void {
  let decoded: ReturnType<typeof codec.decode>
  try {
    decoded = codec.decode(input)
  } catch (error) {
    if ((error as Error).name !== 'ProtobufError') throw error
    return
  }
  if (decoded.leaves.length > 8 || decoded.run.length > 16) throw new Error('more items than the schema accepts')
  const encoded = codec.encode(decoded)
  const again = codec.encode(codec.decode(encoded))
  if (toHex(again) !== toHex(encoded)) throw new Error('a second round gives other bytes')
}
