/**
 * The contract of crypto channels (`ConnectionEncrypter` of `@libp2p/interface` 3.3), and code that weft's channels
 * share.
 *
 * A channel takes a connected `MessageStream` and returns an encrypted one, together with the authenticated identity of
 * the remote.
 *
 * - Both sides know their role: the dialer calls `secureOutbound`, the listener `secureInbound`, on a connection whose
 *   next bytes are the handshake's.
 * - With `remotePeer` the promise rejects with `UnexpectedPeerError` if the remote has another identity. Any other
 *   violation of the handshake is an `InvalidCryptoExchangeError`; a signal rejects with its reason; a connection that
 *   fails, with its error. After a rejection the connection is aborted.
 * - Nothing else may read from or write to the connection afterwards: bytes after the handshake belong to the channel.
 *   Order is preserved. `close()`, `abort()`, pausing and `drain` are passed through.
 * - `streamMuxer` is set if the handshake negotiated one; the caller then does not negotiate. With
 *   `skipStreamMuxerNegotiation` none is offered.
 * - It has no timeout of its own: the caller's signal limits the handshake.
 */
export type { ConnectionEncrypter, SecureConnectionOptions, SecuredConnection } from '@libp2p/interface'
export { TruncatedStreamError } from './errors.ts'
export { HandshakePipe } from './handshake-pipe.ts'
export { networkFingerprintOf, networkFingerprintSymbol } from './network-fingerprint.ts'
export { performHandshake } from './perform-handshake.ts'
export { ProvenPeers } from './proven-peers.ts'
export { SecureStreamBase } from './secure-stream.ts'
