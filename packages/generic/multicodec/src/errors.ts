import { WeftError } from '@weft/errors'

/** What is wrong: the table has no such name, a number is no code, or bytes have no code before them. */
export type MulticodecErrorCode = 'ERR_MULTICODEC_UNKNOWN' | 'ERR_MULTICODEC_CODE' | 'ERR_MULTICODEC_PREFIX'

/** A codec cannot be named or read. */
export class MulticodecError extends WeftError {
  constructor(code: MulticodecErrorCode, message: string, cause?: unknown) {
    super('MulticodecError', code, message, { cause })
  }
}
