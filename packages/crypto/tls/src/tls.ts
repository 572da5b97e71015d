import type { Socket } from 'node:net'
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import type {
  ComponentLogger,
  ConnectionEncrypter,
  MessageStream,
  PeerId,
  PrivateKey,
  SecureConnectionOptions,
  SecuredConnection,
  StreamMuxerFactory
} from '@libp2p/interface'
import { checkOptions, throwIfAborted } from '@weft/errors'
import { raceSignal, socketCarrierOf } from '@weft/interface-connection'
import { makeCertificate } from './certificate.ts'
import { CertificateVerifier } from './certificate-verifier.ts'
import { certificateOf, type HandshakeInit, handshakeDone, startTls } from './handshake.ts'
import { StreamDuplex } from './stream-duplex.ts'
import { TlsStream } from './tls-stream.ts'

/** What the node gives to TLS. */
export interface TLSComponents {
  /** The identity. Its signature binds the certificate to it. */
  privateKey: PrivateKey
  /** Not used: it follows from the key. Nodes of js-libp2p give it. */
  peerId?: PeerId
  /** Not used: errors reach the caller. Nodes of js-libp2p give it. */
  logger?: ComponentLogger
  /** Where the muxers are that the handshake offers. Without it, none are. */
  upgrader?: { getStreamMuxers(): Map<string, StreamMuxerFactory> }
}

/** It has no options: what is given is looked at, so that a mistake is told. */
export type TlsInit = Record<never, never>

const tlsProtocol = '/tls/1.0.0'

/** Offered last: a muxer is then agreed on behind the handshake (TLS specification, "ALPN"). */
const noMuxer = 'libp2p'

/**
 * Makes TLS 1.3 for `connectionEncrypters`. Over a connection that has a socket, the system's TLS runs on the socket
 * itself, and no byte of a record passes through JavaScript.
 *
 * @see https://github.com/libp2p/specs/blob/master/tls/tls.md
 */
export function tls(init: TlsInit = {}): (components: TLSComponents) => ConnectionEncrypter {
  const tellNotices = checkOptions('tls', {}, init)
  return components => {
    tellNotices(components)
    return new Tls(components)
  }
}

class Tls implements ConnectionEncrypter {
  readonly protocol = tlsProtocol
  readonly #components: TLSComponents
  readonly #verifier = new CertificateVerifier()
  #context: Promise<SecureContext> | undefined

  static {
    Object.defineProperty(this.prototype, Symbol.for('@libp2p/service-capabilities'), {
      value: ['@libp2p/connection-encryption', '@libp2p/tls']
    })
  }

  constructor(components: TLSComponents) {
    this.#components = components
  }

  get [Symbol.toStringTag](): string {
    return '@weft/tls'
  }

  secureOutbound(connection: MessageStream, options: SecureConnectionOptions = {}): Promise<SecuredConnection> {
    return this.#secure(connection, options, false)
  }

  secureInbound(connection: MessageStream, options: SecureConnectionOptions = {}): Promise<SecuredConnection> {
    return this.#secure(connection, options, true)
  }

  async #secure(
    connection: MessageStream,
    options: SecureConnectionOptions,
    isServer: boolean
  ): Promise<SecuredConnection> {
    const { signal, remotePeer: expected } = options
    try {
      throwIfAborted(signal)
      // One certificate and one context for all connections: each takes longer to make than a handshake.
      this.#context ??= contextOf(this.#components.privateKey)
      const context = await raceSignal(this.#context, signal)
      const muxers = this.#muxers(options)
      const begun = await begin(connection, { isServer, context, alpn: [...muxers.keys(), noMuxer] })
      await handshakeDone(begun.socket, signal)
      const remotePeer = await this.#verifier.verify(certificateOf(begun.socket), expected)
      throwIfAborted(signal)
      const streamMuxer = muxers.get(begun.socket.alpnProtocol || noMuxer)
      return { connection: begun.stream, remotePeer, ...(streamMuxer !== undefined && { streamMuxer }) }
    } catch (error) {
      connection.abort(error as Error)
      throw error
    }
  }

  #muxers(options: SecureConnectionOptions): Map<string, StreamMuxerFactory> {
    if (options.skipStreamMuxerNegotiation === true) return new Map()
    return this.#components.upgrader?.getStreamMuxers() ?? new Map()
  }
}

async function contextOf(identity: PrivateKey): Promise<SecureContext> {
  return createSecureContext({ ...(await makeCertificate(identity)), minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' })
}

/** TLS on the connection's own socket, so that the connection carries plaintext from then on; or over any other stream. */
async function begin(
  connection: MessageStream,
  init: HandshakeInit
): Promise<{ stream: MessageStream; socket: TLSSocket }> {
  const carrier = socketCarrierOf<Socket>(connection)
  if (carrier !== undefined) {
    const socket = await carrier.wrapSocket(plain => startTls(plain, init))
    return { stream: connection, socket }
  }
  const socket = startTls(new StreamDuplex(connection), init)
  return { stream: new TlsStream(connection, socket), socket }
}
