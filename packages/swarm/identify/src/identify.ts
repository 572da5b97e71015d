/**
 * Identify: who is on the other side of a connection, where it listens, what it speaks and how it sees this node
 * (libp2p spec, identify).
 *
 * Beyond the specification: answers may come as up to ten messages, as go-libp2p's do, and carry a signed peer record
 * (RFC 0003), whose addresses then count.
 */
import type { Connection, IdentifyResult, Libp2pEvents, NewStreamOptions, Stream } from '@libp2p/interface'
import { checkOptions, InvalidMessageError } from '@weft/errors'
import { raceSignal, whenOver } from '@weft/interface-connection'
import type { IdentifyComponents } from './components.ts'
import { consumeMessage } from './consume.ts'
import { encodeFitting } from './core/fit.ts'
import type { IdentifyMessage } from './core/message.ts'
import { withDeadline } from './deadline.ts'
import { mayBePublic, observedFrom, readAddress } from './observed.ts'
import { type IdentifyInit, identifyOptions, type Settings, settingsOf } from './options.ts'
import { OwnAnswer } from './own-answer.ts'
import { receiveMessages } from './receive.ts'
import { Service } from './service.ts'
import { serviceCapabilities } from './symbols.ts'

/** The service: asks peers who they are, and answers when they ask. */
export interface Identify {
  /**
   * Asks the peer of a connection who it is, keeps the answer in the peer store and dispatches `peer:identify`. It runs
   * by itself on every new connection; calls while it runs share its result. Without a signal it ends after `timeout`.
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
  readonly [serviceCapabilities]: string[] = ['@libp2p/identify']
  private readonly _running = new Map<Connection, Promise<IdentifyResult>>()
  private readonly _answer: OwnAnswer

  constructor(components: IdentifyComponents, settings: Settings, agentVersion: string | undefined) {
    super(components, settings, agentVersion, 'id')
    this._answer = new OwnAnswer(components, this.host)
  }

  identify(connection: Connection, options: NewStreamOptions = {}): Promise<IdentifyResult> {
    let running = this._running.get(connection)
    if (running === undefined) {
      running = this._identify(connection, options).finally(() => this._running.delete(connection))
      this._running.set(connection, running)
    }
    return raceSignal(running, options.signal)
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
    await withDeadline(this.settings.timeout, async signal => {
      // Whatever the peer sends is of no interest and must not pile up.
      await stream.closeRead({ signal })
      const observedAddr = observedFrom(connection.remoteAddr)
      const answer = await this._answer.get()
      await this.send(stream, encodeFitting(observedAddr === undefined ? answer : { ...answer, observedAddr }), signal)
      // A remote that never ends its side would hold one of its few streams for as long as the connection lives.
      await ended(stream, signal)
    })
  }

  private readonly _onSelfUpdate = (): void => this._answer.forget()

  private readonly _onOpen = (event: Libp2pEvents['connection:open']): void => {
    this.identify(event.detail).catch((error: Error) => {
      this.log('%p could not be identified - %e', event.detail.remotePeer, error)
    })
  }

  private async _identify(connection: Connection, options: NewStreamOptions): Promise<IdentifyResult> {
    const message =
      options.signal === undefined
        ? await withDeadline(this.settings.timeout, signal => this._ask(connection, options, signal))
        : await this._ask(connection, options, options.signal)
    if (message.publicKey === undefined) throw new InvalidMessageError('the identify message has no public key')
    if (this.components.peerId.equals(connection.remotePeer)) {
      throw new InvalidMessageError('the identified peer is this node')
    }
    const result = await consumeMessage(this.components, this.log, connection, message)
    const observed = readAddress(message.observedAddr)
    if (observed !== undefined && mayBePublic(observed)) this.components.addressManager.addObservedAddr(observed)
    return result
  }

  private async _ask(connection: Connection, options: NewStreamOptions, signal: AbortSignal): Promise<IdentifyMessage> {
    const { maxMessageSize, runOnLimitedConnection } = this.settings
    const stream = await connection.newStream(this.protocol, { ...options, signal, runOnLimitedConnection })
    try {
      return await receiveMessages(stream, maxMessageSize, signal)
    } catch (error) {
      stream.abort(error as Error)
      throw error
    }
  }
}

/** Resolves when the stream has closed, and rejects with the signal's reason if that comes first. */
function ended(stream: Stream, signal: AbortSignal): Promise<void> {
  return raceSignal(whenOver(stream), signal)
}
