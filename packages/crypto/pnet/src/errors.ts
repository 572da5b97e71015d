import { WeftError } from '@weft/errors'

/** What is wrong with a key file, or ended a connection. */
export type PnetErrorCode = 'ERR_PNET_KEY_FILE' | 'ERR_PNET_UNPROTECTED' | 'ERR_PNET_EXHAUSTED'

/** A key file is none, or a connection of a private network is over. No message holds any part of a key. */
export class PnetError extends WeftError {
  declare readonly code: PnetErrorCode

  constructor(code: PnetErrorCode, message: string) {
    super('PnetError', code, `pnet: ${message}`)
  }
}
