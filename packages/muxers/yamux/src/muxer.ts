/** The adapter of a session: the connection, the one timer, and the streams that callers hold. */
import type { CreateStreamOptions, MessageStream, StreamOptions } from '@libp2p/interface'
import { abortReason, MuxerClosedError } from '@weft/errors'
import { MuxerBase, type MuxedStreamInit } from '@weft/interface-stream-muxer'
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
  readonly #session: Session<YamuxStream>
  readonly #limits: SessionLimits
  readonly #streamOptions: StreamOptions
  /** The account of the stream that the remote is just opening. */
  #admitted: MuxedStreamInit['scope']
  #waiters: Set<Waiter> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #timerAt = Number.POSITIVE_INFINITY

  constructor(connection: MessageStream, protocol: string, limits: SessionLimits, options: YamuxOptions) {
    super(connection, { protocol, name: 'yamux', maxEarlyStreams: options.maxEarlyStreams })
    this.#limits = limits
    this.#streamOptions = options.streamOptions ?? {}
    this.#session = new Session(
      connection.direction === 'outbound',
      limits,
      this.outbox,
      {
        admit: () => {
          const { admitted, scope } = this.admit()
          this.#admitted = scope
          return admitted
        },
        mayGrow: (state, window, growth) => state.handle?.mayGrow(window, growth) ?? true,
        onOpen: state => this.accept(this.#makeStream(state, {}, this.#admitted)),
        onData: (state, payload) => state.handle?.onData(payload),
        onEnd: state => state.handle?.onRemoteCloseWrite(),
        onReset: state => state.handle?.onRemoteReset(),
        onCredit: state => state.handle?.onWritable(),
        onSlot: () => this.#openWaiting(),
        onPause: () => {
          this.pauseReading()
          this.#arm()
        },
        onResume: () => this.resumeReading(),
        onGoAway: reason => this.#onGoAway(reason)
      },
      performance.now()
    )
    this.scope?.adopt({
      connection: {
        streamsInbound: options.maxInboundStreams,
        memory: options.maxConnectionWindowSize,
        unsent: options.streamOptions?.maxWriteBufferLength
      },
      stream: { memory: options.streamOptions?.maxStreamWindowSize }
    })
    this.#arm()
  }

  protected override receive(chunk: Uint8Array): void {
    this.#session.receive(chunk, performance.now())
    if (this.status !== 'closed') this.#arm()
  }

  protected override openStream(options: CreateStreamOptions): YamuxStream | Promise<YamuxStream> {
    if (this.#session.isExhausted) throw new MuxerClosedError('the remote takes no more streams')
    if (this.#session.canOpen && this.#waiters === undefined) return this.#open(options)
    return this.#openLater(options)
  }

  protected override sendGoAway(error?: Error): void {
    if (error === undefined) this.#session.goAway(goAwayNormal)
    else this.#session.goAway(error.name === 'YamuxError' ? goAwayProtocolError : goAwayInternalError)
  }

  protected override starving(isStarving: boolean): void {
    this.#session.starving = isStarving
  }

  protected override ended(error: Error | undefined): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const waiter of this.#waiters ?? []) waiter.reject(error ?? new MuxerClosedError())
  }

  #open(options: CreateStreamOptions): YamuxStream {
    const scope = this.scope?.openStream('outbound')
    const state = this.#session.open(undefined, performance.now())
    const stream = this.#makeStream(state, options, scope)
    this.track(stream)
    return stream
  }

  /** Waits until the remote has answered earlier streams, or some have closed. */
  #openLater(options: CreateStreamOptions): Promise<YamuxStream> {
    const { signal } = options
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#waiters?.delete(waiter)
        if (this.#waiters?.size === 0) this.#waiters = undefined
        signal?.removeEventListener('abort', onAbort)
      }
      const onAbort = (): void => waiter.reject(abortReason(signal!))
      const waiter: Waiter = {
        open: () => {
          settle()
          try {
            resolve(this.#open(options))
          } catch (error) {
            reject(error as Error)
          }
        },
        reject: error => {
          settle()
          reject(error)
        }
      }
      this.#waiters = (this.#waiters ?? new Set()).add(waiter)
      if (signal?.aborted === true) onAbort()
      else signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  #openWaiting(): void {
    for (const waiter of this.#waiters ?? []) {
      if (!this.#session.canOpen || this.status !== 'open') return
      waiter.open()
    }
  }

  #makeStream(
    state: StreamState<YamuxStream>,
    options: CreateStreamOptions,
    scope: MuxedStreamInit['scope']
  ): YamuxStream {
    const { inactivityTimeout, maxReadBufferLength, maxWriteBufferLength } = { ...this.#streamOptions, ...options }
    const stream = new YamuxStream({
      id: `${state.id}`,
      direction: state.outbound ? 'outbound' : 'inbound',
      log: () => this.log.newScope(`${state.outbound ? 'outbound' : 'inbound'}:${state.id}`),
      maxMessageSize: this.#limits.maxMessageSize,
      inactivityTimeout,
      // The window bounds what can be unread; a bound below it would break streams that obey.
      maxReadBufferLength: Math.max(maxReadBufferLength ?? 0, this.#limits.maxStreamWindow),
      maxWriteBufferLength,
      muxer: this,
      scope,
      session: this.#session,
      state
    })
    state.handle = stream
    return stream
  }

  #onGoAway(reason: number): void {
    // A good-bye that nobody waits behind is the usual end: it costs no error.
    if (reason === goAwayNormal && this.#waiters === undefined) return
    const error = new YamuxError('ERR_YAMUX_GO_AWAY', `the remote ended the session with reason ${reason}`, { reason })
    for (const waiter of this.#waiters ?? []) waiter.reject(error)
    if (reason !== goAwayNormal) throw error
  }

  #arm(): void {
    const { wakeAt } = this.#session
    if (wakeAt === Number.POSITIVE_INFINITY || this.#timerAt <= wakeAt) return
    clearTimeout(this.#timer)
    this.#timerAt = wakeAt
    this.#timer = setTimeout(() => this.#tick(), Math.max(1, Math.ceil(wakeAt - performance.now())))
    // A connection holds the process open; its keep-alive does not.
    ;(this.#timer as { unref?: () => void }).unref?.()
  }

  #tick(): void {
    this.#timerAt = Number.POSITIVE_INFINITY
    if (this.status === 'closed') return
    try {
      this.#session.tick(performance.now())
      this.#arm()
    } catch (error) {
      this.fail(error as Error)
    }
  }
}
