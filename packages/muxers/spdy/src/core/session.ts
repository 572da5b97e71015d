/**
 * A SPDY/3.1 session without I/O: bytes and `now` in, frames to the outbox, what happened to the sink, the next deadline in
 * `wakeAt`. Nothing is allocated for a data frame but its views.
 *
 * It speaks to early js-libp2p and to Go's spdystream, which differ: a SYN_REPLY is always sent before anything else on a
 * stream, and never waited for; who grants no credit is sent to without (`send-credit.ts`), and is stopped by reading no more
 * from the connection. Priorities, headers and credentials mean nothing. Streams that only one side may write to are refused.
 * Frames of streams that once were are dropped without a word, since a reset crosses what was under way; ids need not come in
 * order.
 */
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
import type { FrameOutbox, PayloadSource, SessionSink } from './session-sink.ts'
import { fullestOf, StreamState } from './stream-state.ts'
import { Tolerance } from './tolerance.ts'

export class Session<Handle> {
  readonly #limits: SessionLimits
  readonly #compression: HeaderCompression
  readonly #outbox: FrameOutbox
  readonly #sink: SessionSink<Handle>
  readonly #parity: number
  readonly #streams = new Map<number, StreamState<Handle>>()
  readonly #credit: SendCredit<Handle>
  readonly #window: ConnectionWindow
  readonly #tolerance = new Tolerance()
  readonly #frames = new FrameReader({
    onControl: (type, flags, body) => this.#onControl(type, flags, body),
    onData: (streamId, flags, length) => this.#onData(streamId, flags, length),
    onPayload: (payload, isLast) => this.#onPayload(payload, isLast)
  })
  /** Of the chunk that is being read. */
  #now = 0
  #bodyStream: StreamState<Handle> | undefined
  #bodyFlags = 0
  #nextId: number
  #highestRemoteId = 0
  #inbound = 0
  #outbound = 0
  #goneAway = false
  /** Streams that this side may have open at once. */
  maxOutbound: number
  /** Set by the adapter while it reads nothing, for a reason of its own: the rest of a frame may then have come. */
  starving = false

  /** @param client - whether this side dialed: its streams then have odd ids */
  constructor(
    client: boolean,
    limits: SessionLimits,
    compression: HeaderCompression,
    outbox: FrameOutbox,
    sink: SessionSink<Handle>
  ) {
    this.#parity = client ? 1 : 0
    this.#nextId = client ? 1 : 2
    this.#limits = limits
    this.maxOutbound = limits.maxOutboundStreams
    this.#compression = compression
    this.#outbox = outbox
    this.#sink = sink
    this.#credit = new SendCredit(this.#streams, stream => sink.onCredit(stream))
    this.#window = new ConnectionWindow(limits.connectionWindow, {
      grant: credit => this.#send(typeWindowUpdate, [0, credit]),
      pause: () => sink.onPause(),
      resume: () => sink.onResume(),
      resetFullest: () => this.#resetFullest()
    })
    outbox.push(encodeSetting(settingInitialWindow, limits.streamWindow))
    const growth = limits.connectionWindow - initialWindow
    if (growth > 0) this.#send(typeWindowUpdate, [0, growth])
  }

  /** When `tick()` is due, in the clock of `now`. */
  get wakeAt(): number {
    return Math.min(this.#frames.wakeAt, this.#window.wakeAt)
  }

  /** Whether there is room for one more stream of this side. */
  get canOpen(): boolean {
    return this.#outbound < this.maxOutbound
  }

  /** Whether the remote takes no more streams, or no id is left. */
  get isExhausted(): boolean {
    return this.#goneAway || this.#nextId > lastStreamId
  }

  /** Streams opened by the remote. */
  get inboundCount(): number {
    return this.#inbound
  }

  /** Bytes received and not yet consumed. */
  get buffered(): number {
    return this.#window.buffered
  }

  /** Opens a stream. The caller has asked `canOpen` and `isExhausted`. */
  open(): StreamState<Handle> {
    const stream = this.#add(this.#nextId, true)
    this.#nextId += 2
    this.#outbox.push(encodeSynStream(stream.id, this.#compression.compress(requestBlock)))
    return stream
  }

  /** Sends one frame of what the windows allow. Returns false when the stream must wait for `onCredit`. */
  write(stream: StreamState<Handle>, source: PayloadSource, maxMessageSize: number): boolean {
    const available = this.#credit.available(stream)
    const length = Math.min(source.byteLength, available, maxMessageSize, this.#limits.maxMessageSize)
    if (length > 0) {
      this.#outbox.push(encodeDataHeader(stream.id, 0, length))
      for (let left = length; left > 0; ) {
        const chunk = source.shift(left)!
        this.#outbox.push(chunk)
        left -= chunk.byteLength
      }
      stream.carriedPayload = true
      this.#credit.spend(stream, length)
    }
    if (this.#credit.available(stream) > 0) return true
    this.#credit.wait(stream)
    return false
  }

  /** Ends this side of the stream. */
  finish(stream: StreamState<Handle>): void {
    if (stream.localFin || !this.#isOpen(stream)) return
    stream.localFin = true
    this.#outbox.push(encodeDataHeader(stream.id, flagFin, 0))
    if (stream.remoteFin) this.#remove(stream)
  }

  /** Breaks the stream off. */
  reset(stream: StreamState<Handle>): void {
    if (!this.#isOpen(stream)) return
    this.#send(typeRstStream, [stream.id, resetCancel])
    this.#remove(stream)
  }

  /** The reader has taken `length` bytes, or they were thrown away for it. */
  consumed(stream: StreamState<Handle>, length: number): void {
    // What a closed stream held was given back when it closed.
    if (!this.#isOpen(stream)) return
    const credit = stream.receive.consumed(length)
    // Early js-libp2p answers credit for a stream that it has ended by a reset.
    if (credit > 0 && !stream.remoteFin) this.#send(typeWindowUpdate, [stream.id, credit])
    this.#window.consumed(length)
  }

  /** Says that the session is over, and why. */
  goAway(reason: number): void {
    this.#send(typeGoAway, [this.#highestRemoteId, reason])
  }

  /**
   * Takes a chunk of the connection. Throws `SpdyError` when the remote broke the rules; the session is of no use after that.
   * Views of the chunk are handed on.
   */
  receive(chunk: Uint8Array, now: number): void {
    this.#now = now
    this.#frames.receive(chunk, now)
  }

  /** Does what is due. Throws `SpdyError` when the rest of a frame has not come. */
  tick(now: number): void {
    this.#frames.tick(now, !this.#window.isPaused && !this.starving)
    this.#window.tick(now)
  }

  #onControl(type: number, flags: number, body: Uint8Array): void {
    this.#credit.heard(type === typeSettings || type === typeWindowUpdate)
    if (type === typeSynStream) this.#onSynStream(flags, body)
    else if (type === typeSynReply || type === typeHeaders) this.#onHeaders(flags, body)
    else if (type === typeRstStream) this.#onRstStream(body)
    else if (type === typeSettings) this.#onSettings(body)
    else if (type === typePing) this.#onPing(body)
    else if (type === typeGoAway) this.#onGoAway(body)
    else if (type === typeWindowUpdate) this.#onWindowUpdate(body)
    // CREDENTIAL, and what nobody knows (section 2.2.1).
    else this.#tolerance.countIdle(this.#now)
  }

  #onSynStream(flags: number, body: Uint8Array): void {
    checkLength(body, 10)
    // Also of a stream that is refused: the next block depends on it.
    this.#readHeaders(body.subarray(10))
    const streamId = readUint31(body, 0)
    if (streamId === 0 || streamId % 2 === this.#parity || this.#streams.has(streamId)) {
      throw new SpdyError('ERR_SPDY_STREAM_ID', `the remote cannot open stream ${streamId}`, { streamId })
    }
    this.#highestRemoteId = Math.max(this.#highestRemoteId, streamId)
    const oneWay = (flags & flagUnidirectional) !== 0
    if (oneWay || this.#inbound >= this.#limits.maxInboundStreams || !this.#sink.admit()) {
      this.#tolerance.countIdle(this.#now)
      this.#send(typeRstStream, [streamId, resetRefused])
      return
    }
    const stream = this.#add(streamId, false)
    this.#send(typeSynReply, [streamId], this.#compression.compress(replyBlock))
    this.#sink.onOpen(stream)
    if ((flags & flagFin) !== 0) this.#onEnd(stream)
  }

  /** Of SYN_REPLY and HEADERS. */
  #onHeaders(flags: number, body: Uint8Array): void {
    checkLength(body, 4)
    this.#readHeaders(body.subarray(4))
    const streamId = readUint31(body, 0)
    const stream = this.#streams.get(streamId)
    if (stream === undefined) this.#countStray(streamId)
    else if ((flags & flagFin) !== 0) this.#onEnd(stream)
    // One answer to each stream of this side moves something; there is no more to say.
    if (stream?.outbound !== true || stream.answered) this.#tolerance.countIdle(this.#now)
    else stream.answered = true
  }

  #onRstStream(body: Uint8Array): void {
    checkLength(body, 8, 8)
    const streamId = readUint31(body, 0)
    const stream = this.#streams.get(streamId)
    if (stream === undefined) {
      this.#countStray(streamId)
      return
    }
    // Broken off before this side was done: cheap for the remote, not for this side.
    if (!stream.outbound && !(stream.carriedPayload && stream.localFin)) this.#tolerance.countIdle(this.#now)
    this.#remove(stream)
    this.#sink.onReset(stream)
  }

  #onSettings(body: Uint8Array): void {
    this.#tolerance.countIdle(this.#now)
    const { window, maxStreams } = decodeSettings(body)
    if (window !== undefined) this.#credit.setInitial(window)
    if (maxStreams !== undefined) this.maxOutbound = Math.min(this.#limits.maxOutboundStreams, maxStreams)
  }

  #onPing(body: Uint8Array): void {
    checkLength(body, 4, 4)
    this.#tolerance.countIdle(this.#now)
    const id = readUint32(body, 0)
    // The number says whose it is (section 2.6.5); this side asks for nothing.
    if (id % 2 !== this.#parity) this.#send(typePing, [id])
  }

  #onGoAway(body: Uint8Array): void {
    checkLength(body, 8)
    this.#tolerance.countIdle(this.#now)
    this.#goneAway = true
    const lastGood = readUint31(body, 0)
    for (const stream of [...this.#streams.values()]) {
      if (!stream.outbound || stream.id <= lastGood) continue
      this.#remove(stream)
      this.#sink.onReset(stream)
    }
    this.#sink.onGoAway(readUint32(body, 4))
  }

  #onWindowUpdate(body: Uint8Array): void {
    checkLength(body, 8, 8)
    const streamId = readUint31(body, 0)
    const credit = readUint31(body, 4)
    const stream = this.#streams.get(streamId)
    if (credit === 0) this.#tolerance.countIdle(this.#now)
    else if (streamId === 0) this.#credit.grantSession(credit)
    else if (stream !== undefined) this.#credit.grantStream(stream, credit)
    else {
      this.#countStray(streamId)
      this.#tolerance.countIdle(this.#now)
    }
  }

  #onData(streamId: number, flags: number, length: number): void {
    this.#credit.heard(false)
    if (streamId === 0) throw new SpdyError('ERR_SPDY_STREAM_ID', 'data names no stream', { streamId })
    const stream = this.#streams.get(streamId)
    // Before any of it is taken, and also for nobody: what is thrown away was sent within a window.
    if (this.#credit.remoteCounts) {
      const window = Math.min(this.#window.left, stream?.receive.left ?? Number.POSITIVE_INFINITY)
      if (length > window) {
        const message = `a frame of ${length} bytes exceeds the window`
        throw new SpdyError('ERR_SPDY_WINDOW_EXCEEDED', message, { streamId, length, window })
      }
    }
    const ends = (flags & flagFin) !== 0
    if (stream === undefined) this.#countStray(streamId)
    const takes = stream !== undefined && !stream.remoteFin
    if (length === 0) {
      if (takes && ends) this.#onEnd(stream)
      else this.#tolerance.countIdle(this.#now)
    }
    this.#bodyStream = takes ? stream : undefined
    this.#bodyFlags = flags
  }

  #onPayload(payload: Uint8Array, isLast: boolean): void {
    const stream = this.#bodyStream
    this.#window.received(payload.byteLength)
    // Nobody's, or of a stream that this side has reset in the middle of the frame.
    if (stream === undefined || !this.#isOpen(stream)) {
      this.#window.consumed(payload.byteLength)
      return
    }
    stream.receive.received(payload.byteLength)
    stream.carriedPayload = true
    this.#sink.onData(stream, payload)
    this.#window.stopIfFull(this.#credit.remoteCounts, this.#now)
    if (isLast && (this.#bodyFlags & flagFin) !== 0 && this.#isOpen(stream)) this.#onEnd(stream)
  }

  #onEnd(stream: StreamState<Handle>): void {
    if (stream.remoteFin) return
    // Opened and ended without a byte: nobody could have answered.
    if (!stream.outbound && !stream.carriedPayload) this.#tolerance.countIdle(this.#now)
    stream.remoteFin = true
    if (stream.localFin) this.#remove(stream)
    this.#sink.onEnd(stream)
  }

  #readHeaders(bytes: Uint8Array): void {
    decodeHeaders(this.#compression.decompress(bytes, maxHeaderBlock))
  }

  /** A frame of no open stream. */
  #countStray(streamId: number): void {
    const once = streamId % 2 === this.#parity ? streamId < this.#nextId : streamId <= this.#highestRemoteId
    if (!once || streamId === 0) this.#tolerance.countUnknown(streamId)
  }

  #add(id: number, outbound: boolean): StreamState<Handle> {
    const stream = new StreamState<Handle>(id, outbound, this.#credit.initial, this.#limits.streamWindow)
    this.#streams.set(id, stream)
    if (outbound) this.#outbound++
    else this.#inbound++
    return stream
  }

  /** A remote may open an id again once its stream is gone: what is left of the first is not of the second. */
  #isOpen(stream: StreamState<Handle>): boolean {
    return this.#streams.get(stream.id) === stream
  }

  #remove(stream: StreamState<Handle>): void {
    this.#streams.delete(stream.id)
    if (stream.outbound) this.#outbound--
    else this.#inbound--
    this.#credit.forget(stream)
    const held = stream.receive.buffered
    stream.receive.buffered = 0
    this.#window.consumed(held)
  }

  #resetFullest(): void {
    const fullest = fullestOf(this.#streams.values())
    if (fullest === undefined) return
    this.reset(fullest)
    this.#sink.onReset(fullest)
  }

  #send(type: number, words: readonly number[], tail?: Uint8Array): void {
    this.#outbox.push(encodeControl(type, 0, words, tail))
  }
}
