/**
 * A SPDY/3.1 session without I/O: bytes and `now` in, frames to the outbox, what happened to the sink, the next deadline in
 * `wakeAt`. Nothing is allocated for a data frame but its views.
 *
 * It speaks to early js-libp2p and to Go's spdystream, which differ: a SYN_REPLY is always sent before anything else on a
 * stream, and never waited for; who grants no credit is sent to without (`send-credit.ts`), and is stopped by reading no more
 * from the connection. Priorities, headers and credentials mean nothing. Streams that only one side may write to are refused.
 * Frames of streams that once were are dropped without a word, since a reset crosses what was under way; ids need not come in
 * order, but not far ahead either.
 */
import {
  type FrameOutbox,
  IdleFrames,
  maxIdGap,
  type MuxerSession,
  type PayloadSource,
  ReadAhead,
  type SessionSink
} from '@weft/interface-stream-muxer'
import { SpdyError } from '../errors.ts'
import { ConnectionWindow } from './connection-window.ts'
import { FrameReader } from './frame-reader.ts'
import {
  checkLength,
  decodeSettings,
  encodeControl,
  encodeDataHeader,
  encodeSetting,
  encodeSynStream,
  flagFin,
  flagUnidirectional,
  initialWindow,
  lastStreamId,
  readUint31,
  readUint32,
  resetCancel,
  resetRefused,
  settingInitialWindow,
  typeGoAway,
  typeHeaders,
  typePing,
  typeRstStream,
  typeSettings,
  typeSynReply,
  typeSynStream,
  typeWindowUpdate
} from './frame.ts'
import { decodeHeaders, type HeaderCompression, replyBlock, requestBlock } from './header-block.ts'
import { maxHeaderBlock, type SessionLimits } from './limits.ts'
import { SendCredit } from './send-credit.ts'
import { fullestOf, StreamState } from './stream-state.ts'

/** What this session tells its adapter. */
type Sink<Handle> = Omit<
  SessionSink<StreamState<Handle>>,
  'growWindow' | 'shrinkWindow' | 'isShort' | 'onAbort' | 'onSlot'
>

export class Session<Handle> implements MuxerSession<StreamState<Handle>> {
  private readonly _limits: SessionLimits
  private readonly _compression: HeaderCompression
  private readonly _outbox: FrameOutbox
  private readonly _sink: Sink<Handle>
  private readonly _parity: number
  private readonly _streams = new Map<number, StreamState<Handle>>()
  private readonly _credit: SendCredit<Handle>
  private readonly _window: ConnectionWindow
  private readonly _ahead: ReadAhead
  private readonly _idle = new IdleFrames((kind, message, facts) => {
    return new SpdyError(kind === 'flood' ? 'ERR_SPDY_FLOOD' : 'ERR_SPDY_UNKNOWN_STREAM', message, facts)
  })
  private readonly _frames = new FrameReader({
    onControl: (type, flags, body) => this._onControl(type, flags, body),
    onData: (streamId, flags, length) => this._onData(streamId, flags, length),
    onPayload: (payload, isLast) => this._onPayload(payload, isLast)
  })
  /** Of the chunk that is being read. */
  private _now = 0
  private _bodyStream: StreamState<Handle> | undefined
  private _bodyFlags = 0
  private _nextId: number
  private _highestRemoteId = 0
  private _inbound = 0
  private _outbound = 0
  private _goneAway = false
  /** Streams that this side may have open at once. */
  maxOutbound: number
  /** Set by the adapter while it reads nothing, for a reason of its own: the rest of a frame may then have come. */
  readsPaused = false

  /** @param client - whether this side dialed: its streams then have odd ids */
  constructor(
    client: boolean,
    limits: SessionLimits,
    compression: HeaderCompression,
    outbox: FrameOutbox,
    sink: Sink<Handle>
  ) {
    this._parity = client ? 1 : 0
    this._nextId = client ? 1 : 2
    this._limits = limits
    this.maxOutbound = limits.maxOutboundStreams
    this._compression = compression
    this._outbox = outbox
    this._sink = sink
    this._credit = new SendCredit(this._streams, stream => sink.onCredit(stream))
    this._window = new ConnectionWindow(limits.connectionWindow, {
      grant: credit => this._send(typeWindowUpdate, [0, credit]),
      pause: () => sink.onPause(),
      resume: () => sink.onResume(),
      resetFullest: () => this._resetFullest()
    })
    // With the window of the stream itself no more than half: the rest is granted again before others wait for it.
    this._ahead = new ReadAhead(limits.connectionWindow, limits.connectionWindow / 2 - limits.streamWindow)
    outbox.push(encodeSetting(settingInitialWindow, limits.streamWindow))
    const growth = limits.connectionWindow - initialWindow
    if (growth > 0) this._send(typeWindowUpdate, [0, growth])
  }

