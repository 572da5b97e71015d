import { WeftError } from '@weft/errors'

/** The reason why a channel ended after its handshake. */
export type NoiseErrorCode = 'ERR_NOISE_TAG' | 'ERR_NOISE_RECORD_LENGTH' | 'ERR_NOISE_NONCE_EXHAUSTED'

/**
 * The channel failed: a record is not authentic, is shorter than its tag, or no nonce is left. A failed handshake is an
 * `InvalidCryptoExchangeError` instead.
 */
export class NoiseError extends WeftError {
  declare readonly code: NoiseErrorCode

  constructor(code: NoiseErrorCode, message: string, facts?: Readonly<Record<string, unknown>>) {
    super('NoiseError', code, message, facts === undefined ? {} : { facts })
  }
}
