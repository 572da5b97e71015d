/** The reading side of a stream: what lies unread, who reads it, pausing, and the end of the bytes. */
import type { Logger, MessageStreamEvents } from '@libp2p/interface'
import { type ByteCounts, ByteQueue, type ByteSink } from '@weft/bytes'
import { StreamBufferError, StreamStateError } from '@weft/errors'
import type { ResourceScope } from '@weft/resources'
import { Uint8ArrayList } from 'uint8arraylist'
import { chunksOf } from './chunks-of.ts'
import { microtask } from './end-of-turn.ts'
import { StreamMessageEvent } from './events.ts'
import { breakOff, guard } from './guard.ts'
import type { StreamAccount } from './stream-account.ts'
import { StreamIterator } from './stream-iterator.ts'

/** What the reading side needs of its stream. */
export interface ReadHost {
  readonly log: Logger
  /** Whether the stream has ended, in whatever way. */
  readonly isOver: boolean
  /** The error that has ended the stream. */
  readonly failure: Error | undefined
  /** Whether someone has replaced methods of the stream, to see all bytes. */
  readonly isWrapped: boolean
  readonly maxReadBufferLength: number
  listenerCount(type: 'message'): number
  dispatchEvent(event: Event): boolean
  safeDispatchEvent(type: keyof MessageStreamEvents): unknown
  /** `length` bytes were given to the reader, or discarded for it. */
  consumed(length: number): void
  /** `exhausted` has no room for what has arrived. */
  memoryRefused(exhausted: ResourceScope): void
  sendPause(): void
  sendResume(): void
  abort(error: Error): void
}

/**
 * How this side reads. `ended` says whether `end` was emitted: nothing more comes, though a side that is `readable` or `paused`
 * may still get bytes back by `unshift()`; a `closed` one discards whatever arrives.
 */
type ReadState =
  | { readonly kind: 'readable'; readonly ended: boolean }
  | { readonly kind: 'paused'; readonly ended: boolean }
  | { readonly kind: 'closed'; readonly ended: boolean }

// Shared by all streams: a change of state allocates nothing.
const readable: ReadState = { kind: 'readable', ended: false }
const paused: ReadState = { kind: 'paused', ended: false }
const closed: ReadState = { kind: 'closed', ended: false }
const endedStates = {
  readable: { kind: 'readable', ended: true },
  paused: { kind: 'paused', ended: true },
  closed: { kind: 'closed', ended: true }
} as const satisfies Record<ReadState['kind'], ReadState>

export class ReadSide {
  /** Those who count what is received. */
  counts: ByteCounts | undefined
  account: StreamAccount | undefined
  /** Whether the remote has ended its side. */
  remoteEnded = false
  private readonly _host: ReadHost
  private readonly _buffer = new ByteQueue()
  private _state: ReadState = readable
  private _sink: ByteSink | undefined
  private _iterators: Set<StreamIterator> | undefined
  private _isDispatching = false
  /** Bytes in the buffer for which `consumed` is not called any more: they were put back, or came from here. */
  private _returned = 0

  constructor(host: ReadHost) {
    this._host = host
  }

  get status(): ReadState['kind'] {
    return this._state.kind
  }

  /** Whether `end` was emitted. */
  get ended(): boolean {
    return this._state.ended
  }

  get byteLength(): number {
    return this._buffer.byteLength
  }

  /** Who reads plainly, if anyone does. */
  get sink(): ByteSink | undefined {
    return this._sink
  }

  /** Whether someone reads, or has said when to go on: otherwise what arrives lies here until someone comes. */
  get hasReader(): boolean {
    if (this._sink !== undefined || this._state.kind !== 'readable') return true
    return this._host.listenerCount('message') > 0 || (this._iterators?.size ?? 0) > 0
  }

  /** Charges what lies unread to the account, if there is one. Returns whether there was room for all of it. */
  charge(): boolean {
    const exhausted = this.account?.chargeUnread(this._buffer.byteLength)
    if (exhausted !== undefined) this._host.memoryRefused(exhausted)
    return exhausted === undefined
  }

  /** Bytes arrived. */
  receive(chunk: Uint8Array): void {
    if (this.counts !== undefined) this.counts.received += chunk.byteLength
    const { kind } = this._state
    if (kind === 'closed') {
      this._host.consumed(chunk.byteLength)
      return
    }
    if (kind === 'readable' && this._buffer.byteLength === 0 && this._giveAtOnce(chunk)) return
    this._buffer.push(chunk)
    this.dispatch()
    // Nobody has taken it: what waits must not keep a whole chunk of the connection alive for a few bytes.
    this._buffer.keepLast()
    this.charge()
    const { byteLength } = this._buffer
    const limit = this._host.maxReadBufferLength
    if (byteLength <= limit) return
    const facts = { byteLength, limit }
    this._host.abort(new StreamBufferError(`${byteLength} bytes are unread, the limit is ${limit}`, { facts }))
  }

