/** Codes of the hash functions used by libp2p and IPLD (multicodec table, tag "multihash"). */
export const hashCodes = {
  identity: 0x00,
  sha1: 0x11,
  'sha2-256': 0x12,
  'sha2-512': 0x13,
  'sha3-512': 0x14,
  'sha3-384': 0x15,
  'sha3-256': 0x16,
  'sha3-224': 0x17,
  'keccak-256': 0x1b,
  'keccak-512': 0x1d,
  blake3: 0x1e,
  'sha2-384': 0x20,
  'murmur3-x64-64': 0x22,
  'dbl-sha2-256': 0x56,
  md5: 0xd5,
  'blake2b-256': 0xb220,
  'blake2b-512': 0xb240,
  'blake2s-256': 0xb260
} as const

/** A name of `hashCodes`. */
export type HashName = keyof typeof hashCodes

const names = new Map<number, HashName>()

/** The name of a function in `hashCodes`; `@weft/multicodec` knows all others. */
export function hashName(code: number): HashName | undefined {
  if (names.size === 0) for (const name of Object.keys(hashCodes) as HashName[]) names.set(hashCodes[name], name)
  return names.get(code)
}
