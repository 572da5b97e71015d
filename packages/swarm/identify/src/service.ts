import type { Connection, Logger, Startable, Stream } from '@libp2p/interface'
import { encodeLengthPrefixed, fromUtf8 } from '@weft/bytes'
import type { IdentifyComponents } from './components.ts'
import type { Settings } from './options.ts'
import type { Host } from './own-message.ts'

/** What identify and identify push have in common: a handler, from start to stop. */
export abstract class Service<C extends IdentifyComponents> implements Startable {
  /** What this node says about its software. */
  readonly host: Host
  protected readonly components: C
  protected readonly settings: Settings
  protected readonly protocol: string
  protected readonly log: Logger
  private _started = false

  constructor(components: C, settings: Settings, agentVersion: string | undefined, name: 'id' | 'id/push') {
    this.components = components
    this.settings = settings
    this.protocol = `/${settings.protocolPrefix}/${name}/1.0.0`
    this.log = components.logger.forComponent(name === 'id' ? 'libp2p:identify' : 'libp2p:identify-push')
    this.host = {
      protocolVersion: `${settings.protocolPrefix}/0.1.0`,
      agentVersion: agentVersion ?? components.nodeInfo.userAgent
    }
  }

  isStarted(): boolean {
    return this._started
  }

  async start(): Promise<void> {
    if (this._started) return
    this._started = true
    this.listen()
    const { peerStore, peerId, registrar } = this.components
    const { maxInboundStreams, maxOutboundStreams, runOnLimitedConnection } = this.settings
    const metadata = {
      AgentVersion: fromUtf8(this.host.agentVersion),
      ProtocolVersion: fromUtf8(this.host.protocolVersion)
    }
    await peerStore.merge(peerId, { metadata })
    await registrar.handle(this.protocol, (stream, connection) => this._handle(stream, connection), {
      maxInboundStreams,
      maxOutboundStreams,
      runOnLimitedConnection
    })
  }

  async stop(): Promise<void> {
    if (!this._started) return
    this._started = false
    this.unlisten()
    await this.components.registrar.unhandle(this.protocol)
  }

  /** Begins to listen to the node's events. */
  protected abstract listen(): void
  protected abstract unlisten(): void
  /** Serves a stream that a peer has opened. What it throws aborts the stream. */
  protected abstract serve(stream: Stream, connection: Connection): Promise<void>

  /** Sends one message and ends the writing side. */
  protected async send(stream: Stream, message: Uint8Array, signal: AbortSignal): Promise<void> {
    stream.send(encodeLengthPrefixed(message))
    await stream.close({ signal })
  }

  private async _handle(stream: Stream, connection: Connection): Promise<void> {
    try {
      await this.serve(stream, connection)
    } catch (error) {
      this.log('%s with %p failed - %e', this.protocol, connection.remotePeer, error)
      stream.abort(error as Error)
    }
  }
}
