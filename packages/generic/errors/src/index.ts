export { type WeftErrorOptions, WeftError } from './weft-error.ts'
export {
  AbortError,
  AlreadyStartedError,
  ConnectionClosedError,
  ConnectionClosingError,
  ConnectionFailedError,
  DialError,
  InvalidCIDError,
  InvalidCryptoExchangeError,
  InvalidMessageError,
  InvalidMultiaddrError,
  InvalidMultihashError,
  InvalidParametersError,
  InvalidPeerIdError,
  InvalidPrivateKeyError,
  InvalidPublicKeyError,
  LimitedConnectionError,
  ListenError,
  MuxerClosedError,
  NotFoundError,
  NotStartedError,
  ProtocolError,
  StreamAbortedError,
  StreamBufferError,
  StreamResetError,
  StreamStateError,
  TimeoutError,
  TooManyInboundProtocolStreamsError,
  TooManyOutboundProtocolStreamsError,
  UnexpectedPeerError,
  UnsupportedKeyTypeError,
  UnsupportedOperationError,
  UnsupportedProtocolError
} from './libp2p-errors.ts'
export { abortReason, throwIfAborted } from './abort.ts'
export { asError } from './as-error.ts'
export { withoutStackTraces } from './without-stack-traces.ts'