  /** When `tick()` is due, in the clock of `now`. */
  get wakeAt(): number {
    return Math.min(this._frames.wakeAt, this._window.wakeAt)
  }

  /** Whether there is room for one more stream of this side. */
  get canOpen(): boolean {
    return this._outbound < this.maxOutbound
  }

  /** Whether the remote takes no more streams, or no id is left. */
  get isExhausted(): boolean {
    return this._goneAway || this._nextId > lastStreamId
  }

  /** Streams opened by the remote. */
  get inboundCount(): number {
    return this._inbound
  }

  /** Bytes received and not yet consumed. */
  get buffered(): number {
    return this._window.buffered
  }

  /** Opens a stream. The caller has asked `canOpen` and `isExhausted`. */
  open(_now?: number): StreamState<Handle> {
    const stream = this._add(this._nextId, true)
    this._nextId += 2
    this._outbox.push(encodeSynStream(stream.id, this._compression.compress(requestBlock)))
    return stream
  }

  /** Sends one frame of what the windows allow. Returns false when the stream must wait for `onCredit`. */
  write(stream: StreamState<Handle>, source: PayloadSource, maxMessageSize: number): boolean {
    const available = this._credit.available(stream)
    const length = Math.min(source.byteLength, available, maxMessageSize, this._limits.maxMessageSize)
    if (length > 0 && (length === source.byteLength || this._credit.isWorthFrame(available))) {
      this._outbox.push(encodeDataHeader(stream.id, 0, length))
      for (let left = length; left > 0; ) {
        const chunk = source.shift(left)!
        this._outbox.push(chunk)
        left -= chunk.byteLength
      }
      stream.carriedPayload = true
      this._credit.spend(stream, length)
      if (this._credit.available(stream) > 0) return true
    }
    this._credit.wait(stream)
    return false
  }

  /** Ends this side of the stream. */
  finish(stream: StreamState<Handle>): void {
    if (stream.localFin || !this._isOpen(stream)) return
    stream.localFin = true
    this._outbox.push(encodeDataHeader(stream.id, flagFin, 0))
    if (stream.remoteFin) this._remove(stream)
  }

  /** Breaks the stream off. */
  reset(stream: StreamState<Handle>): void {
    if (!this._isOpen(stream)) return
    this._send(typeRstStream, [stream.id, resetCancel])
    this._remove(stream)
  }

  /** The reader has taken `length` bytes, or they were thrown away for it. */
  consumed(stream: StreamState<Handle>, length: number): void {
    // What a closed stream held was given back when it closed.
    if (!this._isOpen(stream)) return
    const credit = stream.receive.consumed(length)
    if (stream.ahead > 0) this._ahead.giveBack(stream, stream.receive.surplus)
    // Early js-libp2p answers credit for a stream that it has ended by a reset.
    if (credit > 0 && !stream.remoteFin) this._send(typeWindowUpdate, [stream.id, credit])
    this._window.consumed(length)
  }

  /** Says that the session is over, and why. */
  goAway(reason: number): void {
    this._send(typeGoAway, [this._highestRemoteId, reason])
  }

  /**
   * Takes a chunk of the connection. Throws `SpdyError` when the remote broke the rules; the session is of no use after that.
   * Views of the chunk are handed on.
   */
  receive(chunk: Uint8Array, now: number): void {
    this._now = now
    this._frames.receive(chunk, now)
  }

  /** Does what is due. Throws `SpdyError` when the rest of a frame has not come. */
  tick(now: number): void {
    this._frames.tick(now, !this._window.isPaused && !this.readsPaused)
    this._window.tick(now)
  }

  private _onControl(type: number, flags: number, body: Uint8Array): void {
    this._credit.heard(type === typeSettings || type === typeWindowUpdate)
    if (type === typeSynStream) this._onSynStream(flags, body)
    else if (type === typeSynReply || type === typeHeaders) this._onHeaders(flags, body)
    else if (type === typeRstStream) this._onRstStream(body)
    else if (type === typeSettings) this._onSettings(body)
    else if (type === typePing) this._onPing(body)
    else if (type === typeGoAway) this._onGoAway(body)
    else if (type === typeWindowUpdate) this._onWindowUpdate(body)
    // CREDENTIAL, and what nobody knows (section 2.2.1).
    else this._idle.count(this._now)
  }

