/**
 * The streams of one connection, however they are carried: those that are open, those that came before anyone listened, the
 * accounts of new ones, and the way they all end. A muxer puts frames below it (`MuxerBase`); a connection whose transport
 * brings streams of its own (QUIC, WebRTC, WebTransport) needs no more than this.
 */
import type {
  AbortOptions,
  CreateStreamOptions,
  EventHandler,
  Logger,
  MessageStream,
  Stream,
  StreamMuxer,
  StreamMuxerEvents,
  StreamMuxerStatus
} from '@libp2p/interface'
import { asError, MuxerClosedError, ProtocolError, StreamResetError, TimeoutError } from '@weft/errors'
import { EventEmitter } from '@weft/events'
import { connectionScopeOf, guard, logFault, raceSignal, streamScopeOf } from '@weft/interface-connection'
import type { ConnectionScope, ResourceScope, StreamScope } from '@weft/resources'
import { ReadPause, type UnchargedStream } from './read-pause.ts'

/** What a `StreamSet` is told of its connection and its protocol. */
export interface StreamSetInit {
  /** The protocol that was negotiated, or that the transport stands for. */
  protocol: string
  /** The scope of the logger below the connection's. */
  name: string
  /**
   * Streams that the remote may open before anyone listens for `stream`; one more ends the connection.
   * @default 10
   */
  maxEarlyStreams?: number | undefined
}

/** A stream of a `StreamSet`. */
export interface SetStream extends Stream {
  /** The connection is gone. With an error the stream counts as reset: what it has received can still be read. */
  onTransportClosed(error: Error | undefined): void
}

/** What a `StreamSet` needs of its connection. */
export type SetConnection = Pick<MessageStream, 'log' | 'close' | 'abort'>

// What a stream has left to send when nobody waits for it with a limit of their own.
const closeTimeout = 5_000