  pause(): void {
    if (this._state.kind === 'paused') return
    this._assertOpen('pause')
    this._become('paused')
    this._host.sendPause()
  }

  resume(): void {
    if (this._state.kind === 'readable') return
    this._assertOpen('resume')
    this._become('readable')
    this.dispatch()
    // A listener may have paused or ended it again.
    if (this.status === 'readable') this._host.sendResume()
  }

  /** Puts bytes behind those that wait to be read. */
  push(data: Uint8Array | Uint8ArrayList): void {
    this._assertOpen('push')
    for (const chunk of chunksOf(data, 'push')) {
      this._buffer.push(chunk)
      this._returned += chunk.byteLength
    }
    this.charge()
    this.dispatchSoon()
  }

  /** Puts bytes before those that wait to be read. */
  unshift(data: Uint8Array | Uint8ArrayList): void {
    this._assertOpen('unshift')
    for (const chunk of [...chunksOf(data, 'unshift')].reverse()) this.putBack(chunk)
    this.dispatchSoon()
  }

  putBack(chunk: Uint8Array): void {
    this._buffer.unshift(chunk)
    this._returned += chunk.byteLength
    this.charge()
  }

  /** Everything that lies unread, as one. */
  takeAll(): Uint8Array | undefined {
    const { byteLength } = this._buffer
    if (byteLength === 0) return undefined
    const list = Uint8ArrayList.fromUint8Arrays(this._buffer.takeAll(), byteLength)
    this._taken(byteLength)
    return list.subarray()
  }

  /** @param discard - ends reading; called when a loop is left */
  iterate(discard: () => void): StreamIterator {
    this._iterators ??= new Set()
    const iterators = this._iterators
    const iterator = new StreamIterator({
      take: () => this._show(this._take()),
      end: () => this._isAtEnd(),
      leave: () => {
        iterators.delete(iterator)
        discard()
      }
    })
    iterators.add(iterator)
    return iterator
  }

  wakeIterators(): void {
    for (const iterator of this._iterators ?? []) iterator.wake()
  }

  attach(sink: ByteSink): void {
    if (this._sink !== undefined) throw new StreamStateError('the stream has a reader already')
    this._sink = sink
    const host = this._host
    // As it is now: what happens until the microtask is told to the sink by itself.
    const { ended } = this._state
    const over = host.isOver
    const begin = (): void => {
      if (this._sink !== sink) return
      this.dispatch()
      if (ended && host.failure === undefined && this._sink === sink) this._tellEnd(sink)
      if (over && this._sink === sink) this._tellClose(sink, host.failure)
    }
    microtask(() => guard(host, begin))
  }

  detach(unread: Uint8Array | undefined): void {
    this._sink = undefined
    if (unread !== undefined) this.putBack(unread)
    // Whoever listens or iterates already would otherwise wait for the next arrival.
    this.dispatchIfUnread()
  }

  /** In a microtask: listeners are added in constructors that have not finished. */
  dispatchIfUnread(): void {
    if (this._buffer.byteLength > 0) this.dispatchSoon()
  }

  dispatchSoon(): void {
    microtask(() => guard(this._host, () => this.dispatch()))
  }

  /** Gives what lies unread to whoever reads. */
  dispatch(): void {
    if (this._state.kind === 'paused') return
    if (this._sink !== undefined) {
      this._drainToSink(this._sink)
    } else if (this._host.listenerCount('message') > 0) {
      this._dispatchEach()
      this.endIfDone()
    } else {
      this.wakeIterators()
    }
  }

  /** Discards what is unread and whatever still comes. */
  discard(): void {
    if (this._state.kind === 'closed') return
    this._become('closed')
    const { byteLength } = this._buffer
    this._buffer.clear()
    this._taken(byteLength)
    this._end()
  }

  /** The stream is aborted: what is unread is dropped, and no credit is granted for it. */
  drop(): void {
    this._buffer.clear()
    this.charge()
    this._become('closed')
  }

  /** Ends reading once the remote has ended and everything is read. */
  endIfDone(): void {
    if (!this.remoteEnded || this._buffer.byteLength > 0) return
    if (this._host.isOver) this._become('closed')
    this._end()
  }

  /** The stream is over: a sink that has paused is told once it has taken the last bytes. */
  streamOver(error: Error | undefined): void {
    if (this._state.ended || error !== undefined) this._closeSink(error)
  }

