/** A secured, multiplexed connection to one peer, and the streams on it. */
import type {
  AbortOptions,
  ConnectionLimits,
  ConnectionStatus,
  CreateStreamOptions,
  Logger,
  MessageStream,
  MessageStreamDirection,
  MessageStreamEvents,
  Metrics,
  MultiaddrConnection,
  MultiaddrConnectionTimeline,
  NewStreamOptions,
  PeerId,
  PeerStore,
  Stream,
  StreamMuxer
} from '@libp2p/interface'
import type { TimeoutQueue } from '@weft/collections'
import {
  asError,
  ConnectionClosedError,
  InvalidParametersError,
  isStreamResetError,
  LimitedConnectionError,
  lineOf,
  TimeoutError,
  TooManyInboundProtocolStreamsError,
  TooManyOutboundProtocolStreamsError,
  withoutStackTraces
} from '@weft/errors'
import { EventEmitter } from '@weft/events'
import {
  type Connection,
  connectionScopeOf,
  connectionSymbol,
  guard,
  logFault,
  raceSignal,
  receivedBytesOf,
  StreamCloseEvent,
  streamScopeOf,
  whenOver
} from '@weft/interface-connection'
import type { Registrar } from '@weft/interface-node'
import { linkSignals, progress } from '@weft/interface-node'
import { encapsulatePeer, isCircuit, type Multiaddr } from '@weft/multiaddr'
import { MuxerUnavailableError } from '../connection-errors.ts'
import { defaultMaxInboundStreams, defaultMaxOutboundStreams, findHandler, serviceOf } from '../registrar.ts'
import { type Hearing, hearingSymbol } from '../watch/silence.ts'
import { type Agreement, agreementSymbol } from './agreement.ts'
import { openStreamScope } from './accounts.ts'
import { runMiddleware } from './middleware.ts'
import { mayPropose, type Negotiations, negotiate, proposeOptimistically, resetBefore, respond } from './negotiation.ts'
import { StreamCounts } from './stream-counts.ts'

/** What a connection needs of its node. */
export interface ConnectionComponents {
  peerStore: PeerStore
  registrar: Registrar
  metrics?: Metrics
}

/** What the upgrader has found out. */
export interface ConnectionInit {
  id: string
  maConn: MultiaddrConnection
  stream: MessageStream
  remotePeer: PeerId
  direction: MessageStreamDirection
  muxer: StreamMuxer | undefined
  encryption: string
  agreement: Agreement
  /** Whether the remote lets a listener speak first. */
  remoteWaits: boolean
  limits: ConnectionLimits | undefined
  /** Milliseconds in which `close()` must be done. */
  closeTimeout: number
  /** Told of streams that are opened and closed. */
  streamLog: Logger
  inboundNegotiations: TimeoutQueue
  outboundNegotiations: TimeoutQueue
}

// Protocols whose support is remembered, so that the next stream need not wait: more than any honest peer speaks.
const maxKnownProtocols = 1024

class SwarmConnection extends EventEmitter<Omit<MessageStreamEvents, 'drain' | 'message'>> {
  readonly id: string
  readonly remoteAddr: Multiaddr
  readonly remotePeer: PeerId
  readonly direction: MessageStreamDirection
  readonly direct: boolean
  readonly limits?: ConnectionLimits
  readonly encryption: string
  readonly multiplexer?: string
  rtt?: number

  private readonly _components: ConnectionComponents
  private readonly _init: ConnectionInit
  private readonly _counts = new StreamCounts()
  private readonly _negotiations: Negotiations
  private readonly _knownProtocols = new Set<string>()
  /** Signals of streams for which the muxer has no place yet. */
  private readonly _waiting = new Set<AbortSignal>()
  private _closing: Promise<void> | undefined
  private _closed = false

  static {
    Object.defineProperty(this.prototype, connectionSymbol, { value: true })
    Object.defineProperty(this.prototype, Symbol.toStringTag, { value: 'Connection' })
    Object.defineProperty(this.prototype, hearingSymbol, {
      get(this: SwarmConnection): Hearing {
        const { maConn, stream } = this._init
        return {
          received: receivedBytesOf(maConn),
          isPaused: isPaused(maConn) || isPaused(stream),
          waitsForPlace: signal => this._waiting.has(signal)
        }
      }
    })
  }

