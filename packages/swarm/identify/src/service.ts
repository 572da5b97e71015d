import type { Connection, Logger, Stream } from '@libp2p/interface'
import { encodeLengthPrefixed, fromUtf8 } from '@weft/bytes'
import { ProtocolService } from '@weft/interface-protocol'
import { Uint8ArrayList } from 'uint8arraylist'
import type { IdentifyComponents } from './components.ts'
import { encodeFitting } from './core/fit.ts'
import type { IdentifyMessage } from './core/message.ts'
import type { Settings } from './options.ts'
import type { Host } from './own-message.ts'

/** What identify and identify push have in common. */
export abstract class Service<C extends IdentifyComponents> extends ProtocolService<C> {
  /** What this node says about its software. */
  protected readonly host: Host
  protected readonly settings: Settings
  protected readonly log: Logger
  private _toldLeftOut = false

  constructor(components: C, settings: Settings, agentVersion: string | undefined, name: 'id' | 'id/push') {
    const service = name === 'id' ? 'identify' : 'identify-push'
    super(components, {
      name: `@weft/${service}`,
      capabilities: [`@libp2p/${service}`],
      handlers: [
        {
          protocol: `/${settings.protocolPrefix}/${name}/1.0.0`,
          limits: settings.limits,
          serve: (stream, connection) => this.serve(stream, connection)
        }
      ]
    })
    this.settings = settings
    this.log = components.logger.forComponent(`libp2p:${service}`)
    this.host = {
      protocolVersion: `${settings.protocolPrefix}/0.1.0`,
      agentVersion: agentVersion ?? components.nodeInfo.userAgent
    }
  }

  protected override async onStart(): Promise<void> {
    this.listen()
    const { peerStore, peerId } = this.components
    const metadata = {
      AgentVersion: fromUtf8(this.host.agentVersion),
      ProtocolVersion: fromUtf8(this.host.protocolVersion)
    }
    await peerStore.merge(peerId, { metadata })
  }

  protected override onStop(): void {
    this.unlisten()
  }

  /** Begins to listen to the node's events. */
  protected abstract listen(): void
  protected abstract unlisten(): void
  /** Serves a stream that a peer has opened. What it throws aborts the stream. */
  protected abstract serve(stream: Stream, connection: Connection): Promise<void>

  /** The bytes of what this node says. What there is no room for is logged: peers will not know of it. */
  protected encode(message: IdentifyMessage): Uint8Array[] {
    const { messages, leftOut } = encodeFitting(message)
    if (leftOut > 0 && !this._toldLeftOut) {
      this._toldLeftOut = true
      this.log.error('%d of %d protocols are not told to peers: there is no room', leftOut, message.protocols.length)
    }
    return messages
  }

  /** Sends messages in one write, and ends the writing side. */
  protected async send(stream: Stream, messages: readonly Uint8Array[], signal: AbortSignal): Promise<void> {
    stream.send(new Uint8ArrayList(...messages.map(encodeLengthPrefixed)))
    await stream.close({ signal })
  }
}
