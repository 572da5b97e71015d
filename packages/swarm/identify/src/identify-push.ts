/** Identify push: connected peers are told when addresses or protocols of this node change (libp2p spec, identify). */
import type { AbortOptions, Connection, PeerId, Stream } from '@libp2p/interface'
import { checkOptions, InvalidMessageError, ProtocolError } from '@weft/errors'
import { hasSaidToSpeak } from '@weft/interface-node'
import { withDeadline, withStream } from '@weft/interface-protocol'
import { type AddressReach, reachOf } from './address-reach.ts'
import type { IdentifyPushComponents } from './components.ts'
import { consumeMessage } from './consume.ts'
import { PushRate } from './core/push-rate.ts'
import { type IdentifyPushInit, identifyPushOptions, type Settings, settingsOf } from './options.ts'
import { ownMessage } from './own-message.ts'
import { receiveMessages } from './receive.ts'
import { Service } from './service.ts'

/** The service: tells connected peers of changes of this node, and takes in what they tell. */
export interface IdentifyPush {
  /** Tells all connected peers that speak identify push about this node, once `debounce` has passed. Resolves at once. */
  push(): Promise<void>
}

/** The service, for the key `identifyPush` of `services`. Throws `InvalidParametersError` for an option that cannot be. */
export function identifyPush(init: IdentifyPushInit = {}): (components: IdentifyPushComponents) => IdentifyPush {
  const tellNotices = checkOptions('identifyPush', identifyPushOptions, init)
  const settings = settingsOf(init)
  return components => {
    tellNotices(components)
    return new IdentifyPushService(components, settings, init.agentVersion)
  }
}

class IdentifyPushService extends Service<IdentifyPushComponents> implements IdentifyPush {
  private readonly _rate = new PushRate()
  private _timer: ReturnType<typeof setTimeout> | undefined
  private _round: Promise<void> = Promise.resolve()

  constructor(components: IdentifyPushComponents, settings: Settings, agentVersion: string | undefined) {
    super(components, settings, agentVersion, 'id/push')
  }

  async push(): Promise<void> {
    // Later calls do not move the time: peers are told once in a while even if something changes all the time.
    this._timer ??= setTimeout(() => {
      this._timer = undefined
      this._round = this._round
        .then(() => this._pushToAll())
        .catch((error: Error) => this.log.error('could not push - %e', error))
    }, this.settings.debounce)
  }

  protected override listen(): void {
    if (this.settings.runOnSelfUpdate) this.components.events.addEventListener('self:peer:update', this._onSelfUpdate)
  }

  protected override unlisten(): void {
    this.components.events.removeEventListener('self:peer:update', this._onSelfUpdate)
    clearTimeout(this._timer)
    this._timer = undefined
  }

  protected override async serve(stream: Stream, connection: Connection): Promise<void> {
    const { remotePeer } = connection
    if (this.components.peerId.equals(remotePeer)) throw new InvalidMessageError('the pushing peer is this node')
    if (!this._rate.take(remotePeer.toString(), performance.now())) {
      throw new ProtocolError('the peer pushes too often')
    }
    const { timeout, maxMessageSize } = this.settings
    const message = await withDeadline({ timeout, operation: 'a push' }, signal =>
      receiveMessages(stream, maxMessageSize, signal)
    )
    await consumeMessage(this.components, this.log, connection, message)
  }

  private readonly _onSelfUpdate = (): void => void this.push()

  private async _pushToAll(): Promise<void> {
    if (!this.isStarted()) return
    const connections = this.components.connectionManager.getConnections()
    const waiting = oneOfEachPeer(connections)
    if (waiting.length === 0) return
    const messages = new Map<AddressReach, Promise<Uint8Array[]>>()
    const messagesFor = (scope: AddressReach): Promise<Uint8Array[]> => {
      const made =
        messages.get(scope) ?? ownMessage(this.components, this.host, false, scope).then(own => this.encode(own))
      messages.set(scope, made)
      return made
    }
    const work = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined && this.isStarted(); next = waiting.pop()) {
        if (!(await this._isSpokenBy(next.remotePeer, connections))) continue
        await this._pushTo(next, await messagesFor(reachOf(next.remoteAddr)))
      }
    }
    await Promise.all(Array.from({ length: Math.min(this.settings.concurrency, waiting.length) }, work))
  }

  /** What a connected peer speaks is known of its connections: the store may have forgotten the peer, or hold what it was. */
  private async _isSpokenBy(peer: PeerId, connections: readonly Connection[]): Promise<boolean> {
    const own = connections.filter(({ remotePeer }) => remotePeer.equals(peer))
    if (own.some(connection => hasSaidToSpeak(connection, this.protocol) === true)) return true
    try {
      return (await this.components.peerStore.get(peer)).protocols.includes(this.protocol)
    } catch (error) {
      if ((error as Error).name !== 'NotFoundError') this.log('could not read what %p speaks - %e', peer, error)
      return false
    }
  }

  private async _pushTo(connection: Connection, messages: Uint8Array[]): Promise<void> {
    try {
      const { timeout, limits } = this.settings
      const { runOnLimitedConnection } = limits
      const open = (options: AbortOptions): Promise<Stream> =>
        connection.newStream(this.protocol, { ...options, runOnLimitedConnection })
      await withStream(open, { timeout, operation: 'a push' }, (stream, signal) => this.send(stream, messages, signal))
    } catch (error) {
      this.log('could not push to %p - %e', connection.remotePeer, error)
    }
  }
}

/** A connection of each peer, if it can be one without limits. */
function oneOfEachPeer(connections: Connection[]): Connection[] {
  const chosen = new Map<string, Connection>()
  for (const connection of connections) {
    const peer = connection.remotePeer.toString()
    if (!chosen.has(peer) || connection.limits === undefined) chosen.set(peer, connection)
  }
  return [...chosen.values()]
}