  private _onSynStream(flags: number, body: Uint8Array): void {
    checkLength(body, 10)
    // Also of a stream that is refused: the next block depends on it.
    this._readHeaders(body.subarray(10))
    const streamId = readUint31(body, 0)
    if (streamId === 0 || streamId % 2 === this._parity || this._streams.has(streamId)) {
      throw new SpdyError('ERR_SPDY_STREAM_ID', `the remote cannot open stream ${streamId}`, { streamId })
    }
    if (streamId > this._highestRemoteId + maxIdGap) {
      const message = `stream ${streamId} is far ahead of ${this._highestRemoteId}`
      throw new SpdyError('ERR_SPDY_STREAM_ID', message, { streamId, highest: this._highestRemoteId })
    }
    this._highestRemoteId = Math.max(this._highestRemoteId, streamId)
    const oneWay = (flags & flagUnidirectional) !== 0
    if (oneWay || this._inbound >= this._limits.maxInboundStreams || !this._sink.admit()) {
      this._idle.count(this._now)
      this._idle.expectLate(this._limits.streamWindow)
      this._send(typeRstStream, [streamId, resetRefused])
      return
    }
    const stream = this._add(streamId, false)
    this._send(typeSynReply, [streamId], this._compression.compress(replyBlock))
    this._sink.onOpen(stream)
    if ((flags & flagFin) !== 0) this._onEnd(stream)
  }

  /** Of SYN_REPLY and HEADERS. */
  private _onHeaders(flags: number, body: Uint8Array): void {
    checkLength(body, 4)
    this._readHeaders(body.subarray(4))
    const streamId = readUint31(body, 0)
    const stream = this._streams.get(streamId)
    if (stream === undefined) this._checkKnown(streamId)
    else if ((flags & flagFin) !== 0) this._onEnd(stream)
    // One answer to each stream of this side moves something; there is no more to say.
    if (stream?.outbound !== true || stream.answered) this._idle.count(this._now)
    else stream.answered = true
  }

  private _onRstStream(body: Uint8Array): void {
    checkLength(body, 8, 8)
    const streamId = readUint31(body, 0)
    const stream = this._streams.get(streamId)
    if (stream === undefined) {
      this._countStray(streamId, 0)
      return
    }
    // Broken off before this side was done: cheap for the remote, not for this side.
    if (!stream.outbound && !(stream.carriedPayload && stream.localFin)) this._idle.count(this._now)
    this._remove(stream, true)
    this._sink.onReset(stream)
  }

  private _onSettings(body: Uint8Array): void {
    this._idle.count(this._now)
    const { window, maxStreams } = decodeSettings(body)
    if (window !== undefined) this._credit.setInitial(window)
    if (maxStreams !== undefined) this.maxOutbound = Math.min(this._limits.maxOutboundStreams, maxStreams)
  }

  private _onPing(body: Uint8Array): void {
    checkLength(body, 4, 4)
    this._idle.count(this._now)
    const id = readUint32(body, 0)
    // The number says whose it is (section 2.6.5); this side asks for nothing.
    if (id % 2 !== this._parity) this._send(typePing, [id])
  }

  private _onGoAway(body: Uint8Array): void {
    checkLength(body, 8)
    this._idle.count(this._now)
    this._goneAway = true
    const lastGood = readUint31(body, 0)
    for (const stream of [...this._streams.values()]) {
      if (!stream.outbound || stream.id <= lastGood) continue
      this._remove(stream, true)
      this._sink.onReset(stream)
    }
    this._sink.onGoAway(readUint32(body, 4))
  }

  private _onWindowUpdate(body: Uint8Array): void {
    checkLength(body, 8, 8)
    const streamId = readUint31(body, 0)
    const credit = readUint31(body, 4)
    const stream = this._streams.get(streamId)
    if (streamId !== 0 && stream === undefined) {
      this._countStray(streamId, 0)
      return
    }
    const isOfUse = stream === undefined ? this._credit.grantSession(credit) : this._credit.grantStream(stream, credit)
    if (!isOfUse) this._idle.count(this._now)
  }

