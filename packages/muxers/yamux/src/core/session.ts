/**
 * A yamux session without I/O: bytes and `now` in, frames to the outbox, what happened to the sink, the next deadline
 * in `wakeAt`. Nothing is allocated for a frame of an open stream but its views.
 *
 * Choices where the specification is silent: a SYN is acknowledged as soon as the stream is admitted; frames of streams
 * that once were are dropped without a word, since a reset crosses what was under way; ids need not come in order.
 */
import { YamuxError } from '../errors.ts'
import { FlowControl } from './flow-control.ts'
import {
  decodeHeader,
  encodeHeader,
  flagAck,
  flagFin,
  flagRst,
  flagSyn,
  goAwayNormal,
  type Header,
  headerLength,
  initialWindow,
  typeData,
  typeGoAway,
  typePing,
  typeWindowUpdate
} from './frame.ts'
import { IdleFrames } from './idle-frames.ts'
import { maxHeaderTime, maxPause, maxUnacknowledged, maxUnknownFrames, type SessionLimits } from './limits.ts'
import type { FrameOutbox, PayloadSource, SessionSink } from './session-sink.ts'
import { StreamState } from './stream-state.ts'

const maxWindow = 2 ** 32 - 1
const lastStreamId = 2 ** 32 - 1

export class Session<Handle> {
  readonly #limits: SessionLimits
  readonly #outbox: FrameOutbox
  readonly #sink: SessionSink<Handle>
  readonly #parity: number
  readonly #streams = new Map<number, StreamState<Handle>>()
  readonly #flow: FlowControl<Handle>
  readonly #idle = new IdleFrames()
  readonly #header: Header = { version: 0, type: 0, flags: 0, streamId: 0, length: 0 }
  readonly #partial = new Uint8Array(headerLength)
  #partialLength = 0
  /** When the first byte of the header came whose rest is missing. */
  #partialSince: number | undefined
  #bodyLeft = 0
  #bodyFlags = 0
  #bodyStream: StreamState<Handle> | undefined
  #nextId: number
  #highestRemoteId = 0
  #inbound = 0
  #outbound = 0
  #unacknowledged = 0
  #unknownFrames = 0
  #pausedAt: number | undefined
  #goneAway = false
  #heardAt: number
  #pingSentAt: number | undefined
  #pingValue = 0
  /** Set by the adapter while it reads nothing, for a reason of its own: the remote's silence then says nothing. */
  starving = false
  /** When `tick()` is due, in the clock of `now`. */
  wakeAt: number

  /** @param client - whether this side dialed: its streams then have odd ids */
  constructor(client: boolean, limits: SessionLimits, outbox: FrameOutbox, sink: SessionSink<Handle>, now: number) {
    this.#parity = client ? 1 : 0
    this.#nextId = client ? 1 : 2
    this.#limits = limits
    this.#outbox = outbox
    this.#sink = sink
    this.#flow = new FlowControl(limits, (stream, window, growth) => sink.mayGrow(stream, window, growth))
    this.#heardAt = now
    this.wakeAt = now + limits.keepAliveInterval
  }

  /** Whether `open()` would give a stream now. */
  get canOpen(): boolean {
    return this.#unacknowledged < maxUnacknowledged && this.#outbound < this.#limits.maxOutboundStreams
  }

  /** Streams opened by this side. */
  get outboundCount(): number {
    return this.#outbound
  }

  /** Bytes received and not yet consumed. */
  get buffered(): number {
    return this.#flow.buffered
  }

  /** Whether the remote takes no more streams, or no id is left. */
  get isExhausted(): boolean {
    return this.#goneAway || this.#nextId > lastStreamId
  }

