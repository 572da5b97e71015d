import { WeftError, type WeftErrorOptions } from '@weft/errors'

/** Why a uTP connection ended, or what was asked of it too late. */
export type UtpErrorCode =
  /** No answer to the SYN. A dial may be tried again, with another connection id. */
  | 'ERR_SYN_TIMEOUT'
  /** What was sent was not acknowledged, however often it was sent again. */
  | 'ERR_TIMEOUT'
  /** The remote reset the connection. */
  | 'ERR_RESET'
  /** It was closed on this side. */
  | 'ERR_CLOSED'

/** A uTP connection failed. */
export class UtpError extends WeftError {
  constructor(code: UtpErrorCode, message: string, options: WeftErrorOptions = {}) {
    super('UtpError', code, message, options)
  }
}
