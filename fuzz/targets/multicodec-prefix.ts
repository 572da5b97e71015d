import { equals } from '@weft/bytes'
import { addPrefix, readPrefix } from '@weft/multicodec'

export const name = 'multicodec-prefix'

/** Any input splits into code and rest, which make it up again, or fails with MulticodecError. */
export function fuzz(input: Uint8Array): void {
  let prefixed: ReturnType<typeof readPrefix>
  try {
    prefixed = readPrefix(input)
  } catch (error) {
    if ((error as Error).name !== 'MulticodecError') throw error
    return
  }
  if (!equals(addPrefix(prefixed.code, prefixed.rest), input)) throw new Error('code and rest are not the input')
}
