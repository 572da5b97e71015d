/**
 * The contract of crypto channels: what `@libp2p/interface` 3.3 calls `ConnectionEncrypter`, and what those of weft share.
 *
 * A channel takes a connected `MessageStream` and gives another one, whose bytes only the remote can read, together with
 * the identity that the remote has proved.
 *
 * - Both sides know their role: the dialer calls `secureOutbound`, the listener `secureInbound`, on a connection whose
 *   next bytes are the handshake's.
 * - With `remotePeer` the promise rejects with `UnexpectedPeerError` if the remote proves another identity. Any other
 *   breach of the handshake is an `InvalidCryptoExchangeError`; a signal rejects with its reason; a connection that
 *   breaks, with what broke it. After a rejection the connection is aborted and of no use.
 * - Nobody else may read from or write to the connection afterwards: bytes that came behind the handshake belong to the
 *   channel. Order is kept. `close()`, `abort()`, pausing and `drain` pass through.
 * - `streamMuxer` is set when the handshake agreed on one; the caller then negotiates none. `skipStreamMuxerNegotiation`
 *   offers none.
 * - There is no timeout of its own: the caller's signal bounds the handshake.
 */
export type { ConnectionEncrypter, SecureConnectionOptions, SecuredConnection } from '@libp2p/interface'
export { TruncatedStreamError } from './errors.ts'
export { HandshakePipe } from './handshake-pipe.ts'
export { networkFingerprintOf, networkFingerprintSymbol } from './network-fingerprint.ts'
export { performHandshake } from './perform-handshake.ts'
export { ProvenPeers } from './proven-peers.ts'
export { SecureStreamBase } from './secure-stream.ts'
