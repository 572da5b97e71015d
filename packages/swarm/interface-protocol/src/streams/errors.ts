import { WeftError } from '@weft/errors'

/** The stream was unwrapped: it is read and written directly from now on. */
export class UnwrappedError extends WeftError {
  constructor(message: string = 'the stream was unwrapped') {
    super('UnwrappedError', 'ERR_UNWRAPPED', message)
  }
}

/** The length before a message is none. */
export class InvalidMessageLengthError extends WeftError {
  constructor(message: string, cause?: unknown) {
    super('InvalidMessageLengthError', 'ERR_INVALID_MSG_LENGTH', message, { cause })
  }
}

/** A message is longer than `maxDataLength`. */
export class InvalidDataLengthError extends WeftError {
  /** Bytes that the remote announced. */
  declare readonly byteLength: number
  /** Bytes that are accepted. */
  declare readonly limit: number

  constructor(byteLength: number, limit: number) {
    const message = `a message of ${byteLength} bytes was announced, at most ${limit} are accepted (maxDataLength)`
    super('InvalidDataLengthError', 'ERR_MSG_DATA_TOO_LONG', message, { facts: { byteLength, limit } })
  }
}

/** The length before a message takes more than `maxLengthLength` bytes. */
export class InvalidDataLengthLengthError extends WeftError {
  constructor(limit: number) {
    const message = `the length of a message takes more than ${limit} bytes (maxLengthLength)`
    super('InvalidDataLengthLengthError', 'ERR_MSG_LENGTH_TOO_LONG', message, { facts: { limit } })
  }
}
