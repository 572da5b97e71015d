/** From a raw connection to a secured, multiplexed one. */
import type {
  ClearableSignal,
  ComponentLogger,
  Connection,
  ConnectionEncrypter,
  ConnectionGater,
  ConnectionProtector,
  Libp2pEvents,
  Logger,
  MessageStream,
  MessageStreamDirection,
  Metrics,
  MultiaddrConnection,
  PeerId,
  PeerStore,
  SecuredConnection,
  StreamMuxerFactory,
  TypedEventTarget,
  Upgrader,
  UpgraderOptions,
  UpgraderWithoutEncryptionOptions
} from '@libp2p/interface'
import { TimeoutQueue } from '@weft/collections'
import { asError, InvalidPeerIdError, lineOf, TimeoutError } from '@weft/errors'
import { logFault } from '@weft/interface-connection'
import type { ConnectionManager, Registrar } from '@weft/interface-node'
import { linkSignals, progress } from '@weft/interface-node'
import { admissionSymbol } from '@weft/interface-transport'
import { p2pBytesOf } from '@weft/multiaddr'
import { peerIdFromMultihashBytes } from '@weft/peer-id'
import type { ResourceManager } from '@weft/resources'
import { admissionOfManager } from '../admission/admission.ts'
import type { HandshakeWatch } from '../admission/handshake-watch.ts'
import { ConnectionDeniedError, EncryptionFailedError, MuxerUnavailableError } from '../connection-errors.ts'
import type { Agreement } from './agreement.ts'
import { createConnection } from './connection.ts'
import { openConnectionScope, setPeer } from './connection-scope.ts'
import { askGater } from './gater.ts'
import { type Handshake, HandshakeMeter } from './handshake-meter.ts'
import { negotiateChannel, negotiateMuxer, type RawAgreement } from './raw-negotiation.ts'

/** What the upgrader needs of its node. */
export interface UpgraderComponents {
  peerId: PeerId
  peerStore: PeerStore
  registrar: Registrar
  connectionManager: ConnectionManager
  connectionGater: ConnectionGater
  connectionProtector?: ConnectionProtector
  events: TypedEventTarget<Libp2pEvents>
  logger: ComponentLogger
  metrics?: Metrics
  /** Without it nothing is counted. */
  resourceManager?: ResourceManager
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

type Options = UpgraderOptions | UpgraderWithoutEncryptionOptions

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
  private readonly _meter: HandshakeMeter | undefined
  private readonly _log: Logger
  private readonly _streamLog: Logger
  private _nextId = 1

