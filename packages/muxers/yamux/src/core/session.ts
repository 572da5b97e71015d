/**
 * A yamux session without I/O: bytes and `now` in, frames to the outbox, what happened to the sink, the next deadline
 * in `wakeAt`. Nothing is allocated for a frame of an open stream but its views.
 *
 * Choices where the specification is silent: a SYN is acknowledged as soon as the stream is admitted; frames of streams
 * that once were are dropped without a word, since a reset crosses what was under way; ids need not come in order, but not
 * far ahead either; a stream with little window left and more to send waits for a window worth a frame.
 */
import {
  type FrameOutbox,
  IdleFrames,
  leastCredit,
  maxIdGap,
  type MuxerSession,
  type PayloadSource,
  type SessionSink
} from '@weft/interface-stream-muxer'
import { YamuxError } from '../errors.ts'
import { GoAwayCode } from '../go-away-code.ts'
import { FlowControl } from './flow-control.ts'
import {
  decodeHeader,
  encodeHeader,
  flagAck,
  flagFin,
  flagRst,
  flagSyn,
  type Header,
  headerLength,
  initialWindow,
  typeData,
  typeGoAway,
  typePing,
  typeWindowUpdate
} from './frame.ts'
import { maxHeaderTime, maxPause, maxUnacknowledged, type SessionLimits } from './limits.ts'
import { StreamState } from './stream-state.ts'

const maxWindow = 2 ** 32 - 1
const lastStreamId = 2 ** 32 - 1

/** What this session tells its adapter. */
type Sink<Handle> = Omit<SessionSink<StreamState<Handle>>, 'onAbort'>

export class Session<Handle> implements MuxerSession<StreamState<Handle>> {
  private readonly _limits: SessionLimits
  private readonly _outbox: FrameOutbox
  private readonly _sink: Sink<Handle>
  private readonly _parity: number
  private readonly _streams = new Map<number, StreamState<Handle>>()
  private readonly _flow: FlowControl<Handle>
  private readonly _idle = new IdleFrames((kind, message, facts) => {
    return new YamuxError(kind === 'flood' ? 'ERR_YAMUX_FLOOD' : 'ERR_YAMUX_UNKNOWN_STREAM', message, facts)
  })
  private readonly _header: Header = { version: 0, type: 0, flags: 0, streamId: 0, length: 0 }
  private readonly _partial = new Uint8Array(headerLength)
  private _partialLength = 0
  /** When the first byte of the header came whose rest is missing. */
  private _partialSince: number | undefined
  private _bodyLeft = 0
  private _bodyFlags = 0
  private _bodyStream: StreamState<Handle> | undefined
  private _nextId: number
  private _highestRemoteId = 0
  private _inbound = 0
  private _outbound = 0
  private _unacknowledged = 0
  private _pausedAt: number | undefined
  private _goneAway = false
  private _heardAt: number
  private _pingSentAt: number | undefined
  private _pingAnswered = false
  private _pingValue = 0
  /** Set by the adapter while it reads nothing, for a reason of its own: the remote's silence then says nothing. */
  readsPaused = false
  /** When `tick()` is due, in the clock of `now`. */
  wakeAt: number

  /** @param client - whether this side dialed: its streams then have odd ids */
  constructor(client: boolean, limits: SessionLimits, outbox: FrameOutbox, sink: Sink<Handle>, now: number) {
    this._parity = client ? 1 : 0
    this._nextId = client ? 1 : 2
    this._limits = limits
    this._outbox = outbox
    this._sink = sink
    this._flow = new FlowControl(limits, sink)
    this._heardAt = now
    this.wakeAt = now + limits.keepAliveInterval
  }

  /** Whether `open()` would give a stream now. */
  get canOpen(): boolean {
    return this._unacknowledged < maxUnacknowledged && this._outbound < this._limits.maxOutboundStreams
  }

  /** Streams opened by this side. */
  get outboundCount(): number {
    return this._outbound
  }

  /** Bytes received and not yet consumed. */
  get buffered(): number {
    return this._flow.buffered
  }