/** A subclass opens streams, hands each to `track` or `accept`, and says when the connection is gone. */
export abstract class StreamSet<OneStream extends SetStream>
  extends EventEmitter<StreamMuxerEvents<OneStream>>
  implements StreamMuxer<OneStream>
{
  readonly protocol: string
  status: StreamMuxerStatus = 'open'

  private readonly _connection: SetConnection
  private readonly _name: string
  private readonly _maxEarlyStreams: number
  private readonly _streams = new Set<OneStream>()
  private _early: OneStream[] = []
  private _log: Logger | undefined
  private _readPause: ReadPause | undefined
  private _remoteLeft = false
  private _over = false

  constructor(connection: SetConnection, init: StreamSetInit) {
    super()
    this._connection = connection
    this._name = init.name
    this.protocol = init.protocol
    this._maxEarlyStreams = init.maxEarlyStreams ?? 10
  }

  /** Opens a stream, waiting for a slot if need be, and hands it to `track`. */
  protected abstract openStream(options: CreateStreamOptions): OneStream | Promise<OneStream>
  /** Tells the remote that no more comes, if the protocol has a way to. */
  protected sayGoodbye(_error?: Error): void {}
  /** The session is over: timers and waiters end here. Streams that were closed in peace may still end one by one. */
  protected ended(_error: Error | undefined): void {}
  /** Nothing is read or written from now on. */
  protected detached(): void {}

  /** Reads nothing more from the connection: the node has no room. A transport that cannot stop its remote does nothing. */
  protected pauseReading(): void {}
  /** Reads again. */
  protected resumeReading(): void {}

  /** The connection's account, if it has one by now. */
  protected get scope(): ConnectionScope | undefined {
    return connectionScopeOf(this._connection)
  }

  /** The open streams, as a fresh array. */
  get streams(): OneStream[] {
    return [...this._streams]
  }

  /** Whether nothing is read or written any more. After `close()` streams still end one by one. */
  protected get isOver(): boolean {
    return this._over
  }

  /** The logger, made when it is first asked for. */
  get log(): Logger {
    this._log ??= this._connection.log.newScope(this._name)
    return this._log
  }

  /** Opens a stream to the remote. Throws `MuxerClosedError` when the session is closing or closed. */
  async createStream(options: CreateStreamOptions = {}): Promise<OneStream> {
    if (this.status !== 'open') throw new MuxerClosedError()
    return this.openStream(options)
  }

  /**
   * Ends the writing side of every stream and the session; resolves when all was handed to the connection. A stream whose
   * remote takes nothing more holds it up: with a signal until that fires, when the promise rejects; without one for 5 s,
   * when the stream is reset.
   */
  async close(options: AbortOptions = {}): Promise<void> {
    if (this.status !== 'open') return
    this.status = 'closing'
    const closing = Promise.all(this.streams.map(stream => stream.close(options)))
    if (options.signal === undefined) await this._closeInTime(closing)
    else await raceSignal(closing, options.signal)
    if ((this.status as StreamMuxerStatus) === 'closed') return
    this.sayGoodbye()
    this.status = 'closed'
    this.ended(undefined)
  }

  /** Resets every stream and ends the session. The connection below is left to its owner. */
  abort(error: Error): void {
    if (this._over) return
    this.status = 'closed'
    for (const stream of this._streams) stream.abort(error)
    try {
      this.sayGoodbye(error)
    } catch (failure) {
      this.log('could not say good-bye - %e', failure)
    }
    this._over = true
    this._readPause?.end()
    this.detached()
    this.ended(error)
  }

  override addEventListener<K extends keyof StreamMuxerEvents<OneStream>>(
    type: K,
    listener: EventHandler<StreamMuxerEvents<OneStream>[K]> | null,
    options?: boolean | AddEventListenerOptions
  ): void {
    super.addEventListener(type, listener, options)
    // In a microtask: listeners are added in constructors that have not finished.
    if (type === 'stream' && this._early.length > 0) queueMicrotask(() => this._announceEarly())
  }

  /** Reads no more until there is room for what a stream has received. */
  pauseForMemory(stream: UnchargedStream, exhausted: ResourceScope): void {
    const { scope } = this
    if (this._over || scope === undefined) return
    this._readPause ??= new ReadPause({
      account: scope,
      guard: task => this.guard(task),
      pause: () => {
        this.pauseReading()
        this.readsPaused(true)
      },
      resume: () => {
        this.readsPaused(false)
        this.resumeReading()
      }
    })
    this._readPause.begin(stream, exhausted)
  }

  /** Whether this side reads nothing, for want of room: the remote's silence then says nothing. */
  protected readsPaused(_isPaused: boolean): void {}

  /**
   * An account for one more stream of the remote. `admitted` is false if there is no room for one: the stream is to be reset
   * before anything is made of it.
   */
  protected openAccount(): { admitted: boolean; scope: StreamScope | undefined } {
    try {
      return { admitted: true, scope: this.scope?.openStream('inbound') }
    } catch (error) {
      this.log('a stream is refused - %e', error)
      return { admitted: false, scope: undefined }
    }
  }

  /** Counts a stream as open until it closes. */
  protected track(stream: OneStream): void {
    this._streams.add(stream)
    stream.addEventListener('close', () => {
      this._streams.delete(stream)
      this.streamClosed(stream)
      streamScopeOf(stream)?.close()
      if (this._remoteLeft) this._leave()
    })
  }

  /** A stream is counted no more. */
  protected streamClosed(_stream: OneStream): void {}

  /** The remote has opened a stream. */
  protected accept(stream: OneStream): void {
    this.track(stream)
    if (this.listenerCount('stream') > 0) {
      this.safeDispatchEvent('stream', { detail: stream })
      return
    }
    this._early.push(stream)
    if (this._early.length > this._maxEarlyStreams) {
      throw new ProtocolError(`the remote opened more than ${this._maxEarlyStreams} streams before any was expected`)
    }
  }

  /** The remote takes no more streams: with the last of them the connection ends, which is of no use to anybody any more. */
  protected remoteLeaves(): void {
    this._remoteLeft = true
    this._leave()
  }

  /** The connection is gone; without an error, in peace. */
  protected transportClosed(error: Error | undefined): void {
    if (this._over) return
    const expected = this.status !== 'open'
    this.status = 'closed'
    this._over = true
    this._readPause?.end()
    this.detached()
    for (const stream of this._streams) {
      const whole = expected || stream.remoteWriteStatus === 'closed'
      stream.onTransportClosed(
        error ?? (whole ? undefined : new StreamResetError('the connection ended before the stream'))
      )
    }
    this.ended(error)
  }

  /** Breaks the session and the connection off. */
  protected fail(error: Error): void {
    logFault(this.log, 'ends with error', error)
    this.abort(error)
    this._connection.abort(error)
  }

  /** Runs `task` of a timer or a microtask: what it throws breaks the session and the connection off. */
  protected guard(task: () => void): void {
    guard({ log: this._connection.log, abort: error => this.fail(error) }, task)
  }

  protected override onListenerError(error: unknown): void {
    logFault(this.log, 'a listener threw', asError(error))
  }

  private async _closeInTime(closing: Promise<unknown>): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<void>(resolve => {
      timer = setTimeout(resolve, closeTimeout)
    })
    try {
      await Promise.race([closing, late])
    } finally {
      clearTimeout(timer)
    }
    for (const stream of this._streams) {
      if (stream.writeStatus === 'closed') continue
      stream.abort(new TimeoutError(`the remote took nothing more for ${closeTimeout} ms`))
    }
  }

  private _leave(): void {
    if (this.status !== 'open' || this._streams.size > 0) return
    this.close()
      .then(() => this._connection.close())
      .catch((error: unknown) => this._connection.abort(error as Error))
  }

  private _announceEarly(): void {
    const early = this._early
    this._early = []
    for (const stream of early) this.safeDispatchEvent('stream', { detail: stream })
  }
}
