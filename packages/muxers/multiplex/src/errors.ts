import { WeftError } from '@weft/errors'

/** The violation by the remote. */
export type MplexErrorCode =
  | 'ERR_MPLEX_VARINT'
  | 'ERR_MPLEX_FLAG'
  | 'ERR_MPLEX_LENGTH'
  | 'ERR_MPLEX_STREAM_ID'
  | 'ERR_MPLEX_UNKNOWN_STREAM'
  | 'ERR_MPLEX_TOO_MANY_STREAMS'
  | 'ERR_MPLEX_FLOOD'

/** The session failed because the remote violates the protocol, or floods it. */
export class MplexError extends WeftError {
  declare readonly code: MplexErrorCode

  constructor(code: MplexErrorCode, message: string, facts?: Readonly<Record<string, unknown>>) {
    super('MplexError', code, message, facts === undefined ? {} : { facts })
  }
}
