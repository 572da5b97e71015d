/**
 * An mplex session without I/O: bytes and `now` in, frames to the outbox, events to the sink.
 *
 * Choices where the specification is silent: the dialer opens even ids and the listener odd ones, so that peers that
 * keep one table are not confused; the remote may choose any, since streams are told apart by their initiator as well,
 * as long as none is far ahead of the highest before it. Names of streams, and bodies of frames that should have none,
 * are ignored. Frames of closed streams are dropped silently, since a reset crosses data in transit. Bodies are
 * delivered as they arrive.
 */
import { StreamBufferError } from '@weft/errors'
import {
  Allowance,
  type FrameOutbox,
  IdleFrames,
  maxIdGap,
  type MuxerSession,
  type PayloadSource,
  type SessionSink
} from '@weft/interface-stream-muxer'
import { MplexError } from '../errors.ts'
import {
  encodeHeader,
  flagCloseInitiator,
  flagCloseReceiver,
  flagMessageInitiator,
  flagMessageReceiver,
  flagNewStream,
  flagResetInitiator,
  flagResetReceiver,
  HeaderReader,
  maxNumericId,
  type StreamId
} from './frame.ts'
import { maxCrowded, maxLate, maxSentPayload, type SessionLimits } from './limits.ts'
import { StreamState } from './stream-state.ts'

/** Events for the adapter. */
type Sink<Handle> = Pick<
  SessionSink<StreamState<Handle>>,
  'admit' | 'onOpen' | 'onData' | 'onEnd' | 'onReset' | 'onAbort' | 'onPause' | 'onResume'
>

export class Session<Handle> implements MuxerSession<StreamState<Handle>> {
  private readonly _limits: SessionLimits
  private readonly _outbox: FrameOutbox
  private readonly _sink: Sink<Handle>
  private readonly _outbound = new Map<StreamId, StreamState<Handle>>()
  private readonly _inbound = new Map<StreamId, StreamState<Handle>>()
  private readonly _idle = new IdleFrames((kind, message, facts) => {
    return new MplexError(kind === 'flood' ? 'ERR_MPLEX_FLOOD' : 'ERR_MPLEX_UNKNOWN_STREAM', message, facts)
  })
  private readonly _refusals: Allowance
  private readonly _header: HeaderReader
  /** Streams with half of their limit unread, whose readers are awaited. */
  private readonly _crowded = new Set<StreamState<Handle>>()
  /** Of the chunk that is being read. */
  private _now = 0
  private _bodyLeft = 0
  private _bodyStream: StreamState<Handle> | undefined
  private _nextId: number
  private _highestRemoteId: StreamId = -1
  private _buffered = 0
  /** mplex has no deadlines that a remote could miss. */
  readsPaused = false
  /** When `tick()` is due, in the clock of `now`: no reader has come in time. */
  wakeAt: number = Number.POSITIVE_INFINITY

  /** @param dialer - whether this side dialed: its streams then have even ids */
  constructor(dialer: boolean, limits: SessionLimits, outbox: FrameOutbox, sink: Sink<Handle>) {
    this._nextId = dialer ? 0 : 1
    this._limits = limits
    this._outbox = outbox
    this._sink = sink
    this._refusals = new Allowance(limits.disconnectThreshold, limits.disconnectThreshold)
    this._header = new HeaderReader(limits.maxMessageSize)
  }

  /** Whether `open()` would return a stream now. */
  get canOpen(): boolean {
    return this._outbound.size < this._limits.maxOutboundStreams && this._nextId <= maxNumericId
  }

  /** Streams opened by the remote. */
  get inboundCount(): number {
    return this._inbound.size
  }

  /** Bytes received and not yet consumed. */
  get buffered(): number {
    return this._buffered
  }

  /** Opens a stream. The caller has asked `canOpen`. */
  open(_now?: number): StreamState<Handle> {
    const stream = new StreamState<Handle>(this._nextId, true)
    this._nextId += 2
    this._outbound.set(stream.id, stream)
    this._outbox.push(encodeHeader(stream.id, flagNewStream, 0))
    return stream
  }

