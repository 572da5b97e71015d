/** The key file of a private network: what is read has 32 bytes and is read again from what is written of it. */
import { equals } from '@weft/bytes'
import { decodeKeyFile, encodeKeyFile } from '../../packages/crypto/pnet/src/core/key-file.ts'

export const name = 'pnet-key-file'

export function fuzz(input: Uint8Array): void {
  try {
    const key = decodeKeyFile(input)
    if (key.byteLength !== 32 || !equals(decodeKeyFile(encodeKeyFile(key)), key)) throw new Error('no key was read')
  } catch (error) {
    if ((error as Error).name !== 'PnetError') throw error
  }
}
