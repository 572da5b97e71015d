/** The extension of a certificate: what is read, is written as the same bytes. */
import { equals } from '@weft/bytes'
import { decodeSignedKey, encodeSignedKey } from '../../packages/crypto/tls/src/core/extension.ts'

export const name = 'tls-extension'

export function fuzz(input: Uint8Array): void {
  try {
    if (!equals(encodeSignedKey(decodeSignedKey(input)), input)) throw new Error('another encoding was read')
  } catch (error) {
    if ((error as Error).name !== 'InvalidCryptoExchangeError') throw error
  }
}