  /** Sends one frame. No stream ever waits. */
  write(stream: StreamState<Handle>, source: PayloadSource, maxMessageSize: number): boolean {
    const length = Math.min(source.byteLength, maxMessageSize, this._limits.maxMessageSize, maxSentPayload)
    if (length === 0) return true
    const flag = stream.outbound ? flagMessageInitiator : flagMessageReceiver
    this._outbox.push(encodeHeader(stream.id, flag, length))
    for (let left = length; left > 0; ) {
      const chunk = source.shift(left)!
      this._outbox.push(chunk)
      left -= chunk.byteLength
    }
    stream.carriedPayload = true
    return true
  }

  /** Ends this side of the stream. */
  finish(stream: StreamState<Handle>): void {
    if (stream.localFin || !this._has(stream)) return
    stream.localFin = true
    this._outbox.push(encodeHeader(stream.id, stream.outbound ? flagCloseInitiator : flagCloseReceiver, 0))
    if (stream.remoteFin) this._remove(stream)
  }

  /** Resets the stream. */
  reset(stream: StreamState<Handle>): void {
    if (!this._has(stream)) return
    this._sendReset(stream.id, stream.outbound)
    this._remove(stream)
  }

  /** The reader has consumed `length` bytes, or they were discarded. */
  consumed(stream: StreamState<Handle>, length: number): void {
    // The unread bytes of a closed stream were released when it closed.
    if (!this._has(stream)) return
    stream.buffered -= length
    this._buffered -= length
    if (stream.buffered > this._limits.maxStreamBuffer / 2) return
    stream.waitedFor = false
    this._setCrowded(stream, false)
  }

  /** Runs what is due: the connection is read again, and streams that exceed their limit are reset. */
  tick(now: number): void {
    if (now < this.wakeAt) return
    for (const stream of this._crowded) {
      stream.waitedFor = true
      this._setCrowded(stream, false)
    }
  }

  /**
   * Processes a chunk of the connection. Throws `MplexError` if the remote violates the protocol; the session cannot be
   * used afterwards. Delivers views of the chunk.
   */
  receive(chunk: Uint8Array, now: number): void {
    this._now = now
    let at = 0
    while (at < chunk.byteLength) {
      if (this._bodyLeft > 0) {
        const end = Math.min(chunk.byteLength, at + this._bodyLeft)
        this._bodyLeft -= end - at
        this._onBody(chunk, at, end)
        at = end
      } else {
        at = this._header.read(chunk, at)
        if (at === -1) return
        this._onHeader(now)
      }
    }
  }

  private _onHeader(now: number): void {
    const { id, flag, length } = this._header
    this._bodyLeft = length
    this._bodyStream = undefined
    if (flag === flagNewStream) {
      this._onNewStream(id, now)
      return
    }
    // An even flag comes from the initiator: the remote has opened the stream.
    const stream = (flag % 2 === 1 ? this._outbound : this._inbound).get(id)
    if (stream === undefined) {
      this._onStrayFrame(now)
    } else if (flag <= flagMessageInitiator) {
      if (length === 0 || stream.remoteFin) this._idle.count(now)
      else this._bodyStream = stream
    } else if (flag <= flagCloseInitiator) {
      this._onClose(stream, now)
    } else {
      // Reset before this side was done: cheap for the remote, expensive for this side.
      if (!stream.outbound && !(stream.carriedPayload && stream.localFin)) this._idle.count(now)
      this._remove(stream, true)
      this._sink.onReset(stream)
    }
  }

  private _onNewStream(id: StreamId, now: number): void {
    if (this._inbound.has(id)) {
      throw new MplexError('ERR_MPLEX_STREAM_ID', `the remote opens stream ${id}, which is open`, {
        streamId: Number(id)
      })
    }
    const highest = this._highestRemoteId
    // The first may be any. The difference of two large ones need not be exact.
    if (highest !== -1 && Number(id) - Number(highest) > maxIdGap) {
      const message = `stream ${id} is far ahead of ${highest}`
      throw new MplexError('ERR_MPLEX_STREAM_ID', message, { streamId: Number(id), highest: Number(highest) })
    }
    if (id > highest) this._highestRemoteId = id
    if (this._inbound.size >= this._limits.maxInboundStreams) {
      this._refuse(id, now)
      return
    }
    if (!this._sink.admit()) {
      this._idle.count(now)
      this._idle.expectLate(maxLate)
      this._sendReset(id, false)
      return
    }
    const stream = new StreamState<Handle>(id, false)
    this._inbound.set(id, stream)
    this._sink.onOpen(stream)
  }

