// The errors of @libp2p/interface 3.3, with its names, as its users compare `err.name`.
import { WeftError, type WeftErrorOptions } from './weft-error.ts'

/** An operation ended because its `AbortSignal` fired. */
export class AbortError extends WeftError {
  constructor(message: string = 'The operation was aborted', options?: WeftErrorOptions) {
    super('AbortError', 'ERR_ABORTED', message, options)
  }
}

/** `start()` was called on a component that is running. */
export class AlreadyStartedError extends WeftError {
  constructor(message: string = 'Already started', options?: WeftErrorOptions) {
    super('AlreadyStartedError', 'ERR_ALREADY_STARTED', message, options)
  }
}

/** The connection was closed before the operation completed. */
export class ConnectionClosedError extends WeftError {
  constructor(message: string = 'The connection is closed', options?: WeftErrorOptions) {
    super('ConnectionClosedError', 'ERR_CONNECTION_CLOSED', message, options)
  }
}

/** No stream can be opened: the connection is closing. */
export class ConnectionClosingError extends WeftError {
  constructor(message: string = 'The connection is closing', options?: WeftErrorOptions) {
    super('ConnectionClosingError', 'ERR_CONNECTION_CLOSING', message, options)
  }
}

/** The transport could not connect. */
export class ConnectionFailedError extends WeftError {
  constructor(message: string = 'The connection failed', options?: WeftErrorOptions) {
    super('ConnectionFailedError', 'ERR_CONNECTION_FAILED', message, options)
  }
}

/** Text or bytes are not a valid CID. */
export class InvalidCIDError extends WeftError {
  constructor(message: string = 'Invalid CID', options?: WeftErrorOptions) {
    super('InvalidCIDError', 'ERR_INVALID_CID', message, options)
  }
}

/** The remote violated the protocol of the security handshake. */
export class InvalidCryptoExchangeError extends WeftError {
  constructor(message: string = 'Invalid crypto exchange', options?: WeftErrorOptions) {
    super('InvalidCryptoExchangeError', 'ERR_INVALID_CRYPTO_EXCHANGE', message, options)
  }
}

/** A message of the remote cannot be decoded or violates its protocol. */
export class InvalidMessageError extends WeftError {
  constructor(message: string = 'Invalid message', options?: WeftErrorOptions) {
    super('InvalidMessageError', 'ERR_INVALID_MESSAGE', message, options)
  }
}

/** Text or bytes are not a valid multiaddr, or not one of the required kind. */
export class InvalidMultiaddrError extends WeftError {
  constructor(message: string = 'Invalid multiaddr', options?: WeftErrorOptions) {
    super('InvalidMultiaddrError', 'ERR_INVALID_MULTIADDR', message, options)
  }
}

/** Bytes are not a valid multihash. */
export class InvalidMultihashError extends WeftError {
  constructor(message: string = 'Invalid multihash', options?: WeftErrorOptions) {
    super('InvalidMultihashError', 'ERR_INVALID_MULTIHASH', message, options)
  }
}

/** An argument or option has an invalid value. */
export class InvalidParametersError extends WeftError {
  constructor(message: string = 'Invalid parameters', options?: WeftErrorOptions) {
    super('InvalidParametersError', 'ERR_INVALID_PARAMETERS', message, options)
  }
}

/** Text or bytes are not a valid peer id. */
export class InvalidPeerIdError extends WeftError {
  constructor(message: string = 'Invalid peer id', options?: WeftErrorOptions) {
    super('InvalidPeerIdError', 'ERR_INVALID_PEER_ID', message, options)
  }
}

/** Bytes are not a valid private key of the stated type. */
export class InvalidPrivateKeyError extends WeftError {
  constructor(message: string = 'Invalid private key', options?: WeftErrorOptions) {
    super('InvalidPrivateKeyError', 'ERR_INVALID_PRIVATE_KEY', message, options)
  }
}

/** Bytes are not a valid public key of the stated type, or the key is not accepted. */
export class InvalidPublicKeyError extends WeftError {
  constructor(message: string = 'Invalid public key', options?: WeftErrorOptions) {
    super('InvalidPublicKeyError', 'ERR_INVALID_PUBLIC_KEY', message, options)
  }
}

/** The protocol was not marked to run on a limited connection. */
export class LimitedConnectionError extends WeftError {
  constructor(message: string = 'The connection is limited', options?: WeftErrorOptions) {
    super('LimitedConnectionError', 'ERR_LIMITED_CONNECTION', message, options)
  }
}

/** An address could not be listened on. */
export class ListenError extends WeftError {
  constructor(message: string = 'Could not listen', options?: WeftErrorOptions) {
    super('ListenError', 'ERR_LISTEN', message, options)
  }
}

