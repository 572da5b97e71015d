import { WeftError } from '@weft/errors'

/** Which rule for certificates was broken (TLS specification, "Peer Authentication"). */
export type CertificateErrorCode =
  | 'ERR_TLS_CERTIFICATE_MISSING'
  | 'ERR_TLS_CERTIFICATE_CHAIN'
  | 'ERR_TLS_CERTIFICATE_SIZE'
  | 'ERR_TLS_CERTIFICATE_MALFORMED'
  | 'ERR_TLS_CERTIFICATE_NOT_VALID_NOW'
  | 'ERR_TLS_CERTIFICATE_KEY'
  | 'ERR_TLS_CERTIFICATE_SIGNATURE'
  | 'ERR_TLS_CERTIFICATE_EXTENSION'
  | 'ERR_TLS_IDENTITY_SIGNATURE'

/**
 * The remote's certificate breaks a rule; `code` says which. It has the name of every broken handshake,
 * `InvalidCryptoExchangeError`.
 */
export class CertificateError extends WeftError {
  declare readonly code: CertificateErrorCode

  constructor(code: CertificateErrorCode, message: string, cause?: unknown) {
    super('InvalidCryptoExchangeError', code, `tls: ${message}`, cause === undefined ? {} : { cause })
  }
}

/** A channel is over: a record was not sealed by the remote, was changed on its way, or the remote says why it gave up. */
export class TlsError extends WeftError {
  constructor(cause: Error) {
    super('TlsError', 'ERR_TLS_RECORD', `tls: the channel broke: ${cause.message}`, { cause })
  }
}
