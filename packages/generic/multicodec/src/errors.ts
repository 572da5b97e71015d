import { WeftError } from '@weft/errors'

/** The reason: unknown name, invalid code, or bytes without a valid prefix. */
export type MulticodecErrorCode = 'ERR_MULTICODEC_UNKNOWN' | 'ERR_MULTICODEC_CODE' | 'ERR_MULTICODEC_PREFIX'

/** A codec is unknown, or a prefix is invalid. */
export class MulticodecError extends WeftError {
  constructor(code: MulticodecErrorCode, message: string, cause?: unknown) {
    super('MulticodecError', code, message, { cause })
  }
}
