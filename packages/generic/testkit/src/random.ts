import { TestkitError } from './errors.ts'

/** Numbers that look random and are the same for the same seed. Not for secrets. */
export interface Random {
  /** A number of [0, 1). */
  next(): number
  /** An integer of [0, limit). */
  integer(limit: number): number
  /** True with the given probability of 0 to 1. At 0 and 1 no number is drawn. */
  chance(probability: number): boolean
  /** Fresh bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer>
  /**
   * A generator of its own for one part of a test: what one part draws does not change what another gets. Depends on the
   * seed and the label only, not on what was drawn before.
   */
  fork(label: string): Random
}

/** Random numbers of a seed, an integer of 0 to 2^32-1 (mulberry32, its output checked against the reference). */
export function seededRandom(seed: number): Random {
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new TestkitError('ERR_OPTION', `seed is ${seed}, not an integer of 0 to 2^32-1`)
  }
  let state = seed

  const word = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const next = (): number => word() / 2 ** 32

  return {
    next,
    integer: limit => Math.floor(next() * limit),
    chance: probability => probability > 0 && (probability >= 1 || next() < probability),
    bytes: length => {
      const bytes = new Uint8Array(length)
      for (let i = 0; i < length; i++) bytes[i] = word() >>> 24
      return bytes
    },
    fork: label => seededRandom(hash(label, seed))
  }
}

// FNV-1a over the seed and the text: spreads labels that differ in one character.
function hash(text: string, seed: number): number {
  let value = (0x811c9dc5 ^ seed) >>> 0
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0
  return value
}
