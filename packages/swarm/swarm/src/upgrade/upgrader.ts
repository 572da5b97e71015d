/** From a raw connection to a secured, multiplexed one. */
import type {
  ClearableSignal,
  ComponentLogger,
  Connection,
  ConnectionEncrypter,
  ConnectionProtector,
  Libp2pEvents,
  Logger,
  MessageStream,
  Metrics,
  MultiaddrConnection,
  PeerStore,
  SecuredConnection,
  StreamMuxerFactory,
  TypedEventTarget,
  Upgrader
} from '@libp2p/interface'
import { TimeoutQueue } from '@weft/collections'
import { asError, TimeoutError } from '@weft/errors'
import { logFault } from '@weft/interface-connection'
import type { Registrar } from '@weft/interface-node'
import { linkSignals, progress } from '@weft/interface-node'
import { admissionSymbol } from '@weft/interface-transport'
import { admissionOfManager } from '../admission/admission.ts'
import { EncryptionFailedError, MuxerUnavailableError } from '../connection-errors.ts'
import type { Agreement } from './agreement.ts'
import { createConnection } from './connection.ts'
import {
  type Handshake,
  type HandshakeComponents,
  type HandshakeContext,
  InboundHandshake,
  OutboundHandshake,
  peerOf,
  type UpgradeOptions
} from './handshake.ts'
import { HandshakeMeter } from './handshake-meter.ts'
import { negotiateChannel, negotiateMuxer, type RawAgreement } from './raw-negotiation.ts'

/** What the upgrader needs of its node. */
export interface UpgraderComponents extends HandshakeComponents {
  peerStore: PeerStore
  registrar: Registrar
  connectionProtector?: ConnectionProtector
  events: TypedEventTarget<Libp2pEvents>
  logger: ComponentLogger
  metrics?: Metrics
}

/** Channels, muxers and time limits, with js-libp2p's names. */
export interface UpgraderInit {
  connectionEncrypters: ConnectionEncrypter[]
  streamMuxers: StreamMuxerFactory[]
  /** Milliseconds for the whole of an inbound handshake. @default 10000 */
  inboundUpgradeTimeout?: number | undefined
  /** Milliseconds in which the remote must name a protocol on a stream that it opened. @default 10000 */
  inboundStreamProtocolNegotiationTimeout?: number | undefined
  /** Milliseconds in which the remote must agree to a protocol. @default 10000 */
  outboundStreamProtocolNegotiationTimeout?: number | undefined
  /** Milliseconds in which a connection must have closed. @default 1000 */
  connectionCloseTimeout?: number | undefined
}

interface Secured extends SecuredConnection, RawAgreement {}

const defaultTimeout = 10_000
const defaultCloseTimeout = 1_000

/**
 * The node's upgrader: asks the gater, protects, secures and multiplexes a connection, and answers for its time limits.
 */
export class DefaultUpgrader implements Upgrader {
  private readonly _components: UpgraderComponents
  private readonly _encrypters: Map<string, ConnectionEncrypter>
  private readonly _muxers: Map<string, StreamMuxerFactory>
  private readonly _inboundUpgradeTimeout: number
  private readonly _closeTimeout: number
  private readonly _inboundNegotiations: TimeoutQueue
  private readonly _outboundNegotiations: TimeoutQueue
  private readonly _context: HandshakeContext
  private readonly _log: Logger
  private readonly _streamLog: Logger
  private _nextId = 1

  constructor(components: UpgraderComponents, init: UpgraderInit) {
    this._components = components
    this._log = components.logger.forComponent('libp2p:upgrader')
    this._streamLog = components.logger.forComponent('libp2p:connection')
    this._encrypters = new Map(init.connectionEncrypters.map(encrypter => [encrypter.protocol, encrypter]))
    this._muxers = new Map(init.streamMuxers.map(muxer => [muxer.protocol, muxer]))
    this._context = {
      components,
      meter: components.metrics === undefined ? undefined : new HandshakeMeter(components.metrics),
      log: this._log
    }
    this._inboundUpgradeTimeout = init.inboundUpgradeTimeout ?? defaultTimeout
    this._closeTimeout = init.connectionCloseTimeout ?? defaultCloseTimeout
    const onError = (error: unknown): void => logFault(this._log, 'a stream could not be ended', asError(error))
    this._inboundNegotiations = new TimeoutQueue(
      init.inboundStreamProtocolNegotiationTimeout ?? defaultTimeout,
      onError
    )
    this._outboundNegotiations = new TimeoutQueue(
      init.outboundStreamProtocolNegotiationTimeout ?? defaultTimeout,
      onError
    )
  }

  static {
    // Where listeners ask for a place before they make a connection of a socket.
    Object.defineProperty(this.prototype, admissionSymbol, {
      get(this: DefaultUpgrader) {
        return admissionOfManager(this._components.connectionManager)
      }
    })
  }

  get [Symbol.toStringTag](): string {
    return '@libp2p/upgrader'
  }

  getConnectionEncrypters(): Map<string, ConnectionEncrypter> {
    return this._encrypters
  }

  getStreamMuxers(): Map<string, StreamMuxerFactory> {
    return this._muxers
  }

  /** A signal that fires with the given one, or when an inbound handshake has taken too long. */
  createInboundAbortSignal(signal: AbortSignal): ClearableSignal {
    const timeout = (): TimeoutError =>
      new TimeoutError(`the handshake took more than ${this._inboundUpgradeTimeout} ms`)
    return linkSignals([signal], { after: this._inboundUpgradeTimeout, reason: timeout })
  }