  /** Opens a stream. The caller has asked `canOpen` and `isExhausted`. */
  open(handle: Handle | undefined, now: number): StreamState<Handle> {
    const stream = new StreamState<Handle>(this.#nextId, true, now)
    this.#nextId += 2
    stream.handle = handle
    this.#streams.set(stream.id, stream)
    this.#outbound++
    this.#unacknowledged++
    this.#send(typeWindowUpdate, flagSyn, stream.id, 0)
    return stream
  }

  /** Sends one frame of what the window allows. Returns false when the stream must wait for `onCredit`. */
  write(stream: StreamState<Handle>, source: PayloadSource, maxMessageSize: number): boolean {
    const length = Math.min(source.byteLength, stream.sendWindow, maxMessageSize, this.#limits.maxMessageSize)
    if (length === 0) return source.byteLength === 0
    this.#send(typeData, 0, stream.id, length)
    for (let left = length; left > 0; ) {
      const chunk = source.shift(left)!
      this.#outbox.push(chunk)
      left -= chunk.byteLength
    }
    stream.carriedPayload = true
    stream.sendWindow -= length
    return stream.sendWindow > 0
  }

  /** Ends this side of the stream. */
  finish(stream: StreamState<Handle>): void {
    if (stream.localFin || !this.#isOpen(stream)) return
    stream.localFin = true
    this.#send(typeWindowUpdate, flagFin, stream.id, 0)
    if (stream.remoteFin) this.#remove(stream)
  }

  /** Breaks the stream off. */
  reset(stream: StreamState<Handle>): void {
    if (!this.#isOpen(stream)) return
    this.#send(typeWindowUpdate, flagRst, stream.id, 0)
    this.#remove(stream)
  }

  /** The reader has taken `length` bytes, or they were thrown away for it. */
  consumed(stream: StreamState<Handle>, length: number, now: number): void {
    // What a closed stream held was given back when it closed.
    if (!this.#isOpen(stream)) return
    const credit = this.#flow.consumed(stream, length, now)
    if (credit > 0 && !stream.remoteFin) {
      this.#send(typeWindowUpdate, 0, stream.id, credit)
      // Whoever receives in bulk needs the round trip, or its windows would never grow.
      if (this.#flow.roundTrip === undefined && this.#pingSentAt === undefined) this.#ping(now)
    }
    this.#resumeIfRead()
  }

  /** Says that the session is over. */
  goAway(reason: number = goAwayNormal): void {
    this.#send(typeGoAway, 0, 0, reason)
  }

  /**
   * Takes a chunk of the connection. Throws `YamuxError` when the remote broke the rules; the session is of no use after
   * that. Views of the chunk are handed on.
   */
  receive(chunk: Uint8Array, now: number): void {
    this.#heardAt = now
    let at = 0
    while (at < chunk.byteLength) {
      if (this.#bodyLeft > 0) {
        const end = Math.min(chunk.byteLength, at + this.#bodyLeft)
        this.#onBody(at === 0 && end === chunk.byteLength ? chunk : chunk.subarray(at, end))
        at = end
      } else if (this.#partialLength === 0 && chunk.byteLength - at >= headerLength) {
        decodeHeader(chunk, at, this.#header)
        at += headerLength
        this.#onHeader(now)
      } else {
        const end = Math.min(chunk.byteLength, at + headerLength - this.#partialLength)
        this.#partial.set(chunk.subarray(at, end), this.#partialLength)
        this.#partialLength += end - at
        at = end
        if (this.#partialLength < headerLength) {
          this.#expectRest(now)
          return
        }
        this.#partialLength = 0
        this.#partialSince = undefined
        decodeHeader(this.#partial, 0, this.#header)
        this.#onHeader(now)
      }
    }
  }

  /** Does what is due. Throws `YamuxError` when the remote has been silent for too long. */
  tick(now: number): void {
    if (this.#pausedAt !== undefined && now - this.#pausedAt >= maxPause) this.#resetFullest()
    if (this.#partialSince !== undefined && now - this.#partialSince >= maxHeaderTime) {
      throw new YamuxError('ERR_YAMUX_HEADER_TIMEOUT', `the rest of a header did not come within ${maxHeaderTime} ms`)
    }
    const { keepAliveInterval, keepAliveTimeout } = this.#limits
    const asked = this.#unansweredSince()
    if (asked === undefined) {
      if (now - this.#heardAt >= keepAliveInterval) this.#ping(now)
    } else if (now - asked >= keepAliveTimeout && this.#pausedAt === undefined && !this.starving) {
      // While this side does not read, silence says nothing about the remote.
      const silence = now - this.#heardAt
      throw new YamuxError('ERR_YAMUX_KEEP_ALIVE', `the remote has sent nothing for ${Math.round(silence)} ms`, {
        silence
      })
    }
    this.#plan()
  }

  /** When the ping was sent since which nothing at all was heard. */
  #unansweredSince(): number | undefined {
    return this.#pingSentAt !== undefined && this.#heardAt < this.#pingSentAt ? this.#pingSentAt : undefined
  }

  #plan(): void {
    const { keepAliveInterval, keepAliveTimeout } = this.#limits
    const asked = this.#unansweredSince()
    const keepAlive = asked === undefined ? this.#heardAt + keepAliveInterval : asked + keepAliveTimeout
    const pauseEnds = (this.#pausedAt ?? Number.POSITIVE_INFINITY) + maxPause
    const headerDue = (this.#partialSince ?? Number.POSITIVE_INFINITY) + maxHeaderTime
    this.wakeAt = Math.min(keepAlive, pauseEnds, headerDue)
  }

  /** A header is twelve bytes: whoever sends them one by one keeps a connection busy that does nothing. */
  #expectRest(now: number): void {
    // While this side does not read, the rest may have come.
    if (this.#partialSince !== undefined || this.#pausedAt !== undefined) return
    this.#partialSince = now
    // Not planned anew when the header is complete, which in bulk happens all the time: a wake too early does no harm.
    this.wakeAt = Math.min(this.wakeAt, now + maxHeaderTime)
  }

  #onHeader(now: number): void {
    const { version, type, streamId, length } = this.#header
    if (version !== 0) throw new YamuxError('ERR_YAMUX_VERSION', `unknown version ${version}`, { version })
    if (type === typeData || type === typeWindowUpdate) this.#onStreamFrame(now)
    else if (type === typePing || type === typeGoAway) {
      if (streamId !== 0)
        throw new YamuxError('ERR_YAMUX_STREAM_ID', `a session frame names stream ${streamId}`, { streamId })
      if (type === typePing) this.#onPing(now)
      else this.#onGoAway(length)
    } else throw new YamuxError('ERR_YAMUX_TYPE', `unknown frame type ${type}`, { type })
  }

  #onStreamFrame(now: number): void {
    const { type, flags, streamId, length } = this.#header
    if (streamId === 0) throw new YamuxError('ERR_YAMUX_STREAM_ID', 'a stream frame names no stream', { streamId })
    // A body is checked against the window before any of it is taken.
    const stream = (flags & flagSyn) !== 0 ? this.#onSyn(streamId, now) : this.#streams.get(streamId)
    if (stream === undefined) {
      this.#onStrayFrame(now)
      return
    }
    if (!stream.acknowledged) this.#onAcknowledged(stream)
    if (type === typeWindowUpdate) {
      this.#onWindowUpdate(stream, length, now)
      this.#onEndFlags(stream, flags, now)
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
      if ((flags & (flagSyn | flagAck | flagFin | flagRst)) === 0) this.#idle.count(now)
      this.#onEndFlags(stream, flags, now)
      return
    }
    this.#flow.received(stream, length)
    stream.carriedPayload = true
    this.#bodyStream = stream
    this.#bodyFlags = flags
    this.#bodyLeft = length
    this.#pauseIfFull(now)
  }

  #onBody(payload: Uint8Array): void {
    this.#bodyLeft -= payload.byteLength
    const stream = this.#bodyStream
    if (stream === undefined) return
    // The stream may have been reset by this side in the middle of the frame.
    if (this.#isOpen(stream)) this.#sink.onData(stream, payload)
    if (this.#bodyLeft > 0) return
    this.#bodyStream = undefined
    this.#onEndFlags(stream, this.#bodyFlags, this.#heardAt)
  }

  #onSyn(streamId: number, now: number): StreamState<Handle> | undefined {
    if (streamId % 2 === this.#parity || this.#streams.has(streamId)) {
      throw new YamuxError('ERR_YAMUX_STREAM_ID', `the remote cannot open stream ${streamId}`, { streamId })
    }
    const { type, length } = this.#header
    if (type === typeData && length > initialWindow) {
      throw new YamuxError('ERR_YAMUX_WINDOW_EXCEEDED', `a frame of ${length} bytes exceeds the window`, {
        streamId,
        length
      })
    }
    this.#highestRemoteId = Math.max(this.#highestRemoteId, streamId)
    if (this.#inbound >= this.#limits.maxInboundStreams || !this.#sink.admit()) {
      this.#idle.count(now)
      this.#send(typeWindowUpdate, flagRst, streamId, 0)
      return undefined
    }
    const stream = new StreamState<Handle>(streamId, false, now)
    this.#streams.set(streamId, stream)
    this.#inbound++
    this.#send(typeWindowUpdate, flagAck, streamId, 0)
    this.#sink.onOpen(stream)
    return stream
  }

  /** A frame of no open stream: its body is passed over, so that the framing holds. */
  #onStrayFrame(now: number): void {
    const { type, flags, streamId, length } = this.#header
    const once = streamId % 2 === this.#parity ? streamId < this.#nextId : streamId <= this.#highestRemoteId
    if (!once && ++this.#unknownFrames >= maxUnknownFrames) {
      throw new YamuxError('ERR_YAMUX_UNKNOWN_STREAM', `${maxUnknownFrames} frames named streams that never were`, {
        streamId
      })
    }
    if (type !== typeData) {
      if ((flags & (flagFin | flagRst | flagSyn)) === 0) this.#idle.count(now)
      return
    }
    if (length > this.#limits.maxStreamWindow) {
      throw new YamuxError('ERR_YAMUX_WINDOW_EXCEEDED', `a frame of ${length} bytes exceeds any window`, {
        streamId,
        length
      })
    }
    if (length === 0) this.#idle.count(now)
    this.#bodyStream = undefined
    this.#bodyLeft = length
  }

  #onWindowUpdate(stream: StreamState<Handle>, credit: number, now: number): void {
    if (credit === 0) {
      if ((this.#header.flags & (flagSyn | flagAck | flagFin | flagRst)) === 0) this.#idle.count(now)
      return
    }
    const window = stream.sendWindow + credit
    if (window > maxWindow) {
      throw new YamuxError('ERR_YAMUX_WINDOW_OVERFLOW', 'a window grew past 2^32-1', { streamId: stream.id, window })
    }
    const waited = stream.sendWindow === 0
    stream.sendWindow = window
    if (waited) this.#sink.onCredit(stream)
  }

  #onEndFlags(stream: StreamState<Handle>, flags: number, now: number): void {
    if ((flags & flagRst) !== 0) {
      if (!this.#isOpen(stream)) return
      // Broken off before this side was done: cheap for the remote, not for this side.
      if (!stream.outbound && !(stream.carriedPayload && stream.localFin)) this.#idle.count(now)
      this.#remove(stream)
      this.#sink.onReset(stream)
    } else if ((flags & flagFin) !== 0 && !stream.remoteFin) {
      // Opened and ended without a byte: nobody could have answered.
      if (!stream.outbound && !stream.carriedPayload) this.#idle.count(now)
      stream.remoteFin = true
      if (stream.localFin) this.#remove(stream)
      this.#sink.onEnd(stream)
    }
  }

  #onAcknowledged(stream: StreamState<Handle>): void {
    stream.acknowledged = true
    this.#unacknowledged--
    this.#sink.onSlot()
  }

  #onPing(now: number): void {
    const { flags, length } = this.#header
    if ((flags & flagSyn) !== 0) {
      this.#idle.count(now)
      this.#send(typePing, flagAck, 0, length)
    } else if (this.#pingSentAt !== undefined && length === this.#pingValue) {
      this.#flow.roundTrip = now - this.#pingSentAt
      this.#pingSentAt = undefined
    } else this.#idle.count(now)
  }

  #onGoAway(reason: number): void {
    this.#goneAway = true
    this.#sink.onGoAway(reason)
  }

  #ping(now: number): void {
    this.#pingSentAt = now
    this.#pingValue = (this.#pingValue + 1) >>> 0
    this.#send(typePing, flagSyn, 0, this.#pingValue)
  }

  /** A remote may open an id again once its stream is gone: what is left of the first is not of the second. */
  #isOpen(stream: StreamState<Handle>): boolean {
    return this.#streams.get(stream.id) === stream
  }

  #remove(stream: StreamState<Handle>): void {
    this.#streams.delete(stream.id)
    this.#flow.release(stream)
    if (!stream.outbound) this.#inbound--
    else {
      this.#outbound--
      if (!stream.acknowledged) this.#unacknowledged--
      this.#sink.onSlot()
    }
    this.#resumeIfRead()
  }

  #pauseIfFull(now: number): void {
    if (this.#pausedAt !== undefined || this.#flow.buffered <= this.#limits.maxConnectionWindow) return
    this.#pausedAt = now
    this.#plan()
    this.#sink.onPause()
  }

  #resumeIfRead(): void {
    if (this.#pausedAt === undefined || this.#flow.buffered > this.#limits.maxConnectionWindow / 2) return
    this.#pausedAt = undefined
    this.#sink.onResume()
  }

  #resetFullest(): void {
    let fullest: StreamState<Handle> | undefined
    for (const stream of this.#streams.values()) {
      if (fullest === undefined || stream.buffered > fullest.buffered) fullest = stream
    }
    if (fullest === undefined) return
    this.reset(fullest)
    this.#sink.onReset(fullest)
  }

  #send(type: number, flags: number, streamId: number, length: number): void {
    this.#outbox.push(encodeHeader(type, flags, streamId, length))
  }
}
