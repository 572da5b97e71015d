/**
 * Identify: who is on the other side of a connection, where it listens, what it speaks and how it sees this node
 * (libp2p spec, identify).
 *
 * Beyond the specification: answers may come as up to ten messages, as go-libp2p's do, and carry a signed peer record
 * (RFC 0003), whose addresses then count.
 */
import type { Connection, IdentifyResult, Libp2pEvents, NewStreamOptions, Stream } from '@libp2p/interface'
import { checkOptions, InvalidMessageError } from '@weft/errors'
import { SharedWork } from '@weft/interface-connection'
import { endStream, withDeadline } from '@weft/interface-protocol'
import { reachOf } from './address-reach.ts'
import type { IdentifyComponents } from './components.ts'
import { consumeMessage } from './consume.ts'
import type { IdentifyMessage } from './core/message.ts'
import { mayBePublic, observedFrom, readAddress } from './observed.ts'
import { type IdentifyInit, identifyOptions, type Settings, settingsOf } from './options.ts'
import { OwnAnswer } from './own-answer.ts'
import { receiveMessages } from './receive.ts'
import { Service } from './service.ts'

/** The service: asks peers who they are, and answers when they ask. */
export interface Identify {
  /**
   * Asks the peer of a connection who it is, keeps the answer in the peer store and dispatches `peer:identify`. It runs
   * by itself on every new connection; calls while it runs share its result. Each call has its own signal, or else gives up
   * after `timeout`; the exchange ends with the last of them.
   *
   * @throws InvalidMessageError for an answer that is not valid or not the peer's; TimeoutError; what opening a stream
   * throws
   */
  identify(connection: Connection, options?: NewStreamOptions): Promise<IdentifyResult>
}

/** The service, for the key `identify` of `services`. Throws `InvalidParametersError` for an option that cannot be. */
export function identify(init: IdentifyInit = {}): (components: IdentifyComponents) => Identify {
  const tellNotices = checkOptions('identify', identifyOptions, init)
  const settings = settingsOf(init)
  return components => {
    tellNotices(components)
    return new IdentifyService(components, settings, init.agentVersion)
  }
}

class IdentifyService extends Service<IdentifyComponents> implements Identify {
  private readonly _shared = new SharedWork<Connection, IdentifyResult>()
  private readonly _answer: OwnAnswer

  constructor(components: IdentifyComponents, settings: Settings, agentVersion: string | undefined) {
    super(components, settings, agentVersion, 'id')
    this._answer = new OwnAnswer(components, this.host)
  }

  identify(connection: Connection, options: NewStreamOptions = {}): Promise<IdentifyResult> {
    const join = (signal: AbortSignal): Promise<IdentifyResult> =>
      this._shared.join(connection, { signal }, shared => this._identify(connection, { ...options, signal: shared }))
    if (options.signal !== undefined) return join(options.signal)
    return withDeadline({ timeout: this.settings.timeout, operation: 'identify' }, join)
  }

  protected override listen(): void {
    const { events } = this.components
    events.addEventListener('self:peer:update', this._onSelfUpdate)
    if (this.settings.runOnConnectionOpen) events.addEventListener('connection:open', this._onOpen)
  }

  protected override unlisten(): void {
    const { events } = this.components
    events.removeEventListener('self:peer:update', this._onSelfUpdate)
    events.removeEventListener('connection:open', this._onOpen)
    this._answer.forget()
  }

  protected override async serve(stream: Stream, connection: Connection): Promise<void> {
    const { timeout } = this.settings
    await withDeadline({ timeout, operation: 'an answer to identify' }, async signal => {
      // Whatever the peer sends is of no interest and must not pile up.
      await stream.closeRead({ signal })
      const observedAddr = observedFrom(connection.remoteAddr)
      const answer = await this._answer.get(reachOf(connection.remoteAddr))
      await this.send(stream, this.encode(observedAddr === undefined ? answer : { ...answer, observedAddr }), signal)
      // A remote that never ends its side would hold one of its few streams for as long as the connection lives.
      await endStream(stream, timeout)
    })
  }

  private readonly _onSelfUpdate = (): void => this._answer.forget()

  private readonly _onOpen = (event: Libp2pEvents['connection:open']): void => {
    this.identify(event.detail).catch((error: Error) => {
      this.log('%p could not be identified - %e', event.detail.remotePeer, error)
    })
  }

  private async _identify(connection: Connection, options: NewStreamOptions): Promise<IdentifyResult> {
    const message = await this._ask(connection, options)
    if (this.components.peerId.equals(connection.remotePeer)) {
      throw new InvalidMessageError('the identified peer is this node')
    }
    const result = await consumeMessage(this.components, this.log, connection, message)
    const observed = readAddress(message.observedAddr)
    if (observed !== undefined && mayBePublic(observed)) this.components.addressManager.addObservedAddr(observed)
    return result
  }

  private async _ask(connection: Connection, options: NewStreamOptions): Promise<IdentifyMessage> {
    const { maxMessageSize, limits } = this.settings
    const { runOnLimitedConnection } = limits
    const stream = await connection.newStream(this.protocol, { ...options, runOnLimitedConnection })
    return receiveMessages(stream, maxMessageSize, options.signal!)
  }
}
