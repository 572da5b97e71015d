/** The adapter of a session: the connection, the one timer, and the streams that callers hold. */
import type { CreateStreamOptions, MessageStream, StreamOptions } from '@libp2p/interface'
import { MuxerClosedError, TooManyOutboundProtocolStreamsError } from '@weft/errors'
import { type MuxedStreamInit, MuxerBase } from '@weft/interface-stream-muxer'
import { goAwayOk, goAwayProtocolError } from './core/frame.ts'
import type { SessionLimits } from './core/limits.ts'
import { Session } from './core/session.ts'
import type { StreamState } from './core/stream-state.ts'
import { SpdyError } from './errors.ts'
import { ZlibHeaders } from './header-compression.ts'
import type { SpdyOptions } from './options.ts'
import { SpdyStream } from './stream.ts'

export class SpdyMuxer extends MuxerBase<SpdyStream> {
  private readonly _session: Session<SpdyStream>
  private readonly _limits: SessionLimits
  private readonly _streamOptions: StreamOptions
  /** The account of the stream that the remote is just opening. */
  private _admitted: MuxedStreamInit['scope']
  private _timer: ReturnType<typeof setTimeout> | undefined
  private _timerAt = Number.POSITIVE_INFINITY

  constructor(connection: MessageStream, protocol: string, limits: SessionLimits, options: SpdyOptions) {
    super(connection, { protocol, name: 'spdy', maxEarlyStreams: options.maxEarlyStreams })
    this._limits = limits
    this._streamOptions = options.streamOptions ?? {}
    this._session = new Session(connection.direction === 'outbound', limits, new ZlibHeaders(), this.outbox, {
      admit: () => {
        const { admitted, scope } = this.admit()
        this._admitted = scope
        return admitted
      },
      onOpen: state => this.accept(this._makeStream(state, {}, this._admitted)),
      onData: (state, payload) => state.handle?.onData(payload),
      onEnd: state => state.handle?.onRemoteCloseWrite(),
      onReset: state => state.handle?.onRemoteReset(),
      onCredit: state => state.handle?.onWritable(),
      onPause: () => this.pauseReading(),
      onResume: () => this.resumeReading(),
      onGoAway: reason => {
        // Early js-libp2p says it when it hangs up, and leaves the connection open.
        if (reason === goAwayOk) {
          this.remoteLeaves()
          return
        }
        const message = `the remote ended the session with reason ${reason}`
        throw new SpdyError('ERR_SPDY_GO_AWAY', message, { reason })
      }
    })
    this.scope?.adopt({
      connection: {
        streamsInbound: options.maxInboundStreams,
        memory: options.maxConnectionWindowSize,
        unsent: options.streamOptions?.maxWriteBufferLength
      },
      stream: { memory: options.streamOptions?.maxStreamWindowSize }
    })
  }

  protected override receive(chunk: Uint8Array): void {
    this._session.receive(chunk, performance.now())
    if (this.status !== 'closed') this._arm()
  }

  protected override openStream(options: CreateStreamOptions): SpdyStream {
    if (this._session.isExhausted) throw new MuxerClosedError('the remote takes no more streams')
    if (!this._session.canOpen) {
      const limit = this._session.maxOutbound
      throw new TooManyOutboundProtocolStreamsError(`${limit} streams are open`, { facts: { limit } })
    }
    const scope = this.scope?.openStream('outbound')
    const stream = this._makeStream(this._session.open(), options, scope)
    this.track(stream)
    return stream
  }

  protected override sendGoAway(error?: Error): void {
    // At any other end the connection's says it: between nodes of early js-libp2p no GOAWAY is sent, and none is expected.
    if (error?.name === 'SpdyError') this._session.goAway(goAwayProtocolError)
  }

  protected override starving(isStarving: boolean): void {
    this._session.starving = isStarving
  }

  protected override ended(): void {
    clearTimeout(this._timer)
    this._timer = undefined
  }

  private _makeStream(
    state: StreamState<SpdyStream>,
    options: CreateStreamOptions,
    scope: MuxedStreamInit['scope']
  ): SpdyStream {
    const { inactivityTimeout, maxReadBufferLength, maxWriteBufferLength } = { ...this._streamOptions, ...options }
    const stream = new SpdyStream({
      id: `${state.id}`,
      direction: state.outbound ? 'outbound' : 'inbound',
      log: () => this.log.newScope(`${state.outbound ? 'outbound' : 'inbound'}:${state.id}`),
      maxMessageSize: this._limits.maxMessageSize,
      inactivityTimeout,
      // The windows bound what can be unread; a bound below them would break streams that obey. A remote that counts nothing
      // may overrun the connection's by the chunk in which it is used up.
      maxReadBufferLength: Math.max(maxReadBufferLength ?? 0, 2 * this._limits.connectionWindow),
      maxWriteBufferLength,
      muxer: this,
      scope,
      session: this._session,
      state
    })
    state.handle = stream
    return stream
  }

  private _arm(): void {
    const { wakeAt } = this._session
    if (wakeAt === Number.POSITIVE_INFINITY || this._timerAt <= wakeAt) return
    clearTimeout(this._timer)
    this._timerAt = wakeAt
    this._timer = setTimeout(() => this._tick(), Math.max(1, Math.ceil(wakeAt - performance.now())))
    // A connection holds the process open; this does not.
    ;(this._timer as { unref?: () => void }).unref?.()
  }

  private _tick(): void {
    this._timerAt = Number.POSITIVE_INFINITY
    if (this.status === 'closed') return
    try {
      this._session.tick(performance.now())
      this._arm()
    } catch (error) {
      this.fail(error as Error)
    }
  }
}
