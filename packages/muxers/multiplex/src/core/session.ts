/**
 * An mplex session without I/O: bytes and `now` in, frames to the outbox, what happened to the sink.
 *
 * Choices where the specification is silent: the dialer opens even ids and the listener odd ones, so that peers that
 * keep one table are not confused; the remote may choose any, since streams are told apart by their initiator as well.
 * Names of streams, and bodies of frames that should have none, are passed over. Frames of streams that once were are
 * dropped without a word, since a reset crosses what was under way. Bodies are handed on as they arrive.
 */
import { MplexError } from '../errors.ts'
import { Allowance } from './allowance.ts'
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
  maxStreamId
} from './frame.ts'
import { idleFrameBurst, idleFramesPerSecond, maxSentPayload, maxUnknownFrames, type SessionLimits } from './limits.ts'
import type { FrameOutbox, PayloadSource, SessionSink } from './session-sink.ts'
import { StreamState } from './stream-state.ts'

export class Session<Handle> {
  readonly #limits: SessionLimits
  readonly #outbox: FrameOutbox
  readonly #sink: SessionSink<Handle>
  readonly #outbound = new Map<number, StreamState<Handle>>()
  readonly #inbound = new Map<number, StreamState<Handle>>()
  readonly #idle = new Allowance(idleFrameBurst, idleFramesPerSecond)
  readonly #refusals: Allowance
  readonly #header: HeaderReader
  /** Streams that hold half of what they may, whose readers are waited for. */
  readonly #crowded = new Set<StreamState<Handle>>()
  #bodyLeft = 0
  #bodyStream: StreamState<Handle> | undefined
  #nextId: number
  #highestRemoteId = -1
  #unknownFrames = 0
  #buffered = 0

  /** @param dialer - whether this side dialed: its streams then have even ids */
  constructor(dialer: boolean, limits: SessionLimits, outbox: FrameOutbox, sink: SessionSink<Handle>) {
    this.#nextId = dialer ? 0 : 1
    this.#limits = limits
    this.#outbox = outbox
    this.#sink = sink
    this.#refusals = new Allowance(limits.disconnectThreshold, limits.disconnectThreshold)
    this.#header = new HeaderReader(limits.maxMessageSize)
  }

  /** Whether `open()` would give a stream now. */
  get canOpen(): boolean {
    return this.#outbound.size < this.#limits.maxOutboundStreams && this.#nextId <= maxStreamId
  }

  /** Streams opened by the remote. */
  get inboundCount(): number {
    return this.#inbound.size
  }

  /** Bytes received and not yet consumed. */
  get buffered(): number {
    return this.#buffered
  }

