import { WeftError } from '@weft/errors'

/** The problem with a key file, or the reason why a connection ended. */
export type PnetErrorCode = 'ERR_PNET_KEY_FILE' | 'ERR_PNET_UNPROTECTED' | 'ERR_PNET_EXHAUSTED'

/** A key file is invalid, or a connection of a private network failed. Messages never contain any part of a key. */
export class PnetError extends WeftError {
  declare readonly code: PnetErrorCode

  constructor(code: PnetErrorCode, message: string) {
    super('PnetError', code, `pnet: ${message}`)
  }
}