  constructor(components: UpgraderComponents, init: UpgraderInit) {
    this._components = components
    this._log = components.logger.forComponent('libp2p:upgrader')
    this._streamLog = components.logger.forComponent('libp2p:connection')
    this._encrypters = new Map(init.connectionEncrypters.map(encrypter => [encrypter.protocol, encrypter]))
    this._muxers = new Map(init.streamMuxers.map(muxer => [muxer.protocol, muxer]))
    if (components.metrics !== undefined) this._meter = new HandshakeMeter(components.metrics)
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
  async upgradeInbound(connection: MultiaddrConnection, options: Options): Promise<void> {
    const { connectionManager, connectionGater } = this._components
    const signal = this.createInboundAbortSignal(options.signal)
    const handshake = this._meter?.begin('inbound', connection)
    const admission = admissionOfManager(connectionManager)
    if (this._log.enabled) this._log('accepted a connection from %a', connection.remoteAddr)
    let accepted = false
    let watch: HandshakeWatch | undefined
    try {
      accepted = connectionManager.acceptIncomingConnection(connection)
      if (!accepted) {
        const why = admission?.refusalOf(connection)
        throw why ?? new ConnectionDeniedError('the connection manager takes no more connections')
      }
      openConnectionScope(this._components, connection, 'inbound')
      await askGater(connectionGater, 'denyInboundConnection', [connection], signal)
      watch = admission?.watch(connection)
      const upgraded = await this._upgrade(connection, 'inbound', watched({ ...options, signal }, handshake), watch)
      handshake?.succeeded(upgraded.remotePeer)
    } catch (thrown) {
      // A handshake whose connection is aborted fails in its own words.
      const error = watch?.refusal ?? thrown
      this._tellFailure('inbound', connection, error as Error)
      handshake?.failed(error as Error)
      connection.abort(error as Error)
      throw error
    } finally {
      watch?.stop()
      signal.clear()
      if (accepted) connectionManager.afterUpgradeInbound(connection)
    }
  }

  /** Upgrades what was dialed. Rejects, and aborts the connection, when it is refused or the handshake fails. */
  async upgradeOutbound(connection: MultiaddrConnection, options: Options): Promise<Connection> {
    const handshake = this._meter?.begin('outbound', connection)
    try {
      openConnectionScope(this._components, connection, 'outbound')
      const peer = peerOf(connection)
      if (peer !== undefined) {
        const { connectionGater } = this._components
        await askGater(connectionGater, 'denyOutboundConnection', [peer, connection], options.signal)
      }
      const direction = options.initiator === false ? 'inbound' : 'outbound'
      const upgraded = await this._upgrade(connection, direction, options)
      handshake?.succeeded(upgraded.remotePeer)
      return upgraded
    } catch (error) {
      this._tellFailure('outbound', connection, error as Error)
      handshake?.failed(error as Error)
      connection.abort(error as Error)
      throw error
    }
  }

  private _tellFailure(
    direction: MessageStreamDirection,
    { remoteAddr, timeline }: MultiaddrConnection,
    error: Error
  ): void {
    if (!this._log.enabled) return
    const after = Date.now() - timeline.open
    this._log('%s handshake with %a failed after %d ms: %s', direction, remoteAddr, after, lineOf(error))
    this._log.trace('%s handshake with %a failed - %e', direction, remoteAddr, error)
  }

  private async _upgrade(
    connection: MultiaddrConnection,
    direction: MessageStreamDirection,
    options: Options,
    watch?: HandshakeWatch
  ): Promise<Connection> {
    const { connectionGater, metrics, events } = this._components
    metrics?.trackMultiaddrConnection(connection)
    // The remote has to answer for the time in which it is waited for, not for that of the gater.
    watch?.resume()
    const secured = await this._secure(await this._protect(connection, options), connection, direction, options)
    watch?.pause()
    const { remotePeer } = secured
    if (remotePeer.equals(this._components.peerId)) throw new InvalidPeerIdError('the remote is this node itself')
    if (direction === 'inbound') this._identify(connection, remotePeer)
    setPeer(connection, remotePeer, secured.connection)
    const [afterSecurity, afterMuxer] =
      direction === 'inbound'
        ? (['denyInboundEncryptedConnection', 'denyInboundUpgradedConnection'] as const)
        : (['denyOutboundEncryptedConnection', 'denyOutboundUpgradedConnection'] as const)
    await askGater(connectionGater, afterSecurity, [remotePeer, connection], options.signal)
    // Also where the muxer was agreed together with the channel: whoever watches sees how far it came.
    if (this._muxers.size > 0) progress(options, `upgrader:multiplex-${direction}-connection`)
    watch?.resume()
    const factory =
      options.muxerFactory ?? secured.streamMuxer ?? (await this._chooseMuxer(secured, direction, options))
    watch?.pause()
    await askGater(connectionGater, afterMuxer, [remotePeer, connection], options.signal)
    if (connection.status !== 'open') throw new ConnectionDeniedError('the connection closed during its handshake')
    const upgraded = createConnection(this._components, {
      id: `${direction}-${this._nextId++}`,
      maConn: connection,
      stream: secured.connection,
      remotePeer,
      direction,
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
    connection.timeline.upgraded = Date.now()
    upgraded.addEventListener('close', () => events.safeDispatchEvent('connection:close', { detail: upgraded }))
    events.safeDispatchEvent('connection:open', { detail: upgraded })
    return upgraded
  }

  private _identify(connection: MultiaddrConnection, peer: PeerId): void {
    const { connectionManager } = this._components
    const admission = admissionOfManager(connectionManager)
    if (admission === undefined) return
    const dialed = (): number =>
      connectionManager.getConnections(peer).filter(({ direction }) => direction === 'outbound').length
    admission.identify(connection, peer.toString(), dialed)
  }

  private async _protect(connection: MultiaddrConnection, options: Options): Promise<MessageStream> {
    const { connectionProtector } = this._components
    if (connectionProtector === undefined || options.skipProtection === true) return connection
    return connectionProtector.protect(connection, options)
  }

  private async _secure(
    stream: MessageStream,
    connection: MultiaddrConnection,
    direction: MessageStreamDirection,
    options: Options
  ): Promise<Secured> {
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

  private async _chooseMuxer(
    secured: Secured,
    direction: MessageStreamDirection,
    options: Options
  ): Promise<StreamMuxerFactory | undefined> {
    if (this._muxers.size === 0) return undefined
    try {
      const names = [...this._muxers.keys()]
      return this._muxers.get(await negotiateMuxer(secured.connection, names, direction, options.signal))
    } catch (error) {
      if (options.signal.aborted) throw error
      throw new MuxerUnavailableError((error as Error).message, { cause: error })
    }
  }
}

function agreementOn(secured: Secured, options: Options, muxer: StreamMuxerFactory | undefined): Agreement {
  const encryption = 'skipEncryption' in options && options.skipEncryption === true ? 'transport' : 'multistream-select'
  if (muxer === undefined) return { encryption }
  if (options.muxerFactory !== undefined) return { encryption, multiplexer: 'transport' }
  return { encryption, multiplexer: secured.streamMuxer === undefined ? 'multistream-select' : 'handshake' }
}

/** The same options, by which the handshake is told how far it came. */
function watched<O extends Options>(options: O, handshake: Handshake | undefined): O {
  if (handshake === undefined) return options
  const onProgress = (event: { type: string }): void => {
    handshake.onProgress(event.type)
    options.onProgress?.(event as never)
  }
  return { ...options, onProgress }
}

function peerOf({ remoteAddr }: MultiaddrConnection): PeerId | undefined {
  const id = p2pBytesOf(remoteAddr)
  return id === undefined ? undefined : peerIdFromMultihashBytes(id)
}