  private _refuse(id: StreamId, now: number): void {
    if (!this._refusals.take(now)) {
      const { maxInboundStreams, disconnectThreshold } = this._limits
      throw new MplexError(
        'ERR_MPLEX_TOO_MANY_STREAMS',
        `the remote opens more than ${disconnectThreshold} streams a second past its ${maxInboundStreams}`,
        { maxInboundStreams, disconnectThreshold }
      )
    }
    this._idle.expectLate(maxLate)
    this._sendReset(id, false)
  }

  private _onBody(chunk: Uint8Array, start: number, end: number): void {
    const stream = this._bodyStream
    // Nobody's body, or of a stream that this side has reset in the middle of the frame.
    if (stream === undefined || !this._has(stream)) return
    const length = end - start
    stream.carriedPayload = true
    stream.buffered += length
    this._buffered += length
    this._sink.onData(stream, length === chunk.byteLength ? chunk : chunk.subarray(start, end))
    // What the reader has not taken by now counts.
    const { maxStreamBuffer, maxConnectionBuffer } = this._limits
    if (stream.buffered > maxStreamBuffer / 2 && !stream.waitedFor) this._setCrowded(stream, true)
    if (stream.buffered > maxStreamBuffer) this._overflow(stream, maxStreamBuffer)
    if (this._buffered > maxConnectionBuffer) this._overflow(this._fullest(stream), maxConnectionBuffer)
  }

  private _onClose(stream: StreamState<Handle>, now: number): void {
    if (stream.remoteFin) {
      this._idle.count(now)
      return
    }
    // Opened and ended without data: no protocol works that way.
    if (!stream.outbound && !stream.carriedPayload) this._idle.count(now)
    stream.remoteFin = true
    // No more data will arrive for it.
    this._setCrowded(stream, false)
    if (stream.localFin) this._remove(stream)
    this._sink.onEnd(stream)
  }

  /** A frame of a stream that is not open: its body is skipped, to keep the framing. */
  private _onStrayFrame(now: number): void {
    const { id, flag, length } = this._header
    const once = flag % 2 === 1 ? id < this._nextId : id <= this._highestRemoteId
    if (!once) this._idle.countUnknown(Number(id))
    this._idle.countLate(flag <= flagMessageInitiator ? length : 0, now)
  }

  private _overflow(stream: StreamState<Handle>, limit: number): void {
    const { buffered } = stream
    const message =
      buffered > limit
        ? `${buffered} bytes are unread, the limit is ${limit}`
        : `more than ${limit} bytes of the connection are unread, most of them, ${buffered}, in this stream`
    this.reset(stream)
    this._sink.onAbort(stream, new StreamBufferError(message, { facts: { byteLength: buffered, limit } }))
  }

  private _setCrowded(stream: StreamState<Handle>, isCrowded: boolean): void {
    const before = this._crowded.size
    if (isCrowded) this._crowded.add(stream)
    else this._crowded.delete(stream)
    if ((before === 0) === (this._crowded.size === 0)) return
    this.wakeAt = isCrowded ? this._now + maxCrowded : Number.POSITIVE_INFINITY
    // The only way to make the remote wait is not to read at all.
    if (isCrowded) this._sink.onPause()
    else this._sink.onResume()
  }

  private _fullest(first: StreamState<Handle>): StreamState<Handle> {
    let fullest = first
    for (const streams of [this._inbound, this._outbound]) {
      for (const stream of streams.values()) if (stream.buffered > fullest.buffered) fullest = stream
    }
    return fullest
  }

  private _has(stream: StreamState<Handle>): boolean {
    return (stream.outbound ? this._outbound : this._inbound).get(stream.id) === stream
  }

  private _remove(stream: StreamState<Handle>, isKnown: boolean = false): void {
    // A remote that has reset the stream needs no reset.
    if (!isKnown) this._idle.expectLate(stream.remoteFin ? 0 : maxLate)
    ;(stream.outbound ? this._outbound : this._inbound).delete(stream.id)
    this._buffered -= stream.buffered
    stream.buffered = 0
    this._setCrowded(stream, false)
  }

  private _sendReset(id: StreamId, outbound: boolean): void {
    this._outbox.push(encodeHeader(id, outbound ? flagResetInitiator : flagResetReceiver, 0))
  }
}