  /** Opens a stream. The caller has asked `canOpen`. */
  open(handle?: Handle): StreamState<Handle> {
    const stream = new StreamState<Handle>(this.#nextId, true)
    this.#nextId += 2
    stream.handle = handle
    this.#outbound.set(stream.id, stream)
    this.#outbox.push(encodeHeader(stream.id, flagNewStream, 0))
    return stream
  }

  /** Sends one frame. */
  write(stream: StreamState<Handle>, source: PayloadSource, maxMessageSize: number): void {
    const length = Math.min(source.byteLength, maxMessageSize, this.#limits.maxMessageSize, maxSentPayload)
    if (length === 0) return
    const flag = stream.outbound ? flagMessageInitiator : flagMessageReceiver
    this.#outbox.push(encodeHeader(stream.id, flag, length))
    for (let left = length; left > 0; ) {
      const chunk = source.shift(left)!
      this.#outbox.push(chunk)
      left -= chunk.byteLength
    }
    stream.carriedPayload = true
  }

  /** Ends this side of the stream. */
  finish(stream: StreamState<Handle>): void {
    if (stream.localFin || !this.#has(stream)) return
    stream.localFin = true
    this.#outbox.push(encodeHeader(stream.id, stream.outbound ? flagCloseInitiator : flagCloseReceiver, 0))
    if (stream.remoteFin) this.#remove(stream)
  }

  /** Breaks the stream off. */
  reset(stream: StreamState<Handle>): void {
    if (!this.#has(stream)) return
    this.#sendReset(stream.id, stream.outbound)
    this.#remove(stream)
  }

  /** The reader has taken `length` bytes, or they were thrown away for it. */
  consumed(stream: StreamState<Handle>, length: number): void {
    // What a closed stream held was given back when it closed.
    if (!this.#has(stream)) return
    stream.buffered -= length
    this.#buffered -= length
    if (stream.buffered > this.#limits.maxStreamBuffer / 2) return
    stream.waitedFor = false
    this.#setCrowded(stream, false)
  }

  /** No reader has come in time: the connection is read again, and a stream that comes to hold too much is reset. */
  waitNoLonger(): void {
    for (const stream of this.#crowded) {
      stream.waitedFor = true
      this.#setCrowded(stream, false)
    }
  }

  /**
   * Takes a chunk of the connection. Throws `MplexError` when the remote broke the rules; the session is of no use after
   * that. Views of the chunk are handed on.
   */
  receive(chunk: Uint8Array, now: number): void {
    let at = 0
    while (at < chunk.byteLength) {
      if (this.#bodyLeft > 0) {
        const end = Math.min(chunk.byteLength, at + this.#bodyLeft)
        this.#bodyLeft -= end - at
        this.#onBody(chunk, at, end)
        at = end
      } else {
        at = this.#header.read(chunk, at)
        if (at === -1) return
        this.#onHeader(now)
      }
    }
  }

  #onHeader(now: number): void {
    const { id, flag, length } = this.#header
    this.#bodyLeft = length
    this.#bodyStream = undefined
    if (flag === flagNewStream) {
      this.#onNewStream(id, now)
      return
    }
    // An even flag comes from the initiator: the remote has opened the stream.
    const stream = (flag % 2 === 1 ? this.#outbound : this.#inbound).get(id)
    if (stream === undefined) {
      this.#onStrayFrame(now)
    } else if (flag <= flagMessageInitiator) {
      if (length === 0) this.#countIdle(now)
      else if (!stream.remoteFin) this.#bodyStream = stream
    } else if (flag <= flagCloseInitiator) {
      this.#onClose(stream, now)
    } else {
      // Broken off before this side was done: cheap for the remote, not for this side.
      if (!stream.outbound && !(stream.carriedPayload && stream.localFin)) this.#countIdle(now)
      this.#remove(stream)
      this.#sink.onReset(stream)
    }
  }

  #onNewStream(id: number, now: number): void {
    if (this.#inbound.has(id)) {
      throw new MplexError('ERR_MPLEX_STREAM_ID', `the remote opens stream ${id}, which is open`, { streamId: id })
    }
    this.#highestRemoteId = Math.max(this.#highestRemoteId, id)
    if (this.#inbound.size >= this.#limits.maxInboundStreams) {
      this.#refuse(id, now)
      return
    }
    if (!this.#sink.admit()) {
      this.#countIdle(now)
      this.#sendReset(id, false)
      return
    }
    const stream = new StreamState<Handle>(id, false)
    this.#inbound.set(id, stream)
    this.#sink.onOpen(stream)
  }

  #refuse(id: number, now: number): void {
    if (!this.#refusals.take(now)) {
      const { maxInboundStreams, disconnectThreshold } = this.#limits
      throw new MplexError(
        'ERR_MPLEX_TOO_MANY_STREAMS',
        `the remote opens more than ${disconnectThreshold} streams a second past its ${maxInboundStreams}`,
        { maxInboundStreams, disconnectThreshold }
      )
    }
    this.#sendReset(id, false)
  }

  #onBody(chunk: Uint8Array, start: number, end: number): void {
    const stream = this.#bodyStream
    // Nobody's body, or of a stream that this side has reset in the middle of the frame.
    if (stream === undefined || !this.#has(stream)) return
    const length = end - start
    stream.carriedPayload = true
    stream.buffered += length
    this.#buffered += length
    this.#sink.onData(stream, length === chunk.byteLength ? chunk : chunk.subarray(start, end))
    // What the reader has not taken by now counts.
    const { maxStreamBuffer, maxConnectionBuffer } = this.#limits
    if (stream.buffered > maxStreamBuffer / 2 && !stream.waitedFor) this.#setCrowded(stream, true)
    if (stream.buffered > maxStreamBuffer) this.#overflow(stream, maxStreamBuffer)
    if (this.#buffered > maxConnectionBuffer) this.#overflow(this.#fullest(stream), maxConnectionBuffer)
  }

  #onClose(stream: StreamState<Handle>, now: number): void {
    if (stream.remoteFin) {
      this.#countIdle(now)
      return
    }
    // Opened and ended without a byte: nobody could have answered.
    if (!stream.outbound && !stream.carriedPayload) this.#countIdle(now)
    stream.remoteFin = true
    // No more comes for it.
    this.#setCrowded(stream, false)
    if (stream.localFin) this.#remove(stream)
    this.#sink.onEnd(stream)
  }

  /** A frame of no open stream: its body is passed over, so that the framing holds. */
  #onStrayFrame(now: number): void {
    const { id, flag, length } = this.#header
    const once = flag % 2 === 1 ? id < this.#nextId : id <= this.#highestRemoteId
    if (!once && ++this.#unknownFrames >= maxUnknownFrames) {
      throw new MplexError('ERR_MPLEX_UNKNOWN_STREAM', `${maxUnknownFrames} frames named streams that never were`, {
        streamId: id
      })
    }
    if (length === 0 && flag <= flagMessageInitiator) this.#countIdle(now)
  }

  #countIdle(now: number): void {
    if (this.#idle.take(now)) return
    throw new MplexError('ERR_MPLEX_FLOOD', 'the remote floods the session with frames that carry nothing', {
      burst: idleFrameBurst,
      perSecond: idleFramesPerSecond
    })
  }

  #overflow(stream: StreamState<Handle>, limit: number): void {
    const { buffered } = stream
    this.reset(stream)
    this.#sink.onOverflow(stream, buffered, limit)
  }

  #setCrowded(stream: StreamState<Handle>, isCrowded: boolean): void {
    const before = this.#crowded.size
    if (isCrowded) this.#crowded.add(stream)
    else this.#crowded.delete(stream)
    if ((before === 0) !== (this.#crowded.size === 0)) this.#sink.onCrowded(isCrowded)
  }

  #fullest(first: StreamState<Handle>): StreamState<Handle> {
    let fullest = first
    for (const streams of [this.#inbound, this.#outbound]) {
      for (const stream of streams.values()) if (stream.buffered > fullest.buffered) fullest = stream
    }
    return fullest
  }

  #has(stream: StreamState<Handle>): boolean {
    return (stream.outbound ? this.#outbound : this.#inbound).get(stream.id) === stream
  }

  #remove(stream: StreamState<Handle>): void {
    ;(stream.outbound ? this.#outbound : this.#inbound).delete(stream.id)
    this.#buffered -= stream.buffered
    stream.buffered = 0
    this.#setCrowded(stream, false)
  }

  #sendReset(id: number, outbound: boolean): void {
    this.#outbox.push(encodeHeader(id, outbound ? flagResetInitiator : flagResetReceiver, 0))
  }
}
