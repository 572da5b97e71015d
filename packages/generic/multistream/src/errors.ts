import { WeftError } from '@weft/errors'

/** What went wrong. */
export type MultistreamErrorCode =
  | 'ERR_MULTISTREAM_LENGTH'
  | 'ERR_MULTISTREAM_NEWLINE'
  | 'ERR_MULTISTREAM_TEXT'
  | 'ERR_MULTISTREAM_HEADER'
  | 'ERR_MULTISTREAM_ANSWER'
  | 'ERR_MULTISTREAM_PROPOSALS'
  | 'ERR_MULTISTREAM_ENDED'

/** The remote broke the rules of multistream-select, or ended the stream before a protocol was agreed on. */
export class MultistreamError extends WeftError {
  declare readonly code: MultistreamErrorCode

  constructor(code: MultistreamErrorCode, message: string, facts?: Readonly<Record<string, unknown>>) {
    super('MultistreamError', code, message, facts === undefined ? {} : { facts })
  }
}
