import type { Connection, DialProtocolOptions, DialTarget, Startable, Stream } from '@libp2p/interface'
import { throwIfAborted } from '@weft/errors'
import type { ClientComponents, ServiceComponents } from './components.ts'
import type { StreamLimits } from './options.ts'
import { serviceCapabilities, serviceDependencies } from '@weft/interface-node'

/** One protocol of a service. */
export interface ProtocolHandler {
  /** Its name: `/ipfs/ping/1.0.0`. */
  readonly protocol: string
  /** How many streams of it there may be. */
  readonly limits: StreamLimits
  /** Serves a stream that a peer has opened. What it throws, or rejects with, aborts the stream and is logged. */
  readonly serve: (stream: Stream, connection: Connection) => void | Promise<void>
}

/** What a service is. */
export interface ProtocolServiceInit {
  /** What `Object.prototype.toString` calls it: `'@weft/ping'`. */
  readonly name: string
  /** What other services may depend on: `['@libp2p/ping']`. @default none */
  readonly capabilities?: readonly string[]
  /** The capabilities that it needs of others: a node without them is not made. @default none */
  readonly dependencies?: readonly string[]
  /** Its protocols. */
  readonly handlers: readonly ProtocolHandler[]
}

/**
 * The life of a service: from `start()` to `stop()` its protocols are handled. Both may be called again and in any order;
 * they take effect one after the other.
 */
export abstract class ProtocolService<C extends ServiceComponents = ServiceComponents> implements Startable {
  /** What the node gave it. */
  protected readonly components: C
  /** Its protocols. */
  protected readonly handlers: readonly ProtocolHandler[]
  private readonly _name: string
  private _isStarted = false
  private _handled: string[] = []
  private _change: Promise<void> = Promise.resolve()

  constructor(components: C, { name, capabilities, dependencies, handlers }: ProtocolServiceInit) {
    this.components = components
    this.handlers = handlers
    this._name = name
    if (capabilities !== undefined) Object.defineProperty(this, serviceCapabilities, { value: capabilities })
    if (dependencies !== undefined) Object.defineProperty(this, serviceDependencies, { value: dependencies })
  }

  get [Symbol.toStringTag](): string {
    return this._name
  }

  /** The name of its first protocol. */
  get protocol(): string {
    return this.handlers[0]!.protocol
  }

  /** Whether its protocols are handled, or are about to be. */
  isStarted(): boolean {
    return this._isStarted
  }

  /** Rejects where a protocol cannot be handled, and then none of them is. */
  start(): Promise<void> {
    return this._next(async () => {
      if (this._isStarted) return
      this._isStarted = true
      try {
        await this.onStart()
        for (const handler of this.handlers) {
          await this.components.registrar.handle(handler.protocol, serveWith(handler), handler.limits)
          this._handled.push(handler.protocol)
        }
      } catch (error) {
        await this._end().catch(() => {})
        throw error
      }
    })
  }

  stop(): Promise<void> {
    return this._next(async () => {
      if (this._isStarted) await this._end()
    })
  }

  /** Before its protocols are handled: the place to listen to the node's events. */
  protected onStart(): void | Promise<void> {}
  /** Before its protocols are no longer handled. What `onStart` began ends here, also where `onStart` failed. */
  protected onStop(): void | Promise<void> {}

  private async _end(): Promise<void> {
    const handled = this._handled
    this._isStarted = false
    this._handled = []
    const ends = [async () => this.onStop(), ...handled.map(name => () => this.components.registrar.unhandle(name))]
    const failures: unknown[] = []
    for (const end of ends) await end().catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }

  private _next(change: () => Promise<void>): Promise<void> {
    const done = this._change.then(change)
    this._change = done.catch(() => {})
    return done
  }
}

/** Opens a stream of a service's protocol, with its limits. Throws what the connection manager throws. */
export async function openStream(
  { connectionManager }: Pick<ClientComponents, 'connectionManager'>,
  peer: DialTarget,
  { protocol, limits }: Pick<ProtocolHandler, 'protocol' | 'limits'>,
  options: DialProtocolOptions = {}
): Promise<Stream> {
  throwIfAborted(options.signal)
  const { maxOutboundStreams, runOnLimitedConnection } = limits
  return connectionManager.openStream(peer, protocol, { maxOutboundStreams, runOnLimitedConnection, ...options })
}

function serveWith({ protocol, serve }: ProtocolHandler) {
  return async (stream: Stream, connection: Connection): Promise<void> => {
    try {
      await serve(stream, connection)
    } catch (error) {
      stream.log.error('%s failed - %e', protocol, error)
      stream.abort(error as Error)
    }
  }
}