  /** Whether the remote takes no more streams, or no id is left. */
  get isExhausted(): boolean {
    return this._goneAway || this._nextId > lastStreamId
  }

  /** Opens a stream. The caller has asked `canOpen` and `isExhausted`. */
  open(now: number): StreamState<Handle> {
    const stream = new StreamState<Handle>(this._nextId, true, now)
    this._nextId += 2
    this._streams.set(stream.id, stream)
    this._outbound++
    this._unacknowledged++
    this._send(typeWindowUpdate, flagSyn, stream.id, 0)
    return stream
  }

  /** Sends one frame of what the window allows. Returns false when the stream must wait for `onCredit`. */
  write(stream: StreamState<Handle>, source: PayloadSource, maxMessageSize: number): boolean {
    const length = Math.min(source.byteLength, stream.sendWindow, maxMessageSize, this._limits.maxMessageSize)
    if (length === 0) return source.byteLength === 0
    // A remote that grants byte by byte would have as many frames made as it sends.
    if (stream.sendWindow < leastCredit && length < source.byteLength) return false
    this._send(typeData, 0, stream.id, length)
    for (let left = length; left > 0; ) {
      const chunk = source.shift(left)!
      this._outbox.push(chunk)
      left -= chunk.byteLength
    }
    stream.carriedPayload = true
    stream.sendWindow -= length
    stream.framesToCredit++
    return stream.sendWindow > 0
  }

  /** Ends this side of the stream. */
  finish(stream: StreamState<Handle>): void {
    if (stream.localFin || !this._isOpen(stream)) return
    stream.localFin = true
    this._send(typeWindowUpdate, flagFin, stream.id, 0)
    if (stream.remoteFin) this._remove(stream)
  }

  /** Breaks the stream off. */
  reset(stream: StreamState<Handle>): void {
    if (!this._isOpen(stream)) return
    this._send(typeWindowUpdate, flagRst, stream.id, 0)
    this._remove(stream)
  }

  /** The reader has taken `length` bytes, or they were thrown away for it. The clock is asked only when credit is due. */
  consumed(stream: StreamState<Handle>, length: number, clock: () => number): void {
    // What a closed stream held was given back when it closed.
    if (!this._isOpen(stream)) return
    const credit = this._flow.consumed(stream, length, clock)
    if (credit > 0 && !stream.remoteFin) {
      // Whoever receives in bulk needs the round trip, or its windows would never grow. Asked before the credit, so that the
      // answer comes before what it lets in.
      if (!this._pingAnswered && this._pingSentAt === undefined) this._ping(clock())
      this._send(typeWindowUpdate, 0, stream.id, credit)
    }
    this._resumeIfRead()
  }

  /** Says that the session is over. */
  goAway(reason: number = GoAwayCode.NormalTermination): void {
    this._send(typeGoAway, 0, 0, reason)
  }

  /**
   * Takes a chunk of the connection. Throws `YamuxError` when the remote broke the rules; the session is of no use after
   * that. Views of the chunk are handed on.
   */
  receive(chunk: Uint8Array, now: number): void {
    this._heardAt = now
    let at = 0
    while (at < chunk.byteLength) {
      if (this._bodyLeft > 0) {
        const end = Math.min(chunk.byteLength, at + this._bodyLeft)
        this._onBody(at === 0 && end === chunk.byteLength ? chunk : chunk.subarray(at, end))
        at = end
      } else if (this._partialLength === 0 && chunk.byteLength - at >= headerLength) {
        decodeHeader(chunk, at, this._header)
        at += headerLength
        this._onHeader(now)
      } else {
        const end = Math.min(chunk.byteLength, at + headerLength - this._partialLength)
        this._partial.set(chunk.subarray(at, end), this._partialLength)
        this._partialLength += end - at
        at = end
        if (this._partialLength < headerLength) {
          this._expectRest(now)
          return
        }
        this._partialLength = 0
        this._partialSince = undefined
        decodeHeader(this._partial, 0, this._header)
        this._onHeader(now)
      }
    }
  }

