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
  encodeHeader,
  flagAck,
  flagFin,
  flagRst,
  flagSyn,
  initialWindow,
  typeData,
  typeGoAway,
  typePing,
  typeWindowUpdate
} from './frame.ts'
import { HeaderReader } from './header-reader.ts'
import { KeepAlive } from './keep-alive.ts'
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
  private readonly _reader = new HeaderReader()
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
  private readonly _keepAlive: KeepAlive
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
    this._keepAlive = new KeepAlive(limits, now)
    this.wakeAt = this._keepAlive.wakeAt
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
      if (!this._keepAlive.isProven && !this._keepAlive.isAsking) this._ping(clock())
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
    this._keepAlive.heardAt = now
    let at = 0
    while (at < chunk.byteLength) {
      if (this._bodyLeft > 0) {
        const end = Math.min(chunk.byteLength, at + this._bodyLeft)
        this._onBody(at === 0 && end === chunk.byteLength ? chunk : chunk.subarray(at, end))
        at = end
      } else {
        at = this._reader.read(chunk, at)
        if (!this._reader.isComplete) {
          this._expectRest(now)
          return
        }
        this._onHeader(now)
      }
    }
  }

  /** Does what is due. Throws `YamuxError` when the remote has been silent for too long. */
  tick(now: number): void {
    if (this._pausedAt !== undefined && now - this._pausedAt >= maxPause) this._resetFullest()
    const { since } = this._reader
    if (since !== undefined && now - since >= maxHeaderTime) {
      throw new YamuxError('ERR_YAMUX_HEADER_TIMEOUT', `the rest of a header did not come within ${maxHeaderTime} ms`)
    }
    if (this._keepAlive.isDue(now)) this._ping(now)
    // While this side does not read, silence says nothing about the remote.
    else if (this._keepAlive.isDead(now) && this._pausedAt === undefined && !this.readsPaused) {
      const silence = now - this._keepAlive.heardAt
      throw new YamuxError('ERR_YAMUX_KEEP_ALIVE', `the remote has sent nothing for ${Math.round(silence)} ms`, {
        silence
      })
    }
    this._plan()
  }

  private _plan(): void {
    const pauseEnds = (this._pausedAt ?? Number.POSITIVE_INFINITY) + maxPause
    const headerDue = (this._reader.since ?? Number.POSITIVE_INFINITY) + maxHeaderTime
    this.wakeAt = Math.min(this._keepAlive.wakeAt, pauseEnds, headerDue)
  }

  /** A header is twelve bytes: whoever sends them one by one keeps a connection busy that does nothing. */
  private _expectRest(now: number): void {
    // While this side does not read, the rest may have come.
    if (this._reader.since !== undefined || this._pausedAt !== undefined) return
    this._reader.since = now
    // Not planned anew when the header is complete, which in bulk happens all the time: a wake too early does no harm.
    this.wakeAt = Math.min(this.wakeAt, now + maxHeaderTime)
  }

  private _onHeader(now: number): void {
    const { version, type, streamId, length } = this._reader.header
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
    const { type, flags, streamId, length } = this._reader.header
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
    const window = stream.receiveWindow
    if (length > window || stream.remoteFin) throw windowExceeded('the window', { streamId, length, window })
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
    this._onEndFlags(stream, this._bodyFlags, this._keepAlive.heardAt)
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
    const { type, length } = this._reader.header
    if (type === typeData && length > initialWindow) throw windowExceeded('the window', { streamId, length })
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
    const { type, streamId, length } = this._reader.header
    const once = streamId % 2 === this._parity ? streamId < this._nextId : streamId <= this._highestRemoteId
    if (!once) this._idle.countUnknown(streamId)
    this._idle.countLate(type === typeData ? length : 0, now)
  }

  /** The body of a frame of no open stream is passed over, so that the framing holds. */
  private _passOver(): void {
    const { type, streamId, length } = this._reader.header
    if (type !== typeData) return
    if (length > this._limits.maxStreamWindow) throw windowExceeded('any window', { streamId, length })
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
    const { flags, length } = this._reader.header
    if ((flags & flagSyn) !== 0) {
      this._idle.count(now)
      this._send(typePing, flagAck, 0, length)
      return
    }
    const roundTrip = this._keepAlive.answered(length, now)
    if (roundTrip === undefined) this._idle.count(now)
    else this._flow.roundTrip = roundTrip
  }

  private _onGoAway(reason: number, now: number): void {
    if (this._goneAway) this._idle.count(now)
    this._goneAway = true
    this._sink.onGoAway(reason)
  }

  private _ping(now: number): void {
    this._send(typePing, flagSyn, 0, this._keepAlive.ask(now))
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

function windowExceeded(what: string, facts: { streamId: number; length: number; window?: number }): YamuxError {
  return new YamuxError('ERR_YAMUX_WINDOW_EXCEEDED', `a frame of ${facts.length} bytes exceeds ${what}`, facts)
}
