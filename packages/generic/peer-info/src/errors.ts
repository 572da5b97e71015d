import { WeftError, type WeftErrorOptions } from '@weft/errors'

/** What is wrong with who signed. */
export type InvalidSignatureErrorCode =
  /** The signature is not the key's over this domain, type and payload. */
  | 'ERR_INVALID_SIGNATURE'
  /** The signature is right, but of another peer than the one that the record is about. */
  | 'ERR_ENVELOPE_KEY_MISMATCH'

/** An envelope does not prove what its record says. js-libp2p's name. */
export class InvalidSignatureError extends WeftError {
  constructor(code: InvalidSignatureErrorCode, message: string, options?: WeftErrorOptions) {
    super('InvalidSignatureError', code, message, options)
  }
}