  /** Does what is due. Throws `YamuxError` when the remote has been silent for too long. */
  tick(now: number): void {
    if (this._pausedAt !== undefined && now - this._pausedAt >= maxPause) this._resetFullest()
    if (this._partialSince !== undefined && now - this._partialSince >= maxHeaderTime) {
      throw new YamuxError('ERR_YAMUX_HEADER_TIMEOUT', `the rest of a header did not come within ${maxHeaderTime} ms`)
    }
    const { keepAliveInterval, keepAliveTimeout } = this._limits
    const asked = this._unansweredSince()
    if (asked === undefined) {
      if (now - this._heardAt >= keepAliveInterval) this._ping(now)
    } else if (now - asked >= keepAliveTimeout && this._pausedAt === undefined && !this.readsPaused) {
      // While this side does not read, silence says nothing about the remote.
      const silence = now - this._heardAt
      throw new YamuxError('ERR_YAMUX_KEEP_ALIVE', `the remote has sent nothing for ${Math.round(silence)} ms`, {
        silence
      })
    }
    this._plan()
  }

  /** When the ping was sent since which nothing at all was heard. */
  private _unansweredSince(): number | undefined {
    return this._pingSentAt !== undefined && this._heardAt < this._pingSentAt ? this._pingSentAt : undefined
  }

  private _plan(): void {
    const { keepAliveInterval, keepAliveTimeout } = this._limits
    const asked = this._unansweredSince()
    const keepAlive = asked === undefined ? this._heardAt + keepAliveInterval : asked + keepAliveTimeout
    const pauseEnds = (this._pausedAt ?? Number.POSITIVE_INFINITY) + maxPause
    const headerDue = (this._partialSince ?? Number.POSITIVE_INFINITY) + maxHeaderTime
    this.wakeAt = Math.min(keepAlive, pauseEnds, headerDue)
  }

  /** A header is twelve bytes: whoever sends them one by one keeps a connection busy that does nothing. */
  private _expectRest(now: number): void {
    // While this side does not read, the rest may have come.
    if (this._partialSince !== undefined || this._pausedAt !== undefined) return
    this._partialSince = now
    // Not planned anew when the header is complete, which in bulk happens all the time: a wake too early does no harm.
    this.wakeAt = Math.min(this.wakeAt, now + maxHeaderTime)
  }

  private _onHeader(now: number): void {
    const { version, type, streamId, length } = this._header
    if (version !== 0) throw new YamuxError('ERR_YAMUX_VERSION', `unknown version ${version}`, { version })
    if (type === typeData || type === typeWindowUpdate) this._onStreamFrame(now)
    else if (type === typePing || type === typeGoAway) {
      if (streamId !== 0)
        throw new YamuxError('ERR_YAMUX_STREAM_ID', `a session frame names stream ${streamId}`, { streamId })
      if (type === typePing) this._onPing(now)
      else this._onGoAway(length, now)
    } else throw new YamuxError('ERR_YAMUX_TYPE', `unknown frame type ${type}`, { type })
  }

  private _onStreamFrame(now: number): void {
    const { type, flags, streamId, length } = this._header
    if (streamId === 0) throw new YamuxError('ERR_YAMUX_STREAM_ID', 'a stream frame names no stream', { streamId })
    const opens = (flags & flagSyn) !== 0
    // A body is checked against the window before any of it is taken.
    const stream = opens ? this._onSyn(streamId, now) : this._streams.get(streamId)
    if (stream === undefined) {
      if (!opens) this._countStray(now)
      this._passOver()
      return
    }
    let changes = opens || !stream.acknowledged
    if (!stream.acknowledged) this._onAcknowledged(stream, now)
    if (type === typeWindowUpdate) {
      if (this._onWindowUpdate(stream, length)) changes = true
      if (this._onEndFlags(stream, flags, now)) changes = true
      if (!changes) this._idle.count(now)
      return
    }
    if (length > stream.receiveWindow || stream.remoteFin) {
      throw new YamuxError('ERR_YAMUX_WINDOW_EXCEEDED', `a frame of ${length} bytes exceeds the window`, {
        streamId,
        length,
        window: stream.receiveWindow
      })
    }
    if (length === 0) {
      if (!this._onEndFlags(stream, flags, now) && !changes) this._idle.count(now)
      return
    }
    this._flow.received(stream, length, now)
    stream.carriedPayload = true
    this._bodyStream = stream
    this._bodyFlags = flags
    this._bodyLeft = length
    this._pauseIfFull(now)
  }

