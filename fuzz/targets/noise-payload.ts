/** The payload of handshake messages: one that is read stays the same when it is written and read again. */
import { toHex } from '@weft/bytes'
import { decodePayload, encodePayload, type NoisePayload } from '../../packages/crypto/noise/src/core/payload.ts'

export const name = 'noise-payload'

export function fuzz(input: Uint8Array): void {
  let payload: NoisePayload
  try {
    payload = decodePayload(input)
  } catch (error) {
    if ((error as Error).name === 'InvalidCryptoExchangeError') return
    throw error
  }
  const written = encodePayload(payload)
  if (written.byteLength > input.byteLength + 2) throw new Error('a payload grew when it was written again')
  if (toHex(encodePayload(decodePayload(written))) !== toHex(written)) throw new Error('a payload was not read back')
  if ((payload.extensions?.streamMuxers.length ?? 0) > 64) throw new Error('more muxers were read than the limit')
}
