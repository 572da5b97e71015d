// New inputs from known ones.

/** Longest input, in bytes: enough for several frames of any protocol here, short enough to run often. */
export const maxInputLength = 2048

const borders = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff]

/** Byte strings that a decoder of these sources is likely to know: its literals as integers, varints and texts. */
export function dictionaryOf(numbers, texts) {
  const entries = []
  for (const value of new Set([...borders, ...numbers])) {
    if (value < 0) continue
    if (value <= 0xff) entries.push(Uint8Array.of(value))
    if (value <= 0xffff) {
      entries.push(Uint8Array.of(value >> 8, value & 0xff), Uint8Array.of(value & 0xff, value >> 8))
    }
    if (value <= 0xffffffff) {
      const bytes = new Uint8Array(4)
      new DataView(bytes.buffer).setUint32(0, value)
      entries.push(bytes, bytes.toReversed())
    }
    if (value > 0x7f) entries.push(varint(value))
  }
  const encoder = new TextEncoder()
  for (const text of texts) {
    const bytes = encoder.encode(text)
    entries.push(bytes, join(varint(bytes.length), bytes), join(varint(bytes.length + 1), bytes, Uint8Array.of(10)))
  }
  return entries
}

/** One to eight changes of `parent`; `other` is spliced in at times. Never writes to either. */
export function mutate(parent, other, dictionary, random) {
  let bytes = parent.slice()
  for (let changes = 1 << random.integer(4); changes > 0; changes--) {
    bytes = mutations[random.integer(mutations.length)](bytes, other, dictionary, random)
  }
  return bytes.length > maxInputLength ? bytes.subarray(0, maxInputLength) : bytes
}

const mutations = [
  // flip a bit
  (bytes, _other, _dictionary, random) => {
    if (bytes.length > 0) bytes[random.integer(bytes.length)] ^= 1 << random.integer(8)
    return bytes
  },
  // any byte
  (bytes, _other, _dictionary, random) => {
    if (bytes.length > 0) bytes[random.integer(bytes.length)] = random.integer(256)
    return bytes
  },
  // a little more or less
  (bytes, _other, _dictionary, random) => {
    if (bytes.length > 0) bytes[random.integer(bytes.length)] += random.integer(33) - 16
    return bytes
  },
  // write a known value over what is there
  (bytes, _other, dictionary, random) => {
    const entry = dictionary[random.integer(dictionary.length)]
    if (entry.length <= bytes.length) bytes.set(entry, random.integer(bytes.length - entry.length + 1))
    return bytes
  },
  // insert a known value
  (bytes, _other, dictionary, random) =>
    insert(bytes, dictionary[random.integer(dictionary.length)], random.integer(bytes.length + 1)),
  // insert random bytes
  (bytes, _other, _dictionary, random) => {
    const extra = Uint8Array.from({ length: 1 + random.integer(16) }, () => random.integer(256))
    return insert(bytes, extra, random.integer(bytes.length + 1))
  },
  // cut the end off
  (bytes, _other, _dictionary, random) => bytes.slice(0, random.integer(bytes.length + 1)),
  // take a piece out
  (bytes, _other, _dictionary, random) => {
    const from = random.integer(bytes.length + 1)
    return join(bytes.subarray(0, from), bytes.subarray(from + 1 + random.integer(32)))
  },
  // say a piece twice
  (bytes, _other, _dictionary, random) => {
    const from = random.integer(bytes.length + 1)
    const to = Math.min(bytes.length, from + 1 + random.integer(64))
    return insert(bytes, bytes.slice(from, to), to)
  },
  // the beginning of one, the end of another
  (bytes, other, _dictionary, random) =>
    join(bytes.subarray(0, random.integer(bytes.length + 1)), other.subarray(random.integer(other.length + 1)))
]

function insert(bytes, entry, at) {
  return join(bytes.subarray(0, at), entry, bytes.subarray(at))
}

function join(...parts) {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

function varint(value) {
  const bytes = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  return Uint8Array.of(...bytes, rest)
}
