import { WeftError, type WeftErrorOptions } from '@weft/errors'

/** What is wrong with a packet. */
export type DnsMessageErrorCode =
  /** It, a name, or what is to be written of it, is longer than the limit. */
  | 'ERR_DNS_TOO_LONG'
  /** It ends within a field. */
  | 'ERR_DNS_TRUNCATED'
  /** It has more questions, records or texts than the limit. */
  | 'ERR_DNS_COUNT'
  /** A label of a name has an unknown form. */
  | 'ERR_DNS_NAME'
  /** A compression pointer does not lead strictly backwards, or too many follow each other. */
  | 'ERR_DNS_POINTER'
  /** The data of a record has not the form of its type. */
  | 'ERR_DNS_RECORD'

/** Bytes are no DNS message within the limits. */
export class DnsMessageError extends WeftError {
  declare readonly code: DnsMessageErrorCode

  constructor(code: DnsMessageErrorCode, message: string, options?: WeftErrorOptions) {
    super('DnsMessageError', code, message, options)
  }
}