/** No stream can be opened: the muxer is closed. */
export class MuxerClosedError extends WeftError {
  constructor(message: string = 'The muxer is closed', options?: WeftErrorOptions) {
    super('MuxerClosedError', 'ERR_MUXER_CLOSED', message, options)
  }
}

/** The requested item does not exist. */
export class NotFoundError extends WeftError {
  constructor(message: string = 'Not found', options?: WeftErrorOptions) {
    super('NotFoundError', 'ERR_NOT_FOUND', message, options)
  }
}

/** The operation is not implemented here. */
export class NotImplementedError extends WeftError {
  constructor(message: string = 'Not implemented', options?: WeftErrorOptions) {
    super('NotImplementedError', 'ERR_NOT_IMPLEMENTED', message, options)
  }
}

/** The operation needs a running node. */
export class NotStartedError extends WeftError {
  constructor(message: string = 'Not started', options?: WeftErrorOptions) {
    super('NotStartedError', 'ERR_NOT_STARTED', message, options)
  }
}

/** The remote violated a protocol. */
export class ProtocolError extends WeftError {
  constructor(message: string = 'Protocol error', options?: WeftErrorOptions) {
    super('ProtocolError', 'ERR_PROTOCOL', message, options)
  }
}

/** This side aborted the stream. */
export class StreamAbortedError extends WeftError {
  constructor(message: string = 'The stream was aborted', options?: WeftErrorOptions) {
    super('StreamAbortedError', 'ERR_STREAM_ABORTED', message, options)
  }
}

/** A buffer of the stream would have exceeded its limit. */
export class StreamBufferError extends WeftError {
  constructor(message: string = 'The stream buffer is full', options?: WeftErrorOptions) {
    super('StreamBufferError', 'ERR_STREAM_BUFFER', message, options)
  }
}

/** The remote reset the stream. */
export class StreamResetError extends WeftError {
  constructor(message: string = 'The stream was reset', options?: WeftErrorOptions) {
    super('StreamResetError', 'ERR_STREAM_RESET', message, options)
  }
}

/** The operation is not possible in the stream's state, for example sending after close. */
export class StreamStateError extends WeftError {
  constructor(message: string = 'The stream is in the wrong state', options?: WeftErrorOptions) {
    super('StreamStateError', 'ERR_STREAM_STATE', message, options)
  }
}

/** An operation timed out. */
export class TimeoutError extends WeftError {
  constructor(message: string = 'Timed out', options?: WeftErrorOptions) {
    super('TimeoutError', 'ERR_TIMEOUT', message, options)
  }
}

/** The remote opened more streams of one protocol than its handler allows. */
export class TooManyInboundProtocolStreamsError extends WeftError {
  constructor(message: string = 'Too many inbound streams for this protocol', options?: WeftErrorOptions) {
    super('TooManyInboundProtocolStreamsError', 'ERR_TOO_MANY_INBOUND_STREAMS', message, options)
  }
}

/** More outbound streams of one protocol were requested than allowed. */
export class TooManyOutboundProtocolStreamsError extends WeftError {
  constructor(message: string = 'Too many outbound streams for this protocol', options?: WeftErrorOptions) {
    super('TooManyOutboundProtocolStreamsError', 'ERR_TOO_MANY_OUTBOUND_STREAMS', message, options)
  }
}

/** The remote has another peer id than the one that was dialed. */
export class UnexpectedPeerError extends WeftError {
  constructor(message: string = 'Unexpected peer', options?: WeftErrorOptions) {
    super('UnexpectedPeerError', 'ERR_UNEXPECTED_PEER', message, options)
  }
}

/** A key is of a type that is not supported. */
export class UnsupportedKeyTypeError extends WeftError {
  constructor(message: string = 'Unsupported key type', options?: WeftErrorOptions) {
    super('UnsupportedKeyTypeError', 'ERR_UNSUPPORTED_KEY_TYPE', message, options)
  }
}

/** The operation is not supported here. */
export class UnsupportedOperationError extends WeftError {
  constructor(message: string = 'Unsupported operation', options?: WeftErrorOptions) {
    super('UnsupportedOperationError', 'ERR_UNSUPPORTED_OPERATION', message, options)
  }
}

/** The remote supports none of the offered protocols. */
export class UnsupportedProtocolError extends WeftError {
  constructor(message: string = 'Unsupported protocol', options?: WeftErrorOptions) {
    super('UnsupportedProtocolError', 'ERR_UNSUPPORTED_PROTOCOL', message, options)
  }
}
