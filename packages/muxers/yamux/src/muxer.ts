/** The adapter of a yamux session: what it has beside others are callers that wait for a slot, and reasons to say good-bye. */
import type { CreateStreamOptions, MessageStream } from '@libp2p/interface'
import { abortReason, MuxerClosedError } from '@weft/errors'
import { now, SessionMuxer, type SessionStream } from '@weft/interface-stream-muxer'
import type { SessionLimits } from './core/limits.ts'
import { Session } from './core/session.ts'
import type { StreamState } from './core/stream-state.ts'
import { YamuxError } from './errors.ts'
import { GoAwayCode } from './go-away-code.ts'
import type { YamuxOptions } from './options.ts'

interface Waiter {
  open: () => void
  reject: (error: Error) => void
}

export class YamuxMuxer extends SessionMuxer<StreamState<SessionStream>, Session<SessionStream>> {
  protected override readonly session: Session<SessionStream>
  private _waiters: Set<Waiter> | undefined

  constructor(connection: MessageStream, protocol: string, limits: SessionLimits, options: YamuxOptions) {
    super(connection, {
      protocol,
      name: 'yamux',
      maxEarlyStreams: options.maxEarlyStreams,
      maxMessageSize: limits.maxMessageSize,
      // The window bounds what can be unread.
      minReadBufferLength: limits.maxStreamWindow,
      streamOptions: options.streamOptions,
      limits: {
        streamsInbound: options.maxInboundStreams,
        connectionMemory: options.maxConnectionWindowSize,
        streamMemory: options.streamOptions?.maxStreamWindowSize
      }
    })
    this.session = new Session(connection.direction === 'outbound', limits, this.writer, this, now())
    this.arm()
  }

  override onSlot(): void {
    for (const waiter of this._waiters ?? []) {
      if (!this.session.canOpen || this.status !== 'open') return
      waiter.open()
    }
  }

  override onGoAway(reason: number): void {
    // A good-bye that nobody waits behind is the usual end: it costs no error.
    if (reason === GoAwayCode.NormalTermination && this._waiters === undefined) return
    const error = new YamuxError('ERR_YAMUX_GO_AWAY', `the remote ended the session with reason ${reason}`, { reason })
    for (const waiter of this._waiters ?? []) waiter.reject(error)
    if (reason !== GoAwayCode.NormalTermination) throw error
  }

  protected override openStream(options: CreateStreamOptions): SessionStream | Promise<SessionStream> {
    if (this.session.isExhausted) throw new MuxerClosedError('the remote takes no more streams')
    if (this.session.canOpen && this._waiters === undefined) return this.open(options)
    return this._openLater(options)
  }

  protected override sendGoAway(error?: Error): void {
    if (error === undefined) this.session.goAway(GoAwayCode.NormalTermination)
    else this.session.goAway(error.name === 'YamuxError' ? GoAwayCode.ProtocolError : GoAwayCode.InternalError)
  }

  protected override ended(error: Error | undefined): void {
    super.ended(error)
    for (const waiter of this._waiters ?? []) waiter.reject(error ?? new MuxerClosedError())
  }

  /** Waits until the remote has answered earlier streams, or some have closed. */
  private _openLater(options: CreateStreamOptions): Promise<SessionStream> {
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
            resolve(this.open(options))
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
}
