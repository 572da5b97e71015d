/**
 * One upgrade, from the raw connection to the one that is given out: it holds who is asked about it (the gater), who pays for it
 * (the account), who watches it (the admission) and what is measured of it, so that the upgrader has its steps alone.
 */
import type {
  ClearableSignal,
  ConnectionGater,
  Logger,
  MessageStream,
  MessageStreamDirection,
  MultiaddrConnection,
  PeerId,
  UpgraderOptions,
  UpgraderWithoutEncryptionOptions
} from '@libp2p/interface'
import { InvalidPeerIdError, lineOf } from '@weft/errors'
import type { ConnectionManager } from '@weft/interface-node'
import { p2pBytesOf } from '@weft/multiaddr'
import { peerIdFromMultihashBytes } from '@weft/peer-id'
import type { ResourceManager } from '@weft/resources'
import { admissionOfManager } from '../admission/admission.ts'
import type { HandshakeWatch } from '../admission/handshake-watch.ts'
import { ConnectionDeniedError } from '../connection-errors.ts'
import { openConnectionScope, setPeer } from './accounts.ts'
import { askGater, type GaterQuestion } from './gater.ts'
import type { HandshakeMeter, MeasuredHandshake } from './handshake-meter.ts'

/** What an upgrade is given. */
export type UpgradeOptions = UpgraderOptions | UpgraderWithoutEncryptionOptions

/** Asked once it is known who the remote is. */
type LaterQuestion = Extract<GaterQuestion, `deny${string}${'Encrypted' | 'Upgraded'}Connection`>

/** What a handshake needs of its node. */
export interface HandshakeComponents {
  peerId: PeerId
  connectionManager: ConnectionManager
  connectionGater: ConnectionGater
  /** Without it nothing is counted. */
  resourceManager?: ResourceManager
}

/** What handshakes of a node have in common. */
export interface HandshakeContext {
  readonly components: HandshakeComponents
  readonly meter: HandshakeMeter | undefined
  readonly log: Logger
}

/**
 * A handshake calls `admit`, `identified` and `multiplexed` in this order, `waitFor` for whatever the remote has to answer to,
 * then `succeeded` or `failed`, and `end` in either case.
 */
export abstract class Handshake {
  readonly connection: MultiaddrConnection
  /** Its signal ends the handshake, and its `onProgress` is told how far it came. */
  abstract readonly options: UpgradeOptions
  /** The part that this side plays in negotiations: an outbound one speaks first. */
  abstract readonly role: MessageStreamDirection

  protected readonly components: HandshakeComponents
  protected readonly log: Logger
  protected readonly measured: MeasuredHandshake | undefined
  private readonly _direction: MessageStreamDirection

  constructor(
    { components, meter, log }: HandshakeContext,
    connection: MultiaddrConnection,
    direction: MessageStreamDirection
  ) {
    this.connection = connection
    this.components = components
    this.log = log
    this.measured = meter?.begin(direction, connection)
    this._direction = direction
  }

  /** The connection gets its place and its account, and the gater is asked whether it may begin. */
  abstract admit(): Promise<void>

  /** Runs a step in which the remote is waited for. */
  abstract waitFor<T>(step: () => Promise<T>): Promise<T>

  /** It is known who the remote is, and over what it is spoken to. */
  async identified(peer: PeerId, secured: MessageStream): Promise<void> {
    if (peer.equals(this.components.peerId)) throw new InvalidPeerIdError('the remote is this node itself')
    if (this.role === 'inbound') this._identify(peer)
    setPeer(this.connection, peer, secured)
    await this._ask({ inbound: 'denyInboundEncryptedConnection', outbound: 'denyOutboundEncryptedConnection' }, peer)
  }

  /** A muxer was agreed on. */
  async multiplexed(peer: PeerId): Promise<void> {
    await this._ask({ inbound: 'denyInboundUpgradedConnection', outbound: 'denyOutboundUpgradedConnection' }, peer)
    if (this.connection.status !== 'open') {
      throw new ConnectionDeniedError('the connection closed during its handshake')
    }
  }

  succeeded(peer: PeerId): void {
    this.measured?.succeeded(peer)
  }

  /** Breaks the connection off. Returns why the handshake has failed, in the words of whoever ended it. */
  failed(thrown: unknown): Error {
    const error = (this.refusal ?? thrown) as Error
    this._tell(error)
    this.measured?.failed(error)
    this.connection.abort(error)
    return error
  }

  /** Gives back what was held for the time of the handshake. */
  end(): void {}