  private _onBody(payload: Uint8Array): void {
    this._bodyLeft -= payload.byteLength
    const stream = this._bodyStream
    if (stream === undefined) return
    // The stream may have been reset by this side in the middle of the frame.
    if (this._isOpen(stream)) this._sink.onData(stream, payload)
    if (this._bodyLeft > 0) return
    this._bodyStream = undefined
    if (stream.receiveWindow < initialWindow / 2 && stream.buffered >= initialWindow / 2) this._readAhead(stream)
    this._onEndFlags(stream, this._bodyFlags, this._heardAt)
  }

  /** A stream that lies unread because nobody reads it yet may take more than its window. */
  private _readAhead(stream: StreamState<Handle>): void {
    if (!this._isOpen(stream) || (this._bodyFlags & flagFin) !== 0) return
    const credit = this._flow.readAhead(stream, this._sink.mayHoldUnread(stream), this._streams.size)
    if (credit > 0) this._send(typeWindowUpdate, 0, stream.id, credit)
  }

  private _onSyn(streamId: number, now: number): StreamState<Handle> | undefined {
    if (streamId % 2 === this._parity || this._streams.has(streamId)) {
      throw new YamuxError('ERR_YAMUX_STREAM_ID', `the remote cannot open stream ${streamId}`, { streamId })
    }
    const { type, length } = this._header
    if (type === typeData && length > initialWindow) {
      throw new YamuxError('ERR_YAMUX_WINDOW_EXCEEDED', `a frame of ${length} bytes exceeds the window`, {
        streamId,
        length
      })
    }
    if (streamId > this._highestRemoteId + maxIdGap) {
      throw new YamuxError('ERR_YAMUX_STREAM_ID', `stream ${streamId} is far ahead of ${this._highestRemoteId}`, {
        streamId,
        highest: this._highestRemoteId
      })
    }
    this._highestRemoteId = Math.max(this._highestRemoteId, streamId)
    if (this._inbound >= this._limits.maxInboundStreams || !this._sink.admit()) {
      this._idle.count(now)
      this._idle.expectLate(initialWindow)
      this._send(typeWindowUpdate, flagRst, streamId, 0)
      return undefined
    }
    const stream = new StreamState<Handle>(streamId, false, now)
    this._streams.set(streamId, stream)
    this._inbound++
    this._send(typeWindowUpdate, flagAck, streamId, 0)
    this._sink.onOpen(stream)
    return stream
  }

  /** A frame of no open stream. */
  private _countStray(now: number): void {
    const { type, streamId, length } = this._header
    const once = streamId % 2 === this._parity ? streamId < this._nextId : streamId <= this._highestRemoteId
    if (!once) this._idle.countUnknown(streamId)
    this._idle.countLate(type === typeData ? length : 0, now)
  }

  /** The body of a frame of no open stream is passed over, so that the framing holds. */
  private _passOver(): void {
    const { type, streamId, length } = this._header
    if (type !== typeData) return
    if (length > this._limits.maxStreamWindow) {
      throw new YamuxError('ERR_YAMUX_WINDOW_EXCEEDED', `a frame of ${length} bytes exceeds any window`, {
        streamId,
        length
      })
    }
    this._bodyStream = undefined
    this._bodyLeft = length
  }

