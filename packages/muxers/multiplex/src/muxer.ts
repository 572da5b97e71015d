/** The adapter of a session: the connection and the streams that callers hold. */
import type { CreateStreamOptions, MessageStream, StreamOptions } from '@libp2p/interface'
import { StreamBufferError, TooManyOutboundProtocolStreamsError } from '@weft/errors'
import { MuxerBase } from '@weft/interface-stream-muxer'
import type { SessionLimits } from './core/limits.ts'
import { Session } from './core/session.ts'
import type { StreamState } from './core/stream-state.ts'
import type { MplexOptions } from './options.ts'
import { MplexStream } from './stream.ts'

export class MplexMuxer extends MuxerBase<MplexStream> {
  readonly #session: Session<MplexStream>
  readonly #limits: SessionLimits
  readonly #streamOptions: StreamOptions

  constructor(connection: MessageStream, protocol: string, limits: SessionLimits, options: MplexOptions) {
    super(connection, { protocol, name: 'mplex', maxEarlyStreams: options.maxEarlyStreams })
    this.#limits = limits
    this.#streamOptions = options.streamOptions ?? {}
    this.#session = new Session(connection.direction === 'outbound', limits, this.outbox, {
      onOpen: state => this.accept(this.#makeStream(state, {})),
      onData: (state, payload) => state.handle?.onData(payload),
      onEnd: state => state.handle?.onRemoteCloseWrite(),
      onReset: state => state.handle?.onRemoteReset(),
      onOverflow: (state, unread, limit) => {
        const message =
          unread > limit
            ? `${unread} bytes are unread, the limit is ${limit}`
            : `more than ${limit} bytes of the connection are unread, most of them, ${unread}, in this stream`
        state.handle?.abort(new StreamBufferError(message, { facts: { byteLength: unread, limit } }))
      }
    })
  }

  protected override receive(chunk: Uint8Array): void {
    this.#session.receive(chunk, performance.now())
  }

  protected override openStream(options: CreateStreamOptions): MplexStream {
    if (!this.#session.canOpen) {
      const limit = this.#limits.maxOutboundStreams
      throw new TooManyOutboundProtocolStreamsError(`${limit} streams are open`, { facts: { limit } })
    }
    const stream = this.#makeStream(this.#session.open(), options)
    this.track(stream)
    return stream
  }

  protected override sendGoAway(): void {
    // mplex has no frame for it: the end of the connection says it.
  }

  protected override ended(): void {
    // Nothing waits, and there is no timer.
  }

  #makeStream(state: StreamState<MplexStream>, options: CreateStreamOptions): MplexStream {
    const { inactivityTimeout, maxWriteBufferLength } = { ...this.#streamOptions, ...options }
    const stream = new MplexStream({
      // Both sides may use the same number: the initiator belongs to the name.
      id: `${state.outbound ? 'i' : 'r'}${state.id}`,
      direction: state.outbound ? 'outbound' : 'inbound',
      log: () => this.log.newScope(`${state.outbound ? 'outbound' : 'inbound'}:${state.id}`),
      maxMessageSize: this.#limits.maxMessageSize,
      inactivityTimeout,
      maxReadBufferLength: this.#limits.maxStreamBuffer,
      maxWriteBufferLength,
      muxer: this,
      session: this.#session,
      state
    })
    state.handle = stream
    return stream
  }
}