  /** Why the connection was aborted, if that was done by whoever watches it. */
  protected get refusal(): Error | undefined {
    return undefined
  }

  private async _ask(questions: Record<MessageStreamDirection, LaterQuestion>, peer: PeerId): Promise<void> {
    const { connectionGater } = this.components
    await askGater(connectionGater, questions[this.role], [peer, this.connection], this.options.signal)
  }

  private _identify(peer: PeerId): void {
    const { connectionManager } = this.components
    const dialed = (): number =>
      connectionManager.getConnections(peer).filter(({ direction }) => direction === 'outbound').length
    admissionOfManager(connectionManager)?.identify(this.connection, peer.toString(), dialed)
  }

  private _tell(error: Error): void {
    if (!this.log.enabled) return
    const { remoteAddr, timeline } = this.connection
    const after = Date.now() - timeline.open
    this.log('%s handshake with %a failed after %d ms: %s', this._direction, remoteAddr, after, lineOf(error))
    this.log.trace('%s handshake with %a failed - %e', this._direction, remoteAddr, error)
  }
}

/** The handshake of a connection that a listener accepted: its time is limited, and its pace is watched. */
export class InboundHandshake extends Handshake {
  readonly options: UpgradeOptions
  readonly role: MessageStreamDirection = 'inbound'
  private readonly _signal: ClearableSignal
  private _watch: HandshakeWatch | undefined
  private _accepted = false

  /** @param signal - fires with the options' signal, and when the handshake has taken too long */
  constructor(
    context: HandshakeContext,
    connection: MultiaddrConnection,
    options: UpgradeOptions,
    signal: ClearableSignal
  ) {
    super(context, connection, 'inbound')
    this._signal = signal
    this.options = measuredBy(this.measured, { ...options, signal })
    if (this.log.enabled) this.log('accepted a connection from %a', connection.remoteAddr)
  }

  async admit(): Promise<void> {
    const { connectionManager, connectionGater } = this.components
    const admission = admissionOfManager(connectionManager)
    this._accepted = connectionManager.acceptIncomingConnection(this.connection)
    if (!this._accepted) {
      const why = admission?.refusalOf(this.connection)
      throw why ?? new ConnectionDeniedError('the connection manager takes no more connections')
    }
    openConnectionScope(this.components, this.connection, 'inbound')
    await askGater(connectionGater, 'denyInboundConnection', [this.connection], this._signal)
    this._watch = admission?.watch(this.connection)
  }

  /** The remote has to answer for the time in which it is waited for, not for that of the gater. */
  async waitFor<T>(step: () => Promise<T>): Promise<T> {
    this._watch?.resume()
    const outcome = await step()
    this._watch?.pause()
    return outcome
  }

  override end(): void {
    this._watch?.stop()
    this._signal.clear()
    if (this._accepted) this.components.connectionManager.afterUpgradeInbound(this.connection)
  }

  protected override get refusal(): Error | undefined {
    return this._watch?.refusal
  }
}

/** The handshake of a connection that was dialed: whoever dials has a time limit of its own. */
export class OutboundHandshake extends Handshake {
  readonly options: UpgradeOptions
  readonly role: MessageStreamDirection

  constructor(context: HandshakeContext, connection: MultiaddrConnection, options: UpgradeOptions) {
    super(context, connection, 'outbound')
    this.options = options
    this.role = options.initiator === false ? 'inbound' : 'outbound'
  }

  async admit(): Promise<void> {
    openConnectionScope(this.components, this.connection, 'outbound')
    const peer = peerOf(this.connection)
    if (peer === undefined) return
    const { connectionGater } = this.components
    await askGater(connectionGater, 'denyOutboundConnection', [peer, this.connection], this.options.signal)
  }

  waitFor<T>(step: () => Promise<T>): Promise<T> {
    return step()
  }
}

/** The peer that an address ends in. */
export function peerOf({ remoteAddr }: MultiaddrConnection): PeerId | undefined {
  const id = p2pBytesOf(remoteAddr)
  return id === undefined ? undefined : peerIdFromMultihashBytes(id)
}

/** The same options, by which what is measured hears how far the handshake came. */
function measuredBy<O extends UpgradeOptions>(measured: MeasuredHandshake | undefined, options: O): O {
  if (measured === undefined) return options
  const onProgress = (event: { type: string }): void => {
    measured.onProgress(event.type)
    options.onProgress?.(event as never)
  }
  return { ...options, onProgress }
}
