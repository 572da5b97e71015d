import { WeftError } from '@weft/errors'

/** The reason of a `VarintError`. */
export type VarintErrorCode =
  | 'ERR_VARINT_TOO_LONG'
  | 'ERR_VARINT_NOT_MINIMAL'
  | 'ERR_VARINT_TRUNCATED'
  | 'ERR_VARINT_RANGE'

/** Bytes are not a valid unsigned varint, or a number cannot be encoded as one. */
export class VarintError extends WeftError {
  constructor(code: VarintErrorCode, message: string) {
    super('VarintError', code, message)
  }
}

/** A length prefix exceeds the reader's maximum. */
export class LengthError extends WeftError {
  constructor(length: number, maximum: number) {
    super('LengthError', 'ERR_LENGTH', `a message of ${length} bytes was announced, at most ${maximum} are accepted`, {
      facts: { length, maximum }
    })
  }
}

/** Text or bytes are invalid in the expected encoding. */
export class TextError extends WeftError {
  constructor(message: string) {
    super('TextError', 'ERR_TEXT', message)
  }
}
