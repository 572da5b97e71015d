// Guards by name for errors with a fixed name: also true for js-libp2p's errors and those of other copies of a package.
// A dial error has the name of its reason, so these guards tell why a dial failed; `isDialError` tells whether it was a
// dial.

/** Tells whether a thrown value is an error of one name. */
export type ErrorGuard = (error: unknown) => error is Error & { readonly code?: string }

/** Whether its name is `AbortError`. */
export const isAbortError: ErrorGuard = /* @__PURE__ */ guardOf('AbortError')
/** Whether its name is `AlreadyStartedError`. */
export const isAlreadyStartedError: ErrorGuard = /* @__PURE__ */ guardOf('AlreadyStartedError')
/** Whether its name is `ConnectionClosedError`. */
export const isConnectionClosedError: ErrorGuard = /* @__PURE__ */ guardOf('ConnectionClosedError')
/** Whether its name is `ConnectionClosingError`. */
export const isConnectionClosingError: ErrorGuard = /* @__PURE__ */ guardOf('ConnectionClosingError')
/** Whether its name is `ConnectionDeniedError`. */
export const isConnectionDeniedError: ErrorGuard = /* @__PURE__ */ guardOf('ConnectionDeniedError')
/** Whether its name is `ConnectionFailedError`. */
export const isConnectionFailedError: ErrorGuard = /* @__PURE__ */ guardOf('ConnectionFailedError')
/** Whether its name is `ConnectionInterceptedError`. */
export const isConnectionInterceptedError: ErrorGuard = /* @__PURE__ */ guardOf('ConnectionInterceptedError')
/** Whether its name is `DialDeniedError`. */
export const isDialDeniedError: ErrorGuard = /* @__PURE__ */ guardOf('DialDeniedError')
/** Whether its name is `DuplicateProtocolHandlerError`. */
export const isDuplicateProtocolHandlerError: ErrorGuard = /* @__PURE__ */ guardOf('DuplicateProtocolHandlerError')
/** Whether its name is `EncryptionFailedError`. */
export const isEncryptionFailedError: ErrorGuard = /* @__PURE__ */ guardOf('EncryptionFailedError')
/** Whether its name is `InvalidCIDError`. */
export const isInvalidCIDError: ErrorGuard = /* @__PURE__ */ guardOf('InvalidCIDError')
/** Whether its name is `InvalidCryptoExchangeError`. */
export const isInvalidCryptoExchangeError: ErrorGuard = /* @__PURE__ */ guardOf('InvalidCryptoExchangeError')
/** Whether its name is `InvalidMessageError`. */
export const isInvalidMessageError: ErrorGuard = /* @__PURE__ */ guardOf('InvalidMessageError')
/** Whether its name is `InvalidMultiaddrError`. */
export const isInvalidMultiaddrError: ErrorGuard = /* @__PURE__ */ guardOf('InvalidMultiaddrError')
/** Whether its name is `InvalidMultihashError`. */
export const isInvalidMultihashError: ErrorGuard = /* @__PURE__ */ guardOf('InvalidMultihashError')
/** Whether its name is `InvalidParametersError`. */
export const isInvalidParametersError: ErrorGuard = /* @__PURE__ */ guardOf('InvalidParametersError')
/** Whether its name is `InvalidPeerIdError`. */
export const isInvalidPeerIdError: ErrorGuard = /* @__PURE__ */ guardOf('InvalidPeerIdError')
/** Whether its name is `InvalidPrivateKeyError`. */
export const isInvalidPrivateKeyError: ErrorGuard = /* @__PURE__ */ guardOf('InvalidPrivateKeyError')
/** Whether its name is `InvalidPublicKeyError`. */
export const isInvalidPublicKeyError: ErrorGuard = /* @__PURE__ */ guardOf('InvalidPublicKeyError')
/** Whether its name is `LimitedConnectionError`. */
export const isLimitedConnectionError: ErrorGuard = /* @__PURE__ */ guardOf('LimitedConnectionError')
/** Whether its name is `ListenError`. */
export const isListenError: ErrorGuard = /* @__PURE__ */ guardOf('ListenError')
/** Whether its name is `MuxerClosedError`. */
export const isMuxerClosedError: ErrorGuard = /* @__PURE__ */ guardOf('MuxerClosedError')
/** Whether its name is `MuxerUnavailableError`. */
export const isMuxerUnavailableError: ErrorGuard = /* @__PURE__ */ guardOf('MuxerUnavailableError')
/** Whether its name is `NoValidAddressesError`. */
export const isNoValidAddressesError: ErrorGuard = /* @__PURE__ */ guardOf('NoValidAddressesError')
/** Whether its name is `NotFoundError`. */
export const isNotFoundError: ErrorGuard = /* @__PURE__ */ guardOf('NotFoundError')
/** Whether its name is `NotImplementedError`. */
export const isNotImplementedError: ErrorGuard = /* @__PURE__ */ guardOf('NotImplementedError')
/** Whether its name is `NotStartedError`. */
export const isNotStartedError: ErrorGuard = /* @__PURE__ */ guardOf('NotStartedError')
/** Whether its name is `ProtocolError`. */
export const isProtocolError: ErrorGuard = /* @__PURE__ */ guardOf('ProtocolError')
/** Whether its name is `StreamAbortedError`. */
export const isStreamAbortedError: ErrorGuard = /* @__PURE__ */ guardOf('StreamAbortedError')
/** Whether its name is `StreamBufferError`. */
export const isStreamBufferError: ErrorGuard = /* @__PURE__ */ guardOf('StreamBufferError')
/** Whether its name is `StreamResetError`. */
export const isStreamResetError: ErrorGuard = /* @__PURE__ */ guardOf('StreamResetError')
/** Whether its name is `StreamStateError`. */
export const isStreamStateError: ErrorGuard = /* @__PURE__ */ guardOf('StreamStateError')
/** Whether its name is `TimeoutError`. */
export const isTimeoutError: ErrorGuard = /* @__PURE__ */ guardOf('TimeoutError')
/** Whether its name is `TooManyInboundProtocolStreamsError`. */
export const isTooManyInboundProtocolStreamsError: ErrorGuard = /* @__PURE__ */ guardOf(
  'TooManyInboundProtocolStreamsError'
)
/** Whether its name is `TooManyOutboundProtocolStreamsError`. */
export const isTooManyOutboundProtocolStreamsError: ErrorGuard = /* @__PURE__ */ guardOf(
  'TooManyOutboundProtocolStreamsError'
)
/** Whether its name is `TransportUnavailableError`. */
export const isTransportUnavailableError: ErrorGuard = /* @__PURE__ */ guardOf('TransportUnavailableError')
/** Whether its name is `UnexpectedPeerError`. */
export const isUnexpectedPeerError: ErrorGuard = /* @__PURE__ */ guardOf('UnexpectedPeerError')
/** Whether its name is `UnhandledProtocolError`. */
export const isUnhandledProtocolError: ErrorGuard = /* @__PURE__ */ guardOf('UnhandledProtocolError')
/** Whether its name is `UnsupportedKeyTypeError`. */
export const isUnsupportedKeyTypeError: ErrorGuard = /* @__PURE__ */ guardOf('UnsupportedKeyTypeError')
/** Whether its name is `UnsupportedOperationError`. */
export const isUnsupportedOperationError: ErrorGuard = /* @__PURE__ */ guardOf('UnsupportedOperationError')
/** Whether its name is `UnsupportedProtocolError`. */
export const isUnsupportedProtocolError: ErrorGuard = /* @__PURE__ */ guardOf('UnsupportedProtocolError')
/** Whether its name is `MissingServiceError`. */
export const isMissingServiceError: ErrorGuard = /* @__PURE__ */ guardOf('MissingServiceError')
/** Whether its name is `NoContentRoutersError`. */
export const isNoContentRoutersError: ErrorGuard = /* @__PURE__ */ guardOf('NoContentRoutersError')
/** Whether its name is `NoPeerRoutersError`. */
export const isNoPeerRoutersError: ErrorGuard = /* @__PURE__ */ guardOf('NoPeerRoutersError')
/** Whether its name is `QueriedForSelfError`. */
export const isQueriedForSelfError: ErrorGuard = /* @__PURE__ */ guardOf('QueriedForSelfError')
/** Whether its name is `UnmetServiceDependenciesError`. */
export const isUnmetServiceDependenciesError: ErrorGuard = /* @__PURE__ */ guardOf('UnmetServiceDependenciesError')
/** Whether its name is `UnsupportedListenAddressError`. */
export const isUnsupportedListenAddressError: ErrorGuard = /* @__PURE__ */ guardOf('UnsupportedListenAddressError')
/** Whether its name is `UnsupportedListenAddressesError`. */
export const isUnsupportedListenAddressesError: ErrorGuard = /* @__PURE__ */ guardOf('UnsupportedListenAddressesError')

/** Creates a guard for errors of a name. Packages export one for each of their own errors. */
export function guardOf(name: string): ErrorGuard {
  return (error): error is Error & { readonly code?: string } =>
    typeof error === 'object' && error !== null && (error as { name?: unknown }).name === name
}
