/** The adapter of an mplex session. */
import type { CreateStreamOptions, MessageStream } from '@libp2p/interface'
import { TooManyOutboundProtocolStreamsError } from '@weft/errors'
import { SessionMuxer, type SessionStream } from '@weft/interface-stream-muxer'
import type { SessionLimits } from './core/limits.ts'
import { Session } from './core/session.ts'
import type { StreamState } from './core/stream-state.ts'
import type { MplexOptions } from './options.ts'

export class MplexMuxer extends SessionMuxer<StreamState<SessionStream>, Session<SessionStream>> {
  protected override readonly session: Session<SessionStream>
  private readonly _maxOutbound: number

  constructor(connection: MessageStream, protocol: string, limits: SessionLimits, options: MplexOptions) {
    super(connection, {
      protocol,
      name: 'mplex',
      maxEarlyStreams: options.maxEarlyStreams,
      maxMessageSize: limits.maxMessageSize,
      minReadBufferLength: limits.maxStreamBuffer,
      streamOptions: options.streamOptions,
      limits: {
        streamsInbound: options.maxInboundStreams,
        connectionMemory: options.maxUnprocessedMessageQueueSize,
        streamMemory: options.streamOptions?.maxReadBufferLength
      }
    })
    this._maxOutbound = limits.maxOutboundStreams
    this.session = new Session(connection.direction === 'outbound', limits, this.writer, this)
  }

  protected override openStream(options: CreateStreamOptions): SessionStream {
    if (this.session.canOpen) return this.open(options)
    const limit = this._maxOutbound
    throw new TooManyOutboundProtocolStreamsError(`${limit} streams are open`, { facts: { limit } })
  }

  protected override sendGoAway(): void {
    // mplex has no frame for it: the connection just ends.
  }

  /** Both sides may use the same number, so the initiator is part of the key. */
  protected override nameOf(state: StreamState<SessionStream>): string {
    return `${state.outbound ? 'i' : 'r'}${state.id}`
  }
}
