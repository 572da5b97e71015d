/** The handshake of TLS 1.3 on a socket, with the parameters that libp2p asks for. */
import type { Duplex } from 'node:stream'
import { connect, type SecureContext, TLSSocket } from 'node:tls'
import { abortReason, InvalidCryptoExchangeError } from '@weft/errors'
import { CertificateError } from './errors.ts'

/** What a handshake is made of. */
export interface HandshakeInit {
  readonly isServer: boolean
  readonly context: SecureContext
  /** What is offered, the preferred one first, or supported (TLS specification, "ALPN"). */
  readonly alpn: readonly string[]
}

/**
 * Begins TLS on a socket. There is no server name, and the certificate is asked for and not checked: that is for the
 * caller, because no authority stands behind it.
 */
export function startTls(socket: Duplex, { isServer, context: secureContext, alpn }: HandshakeInit): TLSSocket {
  const rejectUnauthorized = false
  if (!isServer) return connect({ socket, secureContext, rejectUnauthorized, ALPNProtocols: [...alpn] })
  const server = new TLSSocket(socket, {
    ...{ isServer, secureContext, rejectUnauthorized, requestCert: true },
    // The dialer's preference rules, as where muxers are agreed on behind the handshake (inlined muxer negotiation). With
    // none in common the handshake fails (RFC 7301, section 3.2).
    ALPNCallback: ({ protocols }) => protocols.find(protocol => alpn.includes(protocol))
  })
  // A record that is not authentic, after the handshake: without a `tls.Server`, nothing else tells of it.
  server.on('_tlsError', (error: Error) => server.destroy(error))
  return server
}

/** Resolves when the handshake is done. Rejects with the signal's reason, or `InvalidCryptoExchangeError`. */
export function handshakeDone(socket: TLSSocket, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      socket.off('secure', onSecure)
      socket.off('error', onError)
      socket.off('end', onEnd)
      socket.off('close', onClose)
      signal?.removeEventListener('abort', onAbort)
      if (error === undefined) resolve()
      else reject(error)
    }
    const onSecure = (): void => settle()
    const onError = (cause: Error): void =>
      settle(new InvalidCryptoExchangeError(`tls: the handshake failed: ${cause.message}`, { cause }))
    const onClose = (): void => onEnd()
    const onEnd = (): void =>
      settle(
        new InvalidCryptoExchangeError('tls: the connection ended during the handshake', {
          cause: socket.errored ?? undefined
        })
      )
    const onAbort = (): void => settle(abortReason(signal!))
    if (signal?.aborted === true) {
      onAbort()
      return
    }
    // A socket that is over tells nobody again.
    if (socket.destroyed || socket.readableEnded) {
      onEnd()
      return
    }
    socket.on('secure', onSecure)
    socket.on('error', onError)
    socket.on('end', onEnd)
    socket.on('close', onClose)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/**
 * The remote's certificate as DER. Throws `CertificateError` unless it has sent exactly one, and
 * `InvalidCryptoExchangeError` when the socket has broken since: OpenSSL's complaints about a chain come that late.
 */
export function certificateOf(socket: TLSSocket): Uint8Array {
  if (socket.destroyed) {
    const cause = socket.errored ?? undefined
    throw new InvalidCryptoExchangeError('tls: the connection broke as the handshake ended', { cause })
  }
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) {
    throw new CertificateError('ERR_TLS_CERTIFICATE_MISSING', 'the remote has sent no certificate')
  }
  const issuer = certificate.issuerCertificate
  if (issuer !== undefined && !issuer.raw.equals(certificate.raw)) {
    throw new CertificateError('ERR_TLS_CERTIFICATE_CHAIN', 'the remote has sent more than one certificate')
  }
  return certificate.raw
}
