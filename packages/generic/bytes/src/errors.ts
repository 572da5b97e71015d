import { WeftError } from '@weft/errors'

/** What is wrong with a varint. */
export type VarintErrorCode =
  | 'ERR_VARINT_TOO_LONG'
  | 'ERR_VARINT_NOT_MINIMAL'
  | 'ERR_VARINT_TRUNCATED'
  | 'ERR_VARINT_RANGE'

/** Bytes are no unsigned varint, or a number cannot be written as one. */
export class VarintError extends WeftError {
  constructor(code: VarintErrorCode, message: string) {
    super('VarintError', code, message)
  }
}

/** A length prefix announced more than the reader accepts. */
export class LengthError extends WeftError {
  constructor(length: number, maximum: number) {
    super('LengthError', 'ERR_LENGTH', `a message of ${length} bytes was announced, at most ${maximum} are accepted`, {
      facts: { length, maximum }
    })
  }
}

/** Text is not of the encoding that it was said to be. */
export class TextError extends WeftError {
  constructor(message: string) {
    super('TextError', 'ERR_TEXT', message)
  }
}
