/** The adapter of every session of weft's: the connection, the one timer, and the streams that callers hold. */
import type { CreateStreamOptions, MessageStream, StreamOptions } from '@libp2p/interface'
import type { StreamScope } from '@weft/resources'
import { now } from './clock.ts'
import type { MuxerSession, SessionSink, SessionStreamState } from './core/session.ts'
import { MuxerBase, type MuxerInit } from './muxer.ts'
import { SessionStream } from './session-stream.ts'

// What js-libp2p's streams hold unread by default.
const defaultReadAhead = 4 * 1024 * 1024

/** Options of `SessionMuxer`. */
export interface SessionMuxerInit extends MuxerInit {
  /** Bytes of payload in the largest frame that is sent. */
  maxMessageSize: number
  /** The least bound on what a stream may hold unread, in bytes: one below what the protocol lets in would break it. */
  minReadBufferLength: number
  /** What the muxer's own options say of its streams. */
  streamOptions: StreamOptions | undefined
  /** The limits of the account that the muxer's own options raise, where they are given. */
  limits: {
    /** Streams that the remote may have open. */
    streamsInbound: number | undefined
    /** Bytes that may lie unread in the connection. */
    connectionMemory: number | undefined
    /** Bytes that may lie unread in a stream. */
    streamMemory: number | undefined
  }
}

/** A subclass makes the session, with itself as the sink, and says what its protocol has besides. */
export abstract class SessionMuxer<State extends SessionStreamState<SessionStream>, Session extends MuxerSession<State>>
  extends MuxerBase<SessionStream>
  implements SessionSink<State>
{
  /** Made by the subclass: nothing is received before its constructor is over. */
  protected abstract readonly session: Session
  private readonly _init: SessionMuxerInit
  /** The account of the stream that the remote is just opening. */
  private _admitted: StreamScope | undefined
  private _timer: ReturnType<typeof setTimeout> | undefined
  private _timerAt = Number.POSITIVE_INFINITY

  constructor(connection: MessageStream, init: SessionMuxerInit) {
    super(connection, init)
    this._init = init
    const { streamsInbound, connectionMemory, streamMemory } = init.limits
    this.scope?.adopt({
      connection: {
        streamsInbound,
        memory: connectionMemory,
        windows: connectionMemory,
        unsent: init.streamOptions?.maxWriteBufferLength
      },
      stream: { memory: streamMemory }
    })
  }

  admit(): boolean {
    const { admitted, scope } = this.openAccount()
    this._admitted = scope
    return admitted
  }

  growWindow(state: State, window: number, growth: number): boolean {
    return state.handle?.growWindow(window, growth) ?? true
  }

  shrinkWindow(state: State, length: number): void {
    state.handle?.shrinkWindow(length)
  }

  isShort(state: State): boolean {
    return state.handle?.isShort ?? false
  }

  mayHoldUnread(state: State): number {
    if (state.handle === undefined || state.handle.hasReader) return 0
    return this._init.streamOptions?.maxReadBufferLength ?? defaultReadAhead
  }

  onOpen(state: State): void {
    this.accept(this._makeStream(state, {}, this._admitted))
  }

  onData(state: State, payload: Uint8Array): void {
    state.handle?.onData(payload)
  }

  onEnd(state: State): void {
    state.handle?.onRemoteCloseWrite()
  }

  onReset(state: State): void {
    state.handle?.onRemoteReset()
  }

  onAbort(state: State, error: Error): void {
    state.handle?.abort(error)
  }

  onCredit(state: State): void {
    state.handle?.onWritable()
  }

  onSlot(): void {}

  onPause(): void {
    this.pauseReading()
    this.arm()
  }

  onResume(): void {
    this.resumeReading()
  }

  onGoAway(_reason: number): void {}

  protected override receive(chunk: Uint8Array): void {
    this.session.receive(chunk, now())
    if (this.status !== 'closed') this.arm()
  }

  protected override readsPaused(isPaused: boolean): void {
    this.session.readsPaused = isPaused
  }

  protected override ended(_error: Error | undefined): void {
    clearTimeout(this._timer)
    this._timer = undefined
  }

  /** The name of a stream among those of its connection. */
  protected nameOf(state: State): string {
    return `${state.id}`
  }

  /** Opens a stream now: there is room for one more. Throws `ResourceLimitError` if the account has none. */
  protected open(options: CreateStreamOptions): SessionStream {
    const scope = this.scope?.openStream('outbound')
    const stream = this._makeStream(this.session.open(now()), options, scope)
    this.track(stream)
    return stream
  }

  /** Wakes the session when it is due. */
  protected arm(): void {
    const { wakeAt } = this.session
    if (wakeAt === Number.POSITIVE_INFINITY || this._timerAt <= wakeAt) return
    clearTimeout(this._timer)
    this._timerAt = wakeAt
    this._timer = setTimeout(() => this._tick(), Math.max(1, Math.ceil(wakeAt - now())))
    // A connection holds the process open; this does not.
    ;(this._timer as { unref?: () => void }).unref?.()
  }

  private _tick(): void {
    this._timerAt = Number.POSITIVE_INFINITY
    if (this.status === 'closed') return
    this.guard(() => {
      this.session.tick(now())
      this.arm()
    })
  }

  private _makeStream(state: State, options: CreateStreamOptions, scope: StreamScope | undefined): SessionStream {
    const { maxMessageSize, minReadBufferLength, streamOptions } = this._init
    const { inactivityTimeout, maxReadBufferLength, maxWriteBufferLength } = { ...streamOptions, ...options }
    const direction = state.outbound ? 'outbound' : 'inbound'
    const stream = new SessionStream({
      id: this.nameOf(state),
      direction,
      log: () => this.log.newScope(`${direction}:${state.id}`),
      maxMessageSize,
      inactivityTimeout,
      maxReadBufferLength: Math.max(maxReadBufferLength ?? 0, minReadBufferLength),
      maxWriteBufferLength,
      muxer: this,
      scope,
      session: this.session,
      state
    })
    state.handle = stream
    return stream
  }
}
