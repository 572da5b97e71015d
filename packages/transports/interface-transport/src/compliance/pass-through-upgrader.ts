import type {
  ClearableSignal,
  Connection,
  ConnectionEncrypter,
  MultiaddrConnection,
  StreamMuxerFactory,
  Upgrader,
  UpgraderOptions
} from '@libp2p/interface'

/** An upgrader that adds nothing: what a transport dials and accepts can be looked at as it is. */
export class PassThroughUpgrader implements Upgrader {
  /** What the last dial led to. */
  outbound: MultiaddrConnection | undefined
  private readonly _accepted: MultiaddrConnection[] = []
  private readonly _waiting: Array<(connection: MultiaddrConnection) => void> = []

  /** The next connection that a listener accepts, or the first that nobody has asked for. */
  nextInbound(): Promise<MultiaddrConnection> {
    const connection = this._accepted.shift()
    if (connection !== undefined) return Promise.resolve(connection)
    return new Promise(resolve => this._waiting.push(resolve))
  }

  async upgradeOutbound(connection: MultiaddrConnection, { signal }: UpgraderOptions): Promise<Connection> {
    signal.throwIfAborted()
    this.outbound = connection
    // Stands for the connection in a transport's hands, which only passes it on.
    return connection as unknown as Connection
  }

  async upgradeInbound(connection: MultiaddrConnection, { signal }: UpgraderOptions): Promise<void> {
    signal.throwIfAborted()
    const resolve = this._waiting.shift()
    if (resolve === undefined) this._accepted.push(connection)
    else resolve(connection)
  }

  createInboundAbortSignal(signal: AbortSignal): ClearableSignal {
    return Object.assign(AbortSignal.any([signal]), { clear() {} })
  }

  getStreamMuxers(): Map<string, StreamMuxerFactory> {
    return new Map()
  }

  getConnectionEncrypters(): Map<string, ConnectionEncrypter> {
    return new Map()
  }
}