  private _become(kind: ReadState['kind']): void {
    if (this._state.ended) this._state = endedStates[kind]
    else this._state = kind === 'readable' ? readable : kind === 'paused' ? paused : closed
  }

  private _end(): void {
    if (this._state.ended) return
    this._state = endedStates[this._state.kind]
    this._host.safeDispatchEvent('end')
    // A stream that broke has not ended: its sink gets the error alone, so that a cut message is never taken for a whole one.
    if (this._host.failure === undefined && this._sink !== undefined) this._tellEnd(this._sink)
  }

  /** Whether an iterator has nothing more to wait for; throws the stream's error if it broke. */
  private _isAtEnd(): boolean {
    this.endIfDone()
    const { failure } = this._host
    if (failure !== undefined) throw failure
    return this.remoteEnded || this._state.kind === 'closed'
  }

  /** Whether someone was there to take bytes that have just arrived, with none before them. */
  private _giveAtOnce(chunk: Uint8Array): boolean {
    if (this._sink !== undefined) this._giveTo(this._sink, chunk)
    else if (this._host.listenerCount('message') > 0) this._dispatchOne(chunk)
    else return false
    // Behind it: where credit lets the connection be read again, what comes at once comes after this.
    this._host.consumed(chunk.byteLength)
    return true
  }

  /** Each as it came: what a remote has sent by one `send()` of a muxed stream stays one message while it waits. */
  private _dispatchEach(): void {
    // A listener that pauses and resumes is still at its message: the next one comes after it.
    if (this._isDispatching) return
    this._isDispatching = true
    try {
      while (this._state.kind === 'readable' && this._host.listenerCount('message') > 0) {
        const chunk = this._buffer.shift()
        if (chunk === undefined) return
        const credit = this._creditFor(chunk.byteLength)
        this._dispatchOne(chunk)
        if (credit > 0) this._host.consumed(credit)
      }
    } finally {
      this._isDispatching = false
    }
  }

  private _dispatchOne(chunk: Uint8Array): void {
    this._host.dispatchEvent(new StreamMessageEvent(Uint8ArrayList.fromUint8Arrays([chunk], chunk.byteLength)))
  }

  private _drainToSink(sink: ByteSink): void {
    while (this._sink === sink && this._state.kind !== 'paused') {
      const chunk = this._buffer.shift()
      if (chunk === undefined) break
      const credit = this._creditFor(chunk.byteLength)
      this._giveTo(sink, chunk)
      if (credit > 0) this._host.consumed(credit)
    }
    this.endIfDone()
    if (this._state.ended && this._host.isOver && this._host.failure === undefined) this._closeSink(undefined)
  }

  /** One chunk, as it came: a loop sees the messages of a muxer apart, as it would with js-libp2p. */
  private _take(): Uint8ArrayList | undefined {
    const chunk = this._buffer.shift()
    if (chunk === undefined) return undefined
    this._taken(chunk.byteLength)
    return Uint8ArrayList.fromUint8Arrays([chunk], chunk.byteLength)
  }

  /** What a loop takes goes past whoever has wrapped `dispatchEvent`, as it would with js-libp2p. */
  private _show(list: Uint8ArrayList | undefined): Uint8ArrayList | undefined {
    if (list !== undefined && this._host.isWrapped) this._host.dispatchEvent(new StreamMessageEvent(list))
    return list
  }

  private _taken(length: number): void {
    const credit = this._creditFor(length)
    if (credit > 0) this._host.consumed(credit)
  }

  /**
   * Of so many bytes that were taken from the buffer: for how many credit is due, which is granted once, however often they
   * are put back, and when the reader has them.
   */
  private _creditFor(length: number): number {
    const again = Math.min(length, this._returned)
    this._returned -= again
    this.charge()
    return length - again
  }

  private _closeSink(error: Error | undefined): void {
    const sink = this._sink
    this._sink = undefined
    if (sink !== undefined) this._tellClose(sink, error)
  }

  /** A reader that throws ends this stream, and nothing of what has called. */
  private _giveTo(sink: ByteSink, chunk: Uint8Array): void {
    try {
      sink.onBytes(chunk)
    } catch (error) {
      breakOff(this._host, error)
    }
  }

  private _tellEnd(sink: ByteSink): void {
    try {
      sink.onEnd()
    } catch (error) {
      breakOff(this._host, error)
    }
  }

  private _tellClose(sink: ByteSink, error: Error | undefined): void {
    try {
      sink.onClose(error)
    } catch (failure) {
      breakOff(this._host, failure)
    }
  }

  private _assertOpen(operation: string): void {
    if (this._state.kind === 'closed') {
      throw new StreamStateError(`cannot ${operation} a stream whose reading side is closed`)
    }
  }
}
