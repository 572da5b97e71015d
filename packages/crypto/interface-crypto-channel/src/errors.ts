import { WeftError } from '@weft/errors'

/** The connection ended inside a record: the data was truncated. */
export class TruncatedStreamError extends WeftError {
  constructor(message: string = 'The connection ended in the middle of a record') {
    super('TruncatedStreamError', 'ERR_TRUNCATED_STREAM', message)
  }
}