  /** Upgrades what a listener accepted. Rejects, and aborts the connection, when it is refused or the handshake fails. */
  async upgradeInbound(connection: MultiaddrConnection, options: UpgradeOptions): Promise<void> {
    const signal = this.createInboundAbortSignal(options.signal)
    await this._upgrade(new InboundHandshake(this._context, connection, options, signal))
  }

  /** Upgrades what was dialed. Rejects, and aborts the connection, when it is refused or the handshake fails. */
  async upgradeOutbound(connection: MultiaddrConnection, options: UpgradeOptions): Promise<Connection> {
    return this._upgrade(new OutboundHandshake(this._context, connection, options))
  }

  private async _upgrade(handshake: Handshake): Promise<Connection> {
    try {
      await handshake.admit()
      const secured = await this._secure(handshake)
      const muxer = await this._multiplex(secured, handshake)
      const connection = this._open(secured, muxer, handshake)
      handshake.succeeded(secured.remotePeer)
      return connection
    } catch (thrown) {
      throw handshake.failed(thrown)
    } finally {
      handshake.end()
    }
  }

  private async _secure(handshake: Handshake): Promise<Secured> {
    this._components.metrics?.trackMultiaddrConnection(handshake.connection)
    const secured = await handshake.waitFor(async () => this._encrypt(await this._protect(handshake), handshake))
    await handshake.identified(secured.remotePeer, secured.connection)
    return secured
  }

  private async _multiplex(secured: Secured, handshake: Handshake): Promise<StreamMuxerFactory | undefined> {
    const { options, role } = handshake
    // Also where the muxer was agreed together with the channel: whoever watches sees how far it came.
    if (this._muxers.size > 0) progress(options, `upgrader:multiplex-${role}-connection`)
    const factory =
      options.muxerFactory ??
      secured.streamMuxer ??
      (await handshake.waitFor(() => this._negotiateMuxer(secured.connection, handshake)))
    await handshake.multiplexed(secured.remotePeer)
    return factory
  }

  /** Makes the connection and tells of it. */
  private _open(
    secured: Secured,
    factory: StreamMuxerFactory | undefined,
    { connection: maConn, role, options }: Handshake
  ): Connection {
    const { events } = this._components
    const connection = createConnection(this._components, {
      id: `${role}-${this._nextId++}`,
      maConn,
      stream: secured.connection,
      remotePeer: secured.remotePeer,
      direction: role,
      muxer: factory?.createStreamMuxer(secured.connection),
      encryption: secured.protocol,
      agreement: agreementOn(secured, options, factory),
      remoteWaits: secured.remoteWaits,
      limits: options.limits,
      closeTimeout: this._closeTimeout,
      streamLog: this._streamLog,
      inboundNegotiations: this._inboundNegotiations,
      outboundNegotiations: this._outboundNegotiations
    })
    maConn.timeline.upgraded = Date.now()
    connection.addEventListener('close', () => events.safeDispatchEvent('connection:close', { detail: connection }))
    events.safeDispatchEvent('connection:open', { detail: connection })
    return connection
  }

  private async _protect({ connection, options }: Handshake): Promise<MessageStream> {
    const { connectionProtector } = this._components
    if (connectionProtector === undefined || options.skipProtection === true) return connection
    return connectionProtector.protect(connection, options)
  }

  private async _encrypt(stream: MessageStream, { connection, options, role: direction }: Handshake): Promise<Secured> {
    if ('skipEncryption' in options && options.skipEncryption === true) {
      return { connection: stream, remotePeer: options.remotePeer, protocol: 'native', remoteWaits: false }
    }
    progress(options, `upgrader:negotiate-${direction}-connection`)
    let agreed = false
    const encrypts = (): void => {
      agreed = true
      progress(options, `upgrader:encrypt-${direction}-connection`)
    }
    const remotePeer = peerOf(connection)
    const secureOptions = { signal: options.signal, ...(remotePeer === undefined ? {} : { remotePeer }) }
    try {
      const chosen = await negotiateChannel(stream, [...this._encrypters.keys()], direction, options.signal, encrypts)
      const encrypter = this._encrypters.get(chosen.protocol)!
      const secured =
        direction === 'inbound'
          ? await encrypter.secureInbound(stream, secureOptions)
          : await encrypter.secureOutbound(stream, secureOptions)
      return { ...secured, ...chosen }
    } catch (error) {
      if (options.signal.aborted) throw error
      const { message } = error as Error
      // Whoever has another key is not understood, and cannot say so.
      const hint = agreed || stream === connection ? '' : ' (the connection is protected: has the remote the same key?)'
      throw new EncryptionFailedError(`${message}${hint}`, { cause: error })
    }
  }

  private async _negotiateMuxer(
    stream: MessageStream,
    { options, role }: Handshake
  ): Promise<StreamMuxerFactory | undefined> {
    if (this._muxers.size === 0) return undefined
    try {
      const names = [...this._muxers.keys()]
      return this._muxers.get(await negotiateMuxer(stream, names, role, options.signal))
    } catch (error) {
      if (options.signal.aborted) throw error
      throw new MuxerUnavailableError((error as Error).message, { cause: error })
    }
  }
}

function agreementOn(secured: Secured, options: UpgradeOptions, muxer: StreamMuxerFactory | undefined): Agreement {
  const encryption = 'skipEncryption' in options && options.skipEncryption === true ? 'transport' : 'multistream-select'
  if (muxer === undefined) return { encryption }
  if (options.muxerFactory !== undefined) return { encryption, multiplexer: 'transport' }
  return { encryption, multiplexer: secured.streamMuxer === undefined ? 'multistream-select' : 'handshake' }
}
