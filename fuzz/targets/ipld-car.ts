/** A CAR file of arbitrary bytes: what is imported was hashed, what is refused is refused with a typed error. */
import { importCar } from '../../packages/generic/ipld/src/index.ts'

export const name = 'ipld-car'

// The decoder is a library's, and each chunk costs promises.
export const minimum = 1000
export const cost = { base: 200_000, perByte: 2000 }

const typed = ['InvalidCarError', 'InvalidBlockError', 'LimitExceededError']

export async function fuzz(input: Uint8Array): Promise<void> {
  const cut = input.length >> 1
  try {
    let bytes = 0
    const imported = await importCar([input.subarray(0, cut), input.subarray(cut)], {
      put: (cid, block) => {
        bytes += (block as Uint8Array).length
        return cid
      }
    })
    if (imported.bytes !== bytes || bytes > input.length) throw new Error('more was imported than there is')
  } catch (error) {
    if (!typed.includes((error as Error).name)) throw error
  }
}
