/**
 * One block of Salsa20's keystream with the whole of its counter of 64 bits, of which the library's has 32: for what a
 * connection carries beyond 256 GiB.
 *
 * @see https://cr.yp.to/snuffle/spec.pdf
 */
const rounds = 20

/** Words of each quarter round: those of the columns, then those of the rows. */
const quarters = [
  [0, 4, 8, 12],
  [5, 9, 13, 1],
  [10, 14, 2, 6],
  [15, 3, 7, 11],
  [0, 1, 2, 3],
  [5, 6, 7, 4],
  [10, 11, 8, 9],
  [15, 12, 13, 14]
] as const

/** The 64 bytes of block `counter`, an integer below 2^53. `sigma` has 4 words, the key 8, the nonce 2. */
export function salsaBlock(sigma: Uint32Array, key: Uint32Array, nonce: Uint32Array, counter: number): Uint8Array {
  const counterWords = Uint32Array.of(counter % 2 ** 32, Math.floor(counter / 2 ** 32))
  const input = Uint32Array.of(
    ...[
      sigma[0]!,
      ...key.subarray(0, 4),
      sigma[1]!,
      ...nonce,
      ...counterWords,
      sigma[2]!,
      ...key.subarray(4),
      sigma[3]!
    ]
  )
  const state = new Uint32Array(input)
  for (let round = 0; round < rounds; round += 2) for (const words of quarters) quarterRound(state, words)
  for (let i = 0; i < 16; i++) state[i] = state[i]! + input[i]!
  return new Uint8Array(state.buffer)
}

function quarterRound(state: Uint32Array, [a, b, c, d]: (typeof quarters)[number]): void {
  state[b]! ^= rotated(state[a]! + state[d]!, 7)
  state[c]! ^= rotated(state[b]! + state[a]!, 9)
  state[d]! ^= rotated(state[c]! + state[b]!, 13)
  state[a]! ^= rotated(state[d]! + state[c]!, 18)
}

function rotated(sum: number, by: number): number {
  return (sum << by) | ((sum >>> 0) >>> (32 - by))
}