  /** Returns whether the credit is of use: worth a frame, or the answer to one. */
  private _onWindowUpdate(stream: StreamState<Handle>, credit: number): boolean {
    if (credit === 0) return false
    const window = stream.sendWindow + credit
    if (window > maxWindow) {
      throw new YamuxError('ERR_YAMUX_WINDOW_OVERFLOW', 'a window grew past 2^32-1', { streamId: stream.id, window })
    }
    const waited = stream.sendWindow < leastCredit
    stream.sendWindow = window
    const isAnswer = stream.framesToCredit > 0
    if (isAnswer) stream.framesToCredit--
    if (waited) this._sink.onCredit(stream)
    return isAnswer || credit >= leastCredit
  }

  /** Returns whether the stream has ended by them, or a side of it. */
  private _onEndFlags(stream: StreamState<Handle>, flags: number, now: number): boolean {
    if ((flags & flagRst) !== 0) {
      if (!this._isOpen(stream)) return false
      // Broken off before this side was done: cheap for the remote, not for this side.
      if (!stream.outbound && !(stream.carriedPayload && stream.localFin)) this._idle.count(now)
      this._remove(stream, true)
      this._sink.onReset(stream)
      return true
    }
    if ((flags & flagFin) !== 0 && !stream.remoteFin) {
      // Opened and ended without a byte: nobody could have answered.
      if (!stream.outbound && !stream.carriedPayload) this._idle.count(now)
      stream.remoteFin = true
      if (stream.localFin) this._remove(stream)
      this._sink.onEnd(stream)
      return true
    }
    return false
  }

  private _onAcknowledged(stream: StreamState<Handle>, now: number): void {
    stream.acknowledged = true
    // Until a ping is answered that is what is known of the way: nothing was read before, so `grantedAt` is when it opened.
    this._flow.roundTrip ??= now - stream.grantedAt
    this._unacknowledged--
    this._sink.onSlot()
  }

  private _onPing(now: number): void {
    const { flags, length } = this._header
    if ((flags & flagSyn) !== 0) {
      this._idle.count(now)
      this._send(typePing, flagAck, 0, length)
    } else if (this._pingSentAt !== undefined && length === this._pingValue) {
      this._flow.roundTrip = now - this._pingSentAt
      this._pingAnswered = true
      this._pingSentAt = undefined
    } else this._idle.count(now)
  }

  private _onGoAway(reason: number, now: number): void {
    if (this._goneAway) this._idle.count(now)
    this._goneAway = true
    this._sink.onGoAway(reason)
  }

  private _ping(now: number): void {
    this._pingSentAt = now
    this._pingValue = (this._pingValue + 1) >>> 0
    this._send(typePing, flagSyn, 0, this._pingValue)
  }

  /** A remote may open an id again once its stream is gone: what is left of the first is not of the second. */
  private _isOpen(stream: StreamState<Handle>): boolean {
    return this._streams.get(stream.id) === stream
  }

  private _remove(stream: StreamState<Handle>, isKnown: boolean = false): void {
    this._streams.delete(stream.id)
    // A remote that has reset the stream knows of its end.
    if (!isKnown) this._idle.expectLate(stream.remoteFin ? 0 : stream.receiveWindow)
    this._flow.release(stream)
    if (!stream.outbound) this._inbound--
    else {
      this._outbound--
      if (!stream.acknowledged) this._unacknowledged--
      this._sink.onSlot()
    }
    this._resumeIfRead()
  }

  private _pauseIfFull(now: number): void {
    if (this._pausedAt !== undefined || this._flow.buffered <= this._limits.maxConnectionWindow) return
    this._pausedAt = now
    this._plan()
    this._sink.onPause()
  }

  private _resumeIfRead(): void {
    if (this._pausedAt === undefined || this._flow.buffered > this._limits.maxConnectionWindow / 2) return
    this._pausedAt = undefined
    this._sink.onResume()
  }

  private _resetFullest(): void {
    let fullest: StreamState<Handle> | undefined
    for (const stream of this._streams.values()) {
      if (fullest === undefined || stream.buffered > fullest.buffered) fullest = stream
    }
    if (fullest === undefined) return
    this.reset(fullest)
    this._sink.onReset(fullest)
  }

  private _send(type: number, flags: number, streamId: number, length: number): void {
    this._outbox.push(encodeHeader(type, flags, streamId, length))
  }
}