  private _onData(streamId: number, flags: number, length: number): void {
    this._credit.heard(false)
    if (streamId === 0) throw new SpdyError('ERR_SPDY_STREAM_ID', 'data names no stream', { streamId })
    const stream = this._streams.get(streamId)
    // Before any of it is taken, and also for nobody: what is thrown away was sent within a window.
    if (this._credit.remoteCounts) {
      const window = Math.min(this._window.left, stream?.receive.left ?? Number.POSITIVE_INFINITY)
      if (length > window) {
        const message = `a frame of ${length} bytes exceeds the window`
        throw new SpdyError('ERR_SPDY_WINDOW_EXCEEDED', message, { streamId, length, window })
      }
    }
    const ends = (flags & flagFin) !== 0
    const takes = stream !== undefined && !stream.remoteFin
    if (stream === undefined) this._countStray(streamId, length)
    else if (!takes || (length === 0 && !ends)) this._idle.count(this._now)
    else if (length === 0) this._onEnd(stream)
    this._bodyStream = takes ? stream : undefined
    this._bodyFlags = flags
  }

  private _onPayload(payload: Uint8Array, isLast: boolean): void {
    const stream = this._bodyStream
    this._window.received(payload.byteLength)
    // Nobody's, or of a stream that this side has reset in the middle of the frame.
    if (stream === undefined || !this._isOpen(stream)) {
      this._window.consumed(payload.byteLength)
      return
    }
    stream.receive.received(payload.byteLength)
    stream.carriedPayload = true
    this._sink.onData(stream, payload)
    const ends = (this._bodyFlags & flagFin) !== 0
    if (isLast && !ends) this._readAhead(stream)
    this._window.stopIfFull(this._credit.remoteCounts, this._now)
    if (isLast && ends && this._isOpen(stream)) this._onEnd(stream)
  }

  /** A stream that lies unread because nobody reads it yet may take more than its window. */
  private _readAhead(stream: StreamState<Handle>): void {
    const { left, buffered } = stream.receive
    const { streamWindow } = this._limits
    // A remote that does not count is stopped by reading no more from the connection.
    if (!this._credit.remoteCounts || left >= streamWindow / 2 || buffered < streamWindow / 2) return
    if (!this._isOpen(stream)) return
    const wanted = this._sink.mayHoldUnread(stream) - buffered - left
    const credit = this._ahead.take(stream, wanted, this._streams.size * streamWindow)
    if (credit === 0) return
    stream.receive.left += credit
    this._send(typeWindowUpdate, [stream.id, credit])
  }

  private _onEnd(stream: StreamState<Handle>): void {
    if (stream.remoteFin) return
    // Opened and ended without a byte: nobody could have answered.
    if (!stream.outbound && !stream.carriedPayload) this._idle.count(this._now)
    stream.remoteFin = true
    if (stream.localFin) this._remove(stream)
    this._sink.onEnd(stream)
  }

  private _readHeaders(bytes: Uint8Array): void {
    decodeHeaders(this._compression.decompress(bytes, maxHeaderBlock))
  }

  /** A frame of no open stream, with so many bytes of payload. */
  private _countStray(streamId: number, length: number): void {
    this._checkKnown(streamId)
    this._idle.countLate(length, this._now)
  }

  private _checkKnown(streamId: number): void {
    const once = streamId % 2 === this._parity ? streamId < this._nextId : streamId <= this._highestRemoteId
    if (!once || streamId === 0) this._idle.countUnknown(streamId)
  }

  private _add(id: number, outbound: boolean): StreamState<Handle> {
    const stream = new StreamState<Handle>(id, outbound, this._credit.initial, this._limits.streamWindow)
    this._streams.set(id, stream)
    if (outbound) this._outbound++
    else this._inbound++
    return stream
  }

  /** A remote may open an id again once its stream is gone: what is left of the first is not of the second. */
  private _isOpen(stream: StreamState<Handle>): boolean {
    return this._streams.get(stream.id) === stream
  }

  private _remove(stream: StreamState<Handle>, isKnown: boolean = false): void {
    this._streams.delete(stream.id)
    // A remote that has reset the stream knows of its end.
    if (!isKnown) this._idle.expectLate(stream.remoteFin ? 0 : Math.max(0, stream.receive.left))
    if (stream.outbound) this._outbound--
    else this._inbound--
    this._credit.forget(stream)
    this._ahead.giveBack(stream, 0)
    const held = stream.receive.buffered
    stream.receive.buffered = 0
    this._window.consumed(held)
  }

  private _resetFullest(): void {
    const fullest = fullestOf(this._streams.values())
    if (fullest === undefined) return
    this.reset(fullest)
    this._sink.onReset(fullest)
  }

  private _send(type: number, words: readonly number[], tail?: Uint8Array): void {
    this._outbox.push(encodeControl(type, 0, words, tail))
  }
}
