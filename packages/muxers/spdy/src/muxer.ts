/** The adapter of a SPDY session: what it has beside others is how sessions of early js-libp2p end. */
import type { CreateStreamOptions, MessageStream } from '@libp2p/interface'
import { MuxerClosedError, TooManyOutboundProtocolStreamsError } from '@weft/errors'
import { SessionMuxer, type SessionStream } from '@weft/interface-stream-muxer'
import { goAwayOk, goAwayProtocolError } from './core/frame.ts'
import type { SessionLimits } from './core/limits.ts'
import { Session } from './core/session.ts'
import type { StreamState } from './core/stream-state.ts'
import { SpdyError } from './errors.ts'
import { ZlibHeaders } from './header-compression.ts'
import type { SpdyOptions } from './options.ts'

export class SpdyMuxer extends SessionMuxer<StreamState<SessionStream>, Session<SessionStream>> {
  protected override readonly session: Session<SessionStream>

  constructor(connection: MessageStream, protocol: string, limits: SessionLimits, options: SpdyOptions) {
    super(connection, {
      protocol,
      name: 'spdy',
      maxEarlyStreams: options.maxEarlyStreams,
      maxMessageSize: limits.maxMessageSize,
      // The windows bound what can be unread. A remote that counts nothing may overrun the connection's by the chunk in which
      // it is used up.
      minReadBufferLength: 2 * limits.connectionWindow,
      streamOptions: options.streamOptions,
      limits: {
        streamsInbound: options.maxInboundStreams,
        connectionMemory: options.maxConnectionWindowSize,
        streamMemory: options.streamOptions?.maxStreamWindowSize
      }
    })
    this.session = new Session(connection.direction === 'outbound', limits, new ZlibHeaders(), this.writer, this)
  }

  override onGoAway(reason: number): void {
    // Early js-libp2p says it when it hangs up, and leaves the connection open.
    if (reason === goAwayOk) {
      this.remoteLeaves()
      return
    }
    throw new SpdyError('ERR_SPDY_GO_AWAY', `the remote ended the session with reason ${reason}`, { reason })
  }

  protected override openStream(options: CreateStreamOptions): SessionStream {
    if (this.session.isExhausted) throw new MuxerClosedError('the remote takes no more streams')
    if (this.session.canOpen) return this.open(options)
    const limit = this.session.maxOutbound
    throw new TooManyOutboundProtocolStreamsError(`${limit} streams are open`, { facts: { limit } })
  }

  protected override sendGoAway(error?: Error): void {
    // At any other end the connection's says it: between nodes of early js-libp2p no GOAWAY is sent, and none is expected.
    if (error?.name === 'SpdyError') this.session.goAway(goAwayProtocolError)
  }
}
