/** The adapter of a session: the connection, the one timer, and the streams that callers hold. */
import type { CreateStreamOptions, MessageStream, StreamOptions } from '@libp2p/interface'
import { abortReason, MuxerClosedError } from '@weft/errors'
import { MuxerBase, type MuxedStreamInit } from '@weft/interface-stream-muxer'
import { now } from './clock.ts'
import { goAwayInternalError, goAwayNormal, goAwayProtocolError } from './core/frame.ts'
import type { SessionLimits } from './core/limits.ts'
import { Session } from './core/session.ts'
import type { StreamState } from './core/stream-state.ts'
import { YamuxError } from './errors.ts'
import type { YamuxOptions } from './options.ts'
import { YamuxStream } from './stream.ts'

interface Waiter {
  open: () => void
  reject: (error: Error) => void
}

export class YamuxMuxer extends MuxerBase<YamuxStream> {
  private readonly _session: Session<YamuxStream>
  private readonly _limits: SessionLimits
  private readonly _streamOptions: StreamOptions
  /** The account of the stream that the remote is just opening. */
  private _admitted: MuxedStreamInit['scope']
  private _waiters: Set<Waiter> | undefined
  private _timer: ReturnType<typeof setTimeout> | undefined
  private _timerAt = Number.POSITIVE_INFINITY

  constructor(connection: MessageStream, protocol: string, limits: SessionLimits, options: YamuxOptions) {
    super(connection, { protocol, name: 'yamux', maxEarlyStreams: options.maxEarlyStreams })
    this._limits = limits
    this._streamOptions = options.streamOptions ?? {}
    this._session = new Session(
      connection.direction === 'outbound',
      limits,
      this.outbox,
      {
        admit: () => {
          const { admitted, scope } = this.admit()
          this._admitted = scope
          return admitted
        },
        mayGrow: (state, window, growth) => state.handle?.mayGrow(window, growth) ?? true,
        onOpen: state => this.accept(this._makeStream(state, {}, this._admitted)),
        onData: (state, payload) => state.handle?.onData(payload),
        onEnd: state => state.handle?.onRemoteCloseWrite(),
        onReset: state => state.handle?.onRemoteReset(),
        onCredit: state => state.handle?.onWritable(),
        onSlot: () => this._openWaiting(),
        onPause: () => {
          this.pauseReading()
          this._arm()
        },
        onResume: () => this.resumeReading(),
        onGoAway: reason => this._onGoAway(reason)
      },
      now()
    )
    this.scope?.adopt({
      connection: {
        streamsInbound: options.maxInboundStreams,
        memory: options.maxConnectionWindowSize,
        unsent: options.streamOptions?.maxWriteBufferLength
      },
      stream: { memory: options.streamOptions?.maxStreamWindowSize }
    })
    this._arm()
  }

  protected override receive(chunk: Uint8Array): void {
    this._session.receive(chunk, now())
    if (this.status !== 'closed') this._arm()
  }

  protected override openStream(options: CreateStreamOptions): YamuxStream | Promise<YamuxStream> {
    if (this._session.isExhausted) throw new MuxerClosedError('the remote takes no more streams')
    if (this._session.canOpen && this._waiters === undefined) return this._open(options)
    return this._openLater(options)
  }

  protected override sendGoAway(error?: Error): void {
    if (error === undefined) this._session.goAway(goAwayNormal)
    else this._session.goAway(error.name === 'YamuxError' ? goAwayProtocolError : goAwayInternalError)
  }

  protected override starving(isStarving: boolean): void {
    this._session.starving = isStarving
  }

  protected override ended(error: Error | undefined): void {
    clearTimeout(this._timer)
    this._timer = undefined
    for (const waiter of this._waiters ?? []) waiter.reject(error ?? new MuxerClosedError())
  }

  private _open(options: CreateStreamOptions): YamuxStream {
    const scope = this.scope?.openStream('outbound')
    const state = this._session.open(undefined, now())
    const stream = this._makeStream(state, options, scope)
    this.track(stream)
    return stream
  }

  /** Waits until the remote has answered earlier streams, or some have closed. */
  private _openLater(options: CreateStreamOptions): Promise<YamuxStream> {
    const { signal } = options
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this._waiters?.delete(waiter)
        if (this._waiters?.size === 0) this._waiters = undefined
        signal?.removeEventListener('abort', onAbort)
      }
      const onAbort = (): void => waiter.reject(abortReason(signal!))
      const waiter: Waiter = {
        open: () => {
          settle()
          try {
            resolve(this._open(options))
          } catch (error) {
            reject(error as Error)
          }
        },
        reject: error => {
          settle()
          reject(error)
        }
      }
      this._waiters = (this._waiters ?? new Set()).add(waiter)
      if (signal?.aborted === true) onAbort()
      else signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  private _openWaiting(): void {
    for (const waiter of this._waiters ?? []) {
      if (!this._session.canOpen || this.status !== 'open') return
      waiter.open()
    }
  }

  private _makeStream(
    state: StreamState<YamuxStream>,
    options: CreateStreamOptions,
    scope: MuxedStreamInit['scope']
  ): YamuxStream {
    const { inactivityTimeout, maxReadBufferLength, maxWriteBufferLength } = { ...this._streamOptions, ...options }
    const stream = new YamuxStream({
      id: `${state.id}`,
      direction: state.outbound ? 'outbound' : 'inbound',
      log: () => this.log.newScope(`${state.outbound ? 'outbound' : 'inbound'}:${state.id}`),
      maxMessageSize: this._limits.maxMessageSize,
      inactivityTimeout,
      // The window bounds what can be unread; a bound below it would break streams that obey.
      maxReadBufferLength: Math.max(maxReadBufferLength ?? 0, this._limits.maxStreamWindow),
      maxWriteBufferLength,
      muxer: this,
      scope,
      session: this._session,
      state
    })
    state.handle = stream
    return stream
  }

  private _onGoAway(reason: number): void {
    // A good-bye that nobody waits behind is the usual end: it costs no error.
    if (reason === goAwayNormal && this._waiters === undefined) return
    const error = new YamuxError('ERR_YAMUX_GO_AWAY', `the remote ended the session with reason ${reason}`, { reason })
    for (const waiter of this._waiters ?? []) waiter.reject(error)
    if (reason !== goAwayNormal) throw error
  }

  private _arm(): void {
    const { wakeAt } = this._session
    if (wakeAt === Number.POSITIVE_INFINITY || this._timerAt <= wakeAt) return
    clearTimeout(this._timer)
    this._timerAt = wakeAt
    this._timer = setTimeout(() => this._tick(), Math.max(1, Math.ceil(wakeAt - now())))
    // A connection holds the process open; its keep-alive does not.
    ;(this._timer as { unref?: () => void }).unref?.()
  }

  private _tick(): void {
    this._timerAt = Number.POSITIVE_INFINITY
    if (this.status === 'closed') return
    try {
      this._session.tick(now())
      this._arm()
    } catch (error) {
      this.fail(error as Error)
    }
  }
}