  constructor(components: ConnectionComponents, init: ConnectionInit) {
    super()
    const { maConn, muxer, remotePeer } = init
    this._components = components
    this._init = init
    this._negotiations = {
      supports: protocol => findHandler(components.registrar, protocol) !== undefined,
      timeouts: init.inboundNegotiations,
      remoteWaits: init.remoteWaits,
      onSelected: (stream, protocol) => {
        stream.protocol = protocol
        this._handle(stream)
      }
    }
    this.id = init.id
    this.remotePeer = remotePeer
    this.remoteAddr = encapsulatePeer(maConn.remoteAddr, remotePeer.toMultihash().bytes)
    this.direction = init.direction
    this.direct = !isCircuit(maConn.remoteAddr)
    this.encryption = init.encryption
    if (init.limits !== undefined) this.limits = init.limits
    if (muxer !== undefined) {
      this.multiplexer = muxer.protocol
      muxer.addEventListener('stream', event => this._onStream(event.detail))
    }
    // In a microtask: the streams first hear that the remote has ended, or they would seem to be closed by this side.
    const closeSoon = (): void => queueMicrotask(() => void this.close())
    maConn.addEventListener('remoteCloseWrite', closeSoon)
    // A dialer may have come and gone while it was upgraded.
    if ((maConn as Partial<Stream>).remoteWriteStatus === 'closed') closeSoon()
    maConn.addEventListener('close', event => this._announceClose(event.local, event.error))
  }

  get [agreementSymbol](): Agreement {
    return this._init.agreement
  }

  get streams(): Stream[] {
    return this._init.muxer?.streams ?? []
  }

  get status(): ConnectionStatus {
    if (this._closed) return this._init.maConn.status === 'open' ? 'closed' : this._init.maConn.status
    return this._closing !== undefined && this._init.maConn.status === 'open' ? 'closing' : this._init.maConn.status
  }

  get timeline(): MultiaddrConnectionTimeline {
    return this._init.maConn.timeline
  }

  get log(): Logger {
    return this._init.maConn.log
  }

  /**
   * The remote says over this connection that it speaks these and no others: a stream for one of them is given out before
   * the remote has agreed. An empty list says nothing.
   */
  learnProtocols(protocols: Iterable<string>): void {
    const told = [...protocols]
    if (told.length === 0) return
    this._knownProtocols.clear()
    for (const protocol of told.slice(0, maxKnownProtocols)) this._knownProtocols.add(protocol)
  }

  /** Whether the remote has said or shown on this connection that it speaks a protocol. */
  hasSaidToSpeak(protocol: string): boolean {
    return this._knownProtocols.has(protocol)
  }

  /** Opens a stream that speaks one of `protocols`, the first that the remote supports. */
  async newStream(protocols: string | string[], options: NewStreamOptions = {}): Promise<Stream> {
    const names = Array.isArray(protocols) ? protocols : [protocols]
    checkProtocols(names)
    const muxer = this._openMuxer(options)
    options.signal?.throwIfAborted()
    progress(options, 'connection:open-stream', { connection: this._self, protocols: names })
    const only = names.length === 1 ? names[0]! : undefined
    const stream = await this._takePlace(muxer, only === undefined ? options : { ...options, protocol: only })
    try {
      const scope = openStreamScope(connectionScopeOf(this._init.maConn), stream)
      // A muxer that carries the name in its own frames has set it.
      if (stream.protocol === '') await this._agree(stream, names, options)
      this._checkOutboundLimit(stream, options)
      scope?.setProtocol(stream.protocol, serviceOf(this._components.registrar, stream.protocol))
      this._components.metrics?.trackProtocolStream(stream)
      const middleware = this._components.registrar.getMiddleware(stream.protocol)
      const wrapped = middleware.length === 0 ? stream : await runMiddleware(stream, this._self, middleware)
      this._tellStream(stream)
      progress(options, 'connection:opened-stream', { connection: this._self, stream: wrapped })
      return wrapped
    } catch (error) {
      stream.abort(error as Error)
      throw error
    }
  }

  /** A stream of the muxer, which may have to wait until another one has ended. */
  private async _takePlace(muxer: StreamMuxer, options: CreateStreamOptions): Promise<Stream> {
    const { signal } = options
    const stream = muxer.createStream(options)
    if (signal === undefined || !(stream instanceof Promise)) return stream
    this._waiting.add(signal)
    try {
      return await stream
    } finally {
      this._waiting.delete(signal)
    }
  }

