import { WeftError, type WeftErrorOptions } from '@weft/errors'

/** The connection manager refused an inbound connection. */
export class ConnectionDeniedError extends WeftError {
  constructor(message: string, options?: WeftErrorOptions) {
    super('ConnectionDeniedError', 'ERR_CONNECTION_DENIED', message, options)
  }
}

/** The connection gater refused a connection. */
export class ConnectionInterceptedError extends WeftError {
  constructor(message: string, options?: WeftErrorOptions) {
    super('ConnectionInterceptedError', 'ERR_CONNECTION_INTERCEPTED', message, options)
  }
}

/** No encryption could be agreed, or its handshake failed: `cause` says why. */
export class EncryptionFailedError extends WeftError {
  constructor(message: string, options?: WeftErrorOptions) {
    super('EncryptionFailedError', 'ERR_ENCRYPTION_FAILED', message, options)
  }
}

/** No muxer could be agreed, or the connection has none. */
export class MuxerUnavailableError extends WeftError {
  constructor(message: string, options?: WeftErrorOptions) {
    super('MuxerUnavailableError', 'ERR_MUXER_UNAVAILABLE', message, options)
  }
}

/** A protocol has a handler already. */
export class DuplicateProtocolHandlerError extends WeftError {
  constructor(protocol: string) {
    super('DuplicateProtocolHandlerError', 'ERR_PROTOCOL_HANDLER_EXISTS', `${protocol} has a handler already`, {
      facts: { protocol }
    })
  }
}

/** A protocol has no handler. */
export class UnhandledProtocolError extends WeftError {
  constructor(protocol: string) {
    super('UnhandledProtocolError', 'ERR_NO_HANDLER_FOR_PROTOCOL', `${protocol} has no handler`, {
      facts: { protocol }
    })
  }
}
