/** The adapter of a session: the connection and the streams that callers hold. */
import type { CreateStreamOptions, MessageStream, StreamOptions } from '@libp2p/interface'
import { StreamBufferError, TooManyOutboundProtocolStreamsError } from '@weft/errors'
import { type MuxedStreamInit, MuxerBase } from '@weft/interface-stream-muxer'
import { patience, type SessionLimits } from './core/limits.ts'
import { Session } from './core/session.ts'
import type { StreamState } from './core/stream-state.ts'
import type { MplexOptions } from './options.ts'
import { MplexStream } from './stream.ts'

export class MplexMuxer extends MuxerBase<MplexStream> {
  private readonly _session: Session<MplexStream>
  private readonly _limits: SessionLimits
  private readonly _streamOptions: StreamOptions
  /** The account of the stream that the remote is just opening. */
  private _admitted: MuxedStreamInit['scope']
  private _patience: ReturnType<typeof setTimeout> | undefined

  constructor(connection: MessageStream, protocol: string, limits: SessionLimits, options: MplexOptions) {
    super(connection, { protocol, name: 'mplex', maxEarlyStreams: options.maxEarlyStreams })
    this._limits = limits
    this._streamOptions = options.streamOptions ?? {}
    this._session = new Session(connection.direction === 'outbound', limits, this.outbox, {
      admit: () => {
        const { admitted, scope } = this.admit()
        this._admitted = scope
        return admitted
      },
      onOpen: state => this.accept(this._makeStream(state, {}, this._admitted)),
      onData: (state, payload) => state.handle?.onData(payload),
      onEnd: state => state.handle?.onRemoteCloseWrite(),
      onReset: state => state.handle?.onRemoteReset(),
      onCrowded: isCrowded => this._wait(isCrowded),
      onOverflow: (state, unread, limit) => {
        const message =
          unread > limit
            ? `${unread} bytes are unread, the limit is ${limit}`
            : `more than ${limit} bytes of the connection are unread, most of them, ${unread}, in this stream`
        state.handle?.abort(new StreamBufferError(message, { facts: { byteLength: unread, limit } }))
      }
    })
    this.scope?.adopt({
      connection: {
        streamsInbound: options.maxInboundStreams,
        memory: options.maxUnprocessedMessageQueueSize,
        unsent: options.streamOptions?.maxWriteBufferLength
      },
      stream: { memory: options.streamOptions?.maxReadBufferLength }
    })
  }

  protected override receive(chunk: Uint8Array): void {
    this._session.receive(chunk, performance.now())
  }

  protected override openStream(options: CreateStreamOptions): MplexStream {
    if (!this._session.canOpen) {
      const limit = this._limits.maxOutboundStreams
      throw new TooManyOutboundProtocolStreamsError(`${limit} streams are open`, { facts: { limit } })
    }
    const scope = this.scope?.openStream('outbound')
    const stream = this._makeStream(this._session.open(), options, scope)
    this.track(stream)
    return stream
  }

  protected override sendGoAway(): void {
    // mplex has no frame for it: the end of the connection says it.
  }

  protected override ended(): void {
    clearTimeout(this._patience)
  }

  /** The remote can only be told to wait by not being read at all. */
  private _wait(isCrowded: boolean): void {
    clearTimeout(this._patience)
    if (!isCrowded) {
      this.resumeReading()
      return
    }
    this.pauseReading()
    this._patience = setTimeout(() => this._session.waitNoLonger(), patience)
    // A connection holds the process open; this does not.
    ;(this._patience as { unref?: () => void }).unref?.()
  }

  private _makeStream(
    state: StreamState<MplexStream>,
    options: CreateStreamOptions,
    scope: MuxedStreamInit['scope']
  ): MplexStream {
    const { inactivityTimeout, maxWriteBufferLength } = { ...this._streamOptions, ...options }
    const stream = new MplexStream({
      // Both sides may use the same number: the initiator belongs to the name.
      id: `${state.outbound ? 'i' : 'r'}${state.id}`,
      direction: state.outbound ? 'outbound' : 'inbound',
      log: () => this.log.newScope(`${state.outbound ? 'outbound' : 'inbound'}:${state.id}`),
      maxMessageSize: this._limits.maxMessageSize,
      inactivityTimeout,
      maxReadBufferLength: this._limits.maxStreamBuffer,
      maxWriteBufferLength,
      muxer: this,
      scope,
      session: this._session,
      state
    })
    state.handle = stream
    return stream
  }
}