  /**
   * Ends all streams and the connection; resolves when all was sent, and the remote has ended its streams. After `connectionCloseTimeout` what has not ended is broken off, and the promise
   * rejects. A signal ends the caller's wait alone.
   */
  close(options: AbortOptions = {}): Promise<void> {
    this._closing ??= this._close()
    return raceSignal(this._closing, options.signal)
  }

  /** Breaks the connection and all its streams off. */
  abort(error: Error): void {
    this._init.muxer?.abort(error)
    this._init.maConn.abort(error)
  }

  protected override onListenerError(error: unknown, type: string): void {
    logFault(this.log, 'a listener of %s threw', asError(error), type)
  }

  private async _close(): Promise<void> {
    const { maConn, stream, muxer, closeTimeout } = this._init
    if (maConn.status !== 'open') return
    const closed = whenOver(maConn)
    const late = (): TimeoutError => new TimeoutError(`the connection did not close within ${closeTimeout} ms`)
    const signal = linkSignals([], { after: closeTimeout, reason: late })
    try {
      await muxer?.close({ signal })
      // From the top: a channel may have bytes that the connection has not taken yet.
      await raceSignal(stream.close({ signal }), signal)
      await raceSignal(maConn.close({ signal }), signal)
      // With no stream left, nothing more can come: the transport ends by itself when the remote has answered, in its time.
      if (muxer === undefined || muxer.streams.length > 0) await raceSignal(closed, signal)
      else this._announceClose(true, undefined)
    } catch (error) {
      this.abort(error as Error)
      throw error
    } finally {
      signal.clear()
    }
  }

  private _announceClose(local: boolean | undefined, error: Error | undefined): void {
    if (this._closed) return
    this._closed = true
    this.timeline.close ??= Date.now()
    this.dispatchEvent(new StreamCloseEvent(local, error))
  }

  private get _self(): Connection {
    // The brand is on the prototype, where the type cannot see it.
    return this as unknown as Connection
  }

  private _openMuxer(options: NewStreamOptions): StreamMuxer {
    const { muxer, maConn } = this._init
    if (muxer === undefined) throw new MuxerUnavailableError('the connection has no muxer')
    if (muxer.status !== 'open' || maConn.status !== 'open') {
      throw new ConnectionClosedError(`the connection is ${this.status}, its muxer ${muxer.status}`)
    }
    if (this.limits !== undefined && options.runOnLimitedConnection !== true) {
      throw new LimitedConnectionError('the connection is limited: pass runOnLimitedConnection to use it all the same')
    }
    return muxer
  }

  private async _agree(
    stream: Stream,
    protocols: string[],
    { negotiateFully, signal }: NewStreamOptions
  ): Promise<void> {
    const only = protocols.length === 1 ? protocols[0]! : undefined
    const timeouts = this._init.outboundNegotiations
    const isOptimistic = only !== undefined && !(negotiateFully ?? !this._knownProtocols.has(only))
    const { muxer } = this._init
    if (isOptimistic && mayPropose(stream)) {
      stream.protocol = only
      proposeOptimistically(stream, only, {
        timeouts,
        onAgreed: () => this._remember(only),
        onRefused: () => this._forget(protocols),
        isAlive: () => muxer?.status === 'open'
      })
      return
    }
    const timeout = timeouts.add(() =>
      stream.abort(new TimeoutError(`the remote did not answer to ${protocols.join(', ')}`))
    )
    try {
      stream.protocol = await negotiate(stream, protocols, signal)
      this._remember(stream.protocol)
      // The remote has said no to those before.
      const refused = protocols.slice(0, protocols.indexOf(stream.protocol))
      if (refused.length > 0) this._forget(refused)
    } catch (error) {
      const reset = isStreamResetError(error) && muxer?.status === 'open'
      if ((error as Error).name === 'UnsupportedProtocolError') this._forget(protocols)
      throw reset ? resetBefore(protocols, error) : error
    } finally {
      timeout.clear()
    }
  }

  private _checkOutboundLimit(stream: Stream, options: NewStreamOptions): void {
    const own = findHandler(this._components.registrar, stream.protocol)?.options.maxOutboundStreams
    const limit = own ?? options.maxOutboundStreams ?? defaultMaxOutboundStreams
    const count = this._counts.add(stream)
    if (count <= limit) return
    throw new TooManyOutboundProtocolStreamsError(
      `${count} outbound streams of ${stream.protocol}, at most ${limit} may be open`,
      {
        facts: { protocol: stream.protocol, limit }
      }
    )
  }

  private _onStream(stream: Stream): void {
    try {
      openStreamScope(connectionScopeOf(this._init.maConn), stream)
    } catch (error) {
      logFault(this.log, 'a stream of the remote is refused', error as Error)
      stream.abort(error as Error)
      return
    }
    if (stream.protocol === '') respond(stream, this._negotiations)
    else this._handle(stream)
  }

  private _handle(stream: Stream): void {
    this._runHandler(stream).catch((thrown: unknown) => {
      const error = asError(thrown)
      logFault(this.log, 'the handler of %s failed', error, stream.protocol)
      guard({ log: this.log }, () => stream.abort(error))
    })
  }

  private async _runHandler(stream: Stream): Promise<void> {
    const { registrar, metrics } = this._components
    const { handler, options } = registrar.getHandler(stream.protocol)
    const limit = options.maxInboundStreams ?? defaultMaxInboundStreams
    const count = this._counts.add(stream)
    if (count > limit) {
      const message = `${count} inbound streams of ${stream.protocol}, at most ${limit} may be open`
      const facts = { protocol: stream.protocol, limit }
      throw withoutStackTraces(() => new TooManyInboundProtocolStreamsError(message, { facts }))
    }
    if (this.limits !== undefined && options.runOnLimitedConnection !== true) {
      throw new LimitedConnectionError(`${stream.protocol} does not run on a limited connection`)
    }
    streamScopeOf(stream)?.setProtocol(stream.protocol, serviceOf(registrar, stream.protocol))
    this._tellStream(stream)
    metrics?.trackProtocolStream(stream)
    const middleware = registrar.getMiddleware(stream.protocol)
    const wrapped = middleware.length === 0 ? stream : await runMiddleware(stream, this._self, middleware)
    await handler(wrapped, this._self)
  }

  private _tellStream(stream: Stream): void {
    const { streamLog: log } = this._init
    if (!log.enabled) return
    const { id, direction, protocol } = stream
    log('%s stream %s of %s opened on %s with %p', direction, id, protocol, this.id, this.remotePeer)
    stream.addEventListener('close', ({ error }) => {
      log('%s stream %s of %s closed%s', direction, id, protocol, error === undefined ? '' : `: ${lineOf(error)}`)
    })
  }

  /**
   * The remote has agreed to serve a protocol: that is stored. A remote that opens a stream of it asks for it, and need not
   * serve it.
   */
  private _remember(protocol: string): void {
    if (this._knownProtocols.has(protocol)) return
    if (this._knownProtocols.size < maxKnownProtocols) this._knownProtocols.add(protocol)
    this._components.peerStore.merge(this.remotePeer, { protocols: [protocol] }).catch((error: Error) => {
      this.log('could not store that %p speaks %s - %e', this.remotePeer, protocol, error)
    })
  }

  /** The remote has refused protocols that it was said to speak: nobody opens them again for what was stored. */
  private _forget(refused: readonly string[]): void {
    const { peerStore } = this._components
    for (const protocol of refused) this._knownProtocols.delete(protocol)
    const forget = async (): Promise<void> => {
      const { protocols } = await peerStore.get(this.remotePeer)
      const left = protocols.filter(protocol => !refused.includes(protocol))
      if (left.length < protocols.length) await peerStore.patch(this.remotePeer, { protocols: left })
    }
    forget().catch((error: Error) => {
      if (error.name === 'NotFoundError') return
      this.log('could not store that %p does not speak %s - %e', this.remotePeer, refused.join(', '), error)
    })
  }
}

/** Whether a layer is not read. */
function isPaused(layer: MessageStream): boolean {
  return (layer as Partial<Stream>).readStatus === 'paused'
}

function checkProtocols(names: readonly unknown[]): void {
  if (names.length > 0 && names.every(name => typeof name === 'string' && name !== '')) return
  const what = names.length === 0 ? 'an empty list' : names.includes('') ? 'an empty text' : 'something else'
  throw new InvalidParametersError(`newStream() takes the name of a protocol, or several, not ${what}`)
}

/** Makes the connection of an upgrade. */
export function createConnection(components: ConnectionComponents, init: ConnectionInit): Connection {
  return new SwarmConnection(components, init) as unknown as Connection
}
