/**
 * What all of weft's streams and connections have in common: buffers, half-close, events, iteration and the byte path.
 * A subclass says how bytes leave (`transmit`), and calls `deliver`, `remoteClosedWrite`, `remoteReset`,
 * `transportClosed` and `writable` when something happens below.
 *
 * Differences from js-libp2p's base, whose surface this has: `onDrain()` is a fresh promise each time; iteration gives
 * what is buffered and then ends, whenever the end came; it is pull-based; leaving it closes the read side; a listener
 * that throws aborts the stream; write buffers are bounded by default; a second `close()` waits like the first.
 */
import type {
  AbortOptions,
  EventHandler,
  Logger,
  MessageStream,
  MessageStreamDirection,
  MessageStreamEvents,
  MessageStreamReadStatus,
  MessageStreamStatus,
  MessageStreamTimeline,
  MessageStreamWriteStatus
} from '@libp2p/interface'
import {
  type ByteCounts,
  type BytePipe,
  ByteQueue,
  type ByteSink,
  bytesSymbol,
  concat,
  type ProposalStep
} from '@weft/bytes'
import {
  asError,
  ProtocolError,
  StreamBufferError,
  StreamResetError,
  StreamStateError,
  withoutStackTraces
} from '@weft/errors'
import { EventEmitter } from '@weft/events'
import type { ResourceScope } from '@weft/resources'
import { Uint8ArrayList } from 'uint8arraylist'
import { chunksOf } from './chunks-of.ts'
import { endOfTurn, microtask } from './end-of-turn.ts'
import { StreamCloseEvent, StreamMessageEvent } from './events.ts'
import { breakOff, guard, logFault } from './guard.ts'
import { inTurn } from './in-turn.ts'
import {
  defaultInactivityTimeout,
  defaultMaxReadBufferLength,
  defaultMaxWriteBufferLength,
  type MessageStreamInit
} from './message-stream-init.ts'
import { raceSignal } from './race-signal.ts'
import { resourceScopeSymbol } from './resource-scope.ts'
import { StreamAccount } from './stream-account.ts'
import { StreamIterator } from './stream-iterator.ts'
import { Waiters } from './waiters.ts'

export abstract class MessageStreamBase<Timeline extends MessageStreamTimeline = MessageStreamTimeline>
  extends EventEmitter<MessageStreamEvents>
  implements MessageStream<Timeline>, BytePipe
{
  status: MessageStreamStatus = 'open'
  readonly timeline: Timeline
  direction: MessageStreamDirection
  inactivityTimeout: number
  maxReadBufferLength: number
  maxWriteBufferLength: number
  /** Bytes in the largest message that is sent, for an implementation with messages; else `Infinity`. */
  maxMessageSize: number
  /** Whether this side reads, waits after `pause()`, or is `closed` because nothing more can be read. */
  readStatus: MessageStreamReadStatus = 'readable'
  /** Whether this side may write; `closing` while what was sent before `closeWrite()` leaves. */
  writeStatus: MessageStreamWriteStatus = 'writable'
  /** Whether the remote reads: no protocol here says more of it than the end of the stream. */
  remoteReadStatus: MessageStreamReadStatus = 'readable'
  /** Whether the remote may still send; `closed` once it has ended its side. */
  remoteWriteStatus: MessageStreamWriteStatus = 'writable'
  /** True from a `send()` that returned false to the next `drain`. */
  writableNeedsDrain = false

  /** Bytes that `transmit` has not taken yet. */
  protected readonly writeBuffer: ByteQueue = new ByteQueue()
  private readonly _readBuffer = new ByteQueue()
  private _log: Logger | (() => Logger)
  private _account: StreamAccount | undefined
  private _sink: ByteSink | undefined
  private _counts: ByteCounts | undefined
  /** Those to which the answer to a proposal is added: they saw the proposal. */
  private _answerCounts: ByteCounts | undefined
  private _ofReset: ((reset: Error) => Error) | undefined
  private _proposal: ((chunk: Uint8Array) => ProposalStep) | undefined
  private _iterators: Set<StreamIterator> | undefined
  private _drained: Waiters | undefined
  private _agreed: Waiters | undefined
  private _closing: Promise<void> | undefined
  private _transmitting = false
  private _holding = false
  private _isDispatching = false
  private _failure: Error | undefined
  private _readableEnded = false
  /** Bytes in the read buffer for which `consumed` is not called any more: they were put back, or came from here. */
  private _returned = 0

  static {
    Object.defineProperty(this.prototype, bytesSymbol, {
      // Whoever wraps these, as foreign metrics do, means to see all bytes.
      get(this: MessageStreamBase) {
        return this._isWrapped() ? undefined : this
      }
    })
    Object.defineProperty(this.prototype, resourceScopeSymbol, {
      get(this: MessageStreamBase) {
        return this._account?.scope
      },
      set(this: MessageStreamBase, scope: ResourceScope) {
        this._account?.release()
        this._account = new StreamAccount(scope)
        this.chargeUnread()
      }
    })
  }

  constructor(init: MessageStreamInit) {
    super()
    this._log = init.log
    this.direction = init.direction ?? 'outbound'
    this.inactivityTimeout = init.inactivityTimeout ?? defaultInactivityTimeout
    this.maxReadBufferLength = init.maxReadBufferLength ?? defaultMaxReadBufferLength
    this.maxWriteBufferLength = init.maxWriteBufferLength ?? defaultMaxWriteBufferLength
    this.maxMessageSize = init.maxMessageSize ?? Number.POSITIVE_INFINITY
    this.timeline = { open: Date.now() } as Timeline
  }

  get log(): Logger {
    if ('newScope' in this._log) return this._log
    this._log = this._log()
    return this._log
  }

  /** Upgraders put a narrower one here. */
  set log(log: Logger) {
    this._log = log
  }

  /** True once `end` was emitted. Bytes can still be put back by `unshift()`. */
  get readableEnded(): boolean {
    return this._readableEnded
  }

  /** Whether someone reads, or has said when to go on: otherwise what arrives lies here until someone comes. */
  get hasReader(): boolean {
    if (this._sink !== undefined || this.readStatus !== 'readable') return true
    return this.listenerCount('message') > 0 || (this._iterators?.size ?? 0) > 0
  }

  get readBufferLength(): number {
    return this._readBuffer.byteLength
  }

  get writeBufferLength(): number {
    return this.writeBuffer.byteLength
  }

  /** Takes from `queue` what can leave now, and returns whether more could. Throwing aborts the stream. */
  protected abstract transmit(queue: ByteQueue): boolean
  /** Tells the remote that no more will be sent. Called when everything has left. */
  protected abstract sendCloseWrite(): Promise<void>
  /** Tells the remote that the stream is broken off. */
  protected abstract sendReset(error: Error): void
  /** Reading was paused. */
  protected sendPause(): void {}
  /** Reading goes on. */
  protected sendResume(): void {}
  /** `length` bytes were given to the reader, or thrown away for it: the moment to grant credit. */
  protected consumed(_length: number): void {}
  /** The account has no room for what has just arrived: `exhausted` has no room. */
  protected memoryRefused(_exhausted: ResourceScope): void {}

  /** Charges what lies unread to the account, if there is one. Returns whether there was room for all of it. */
  chargeUnread(): boolean {
    const exhausted = this._account?.chargeUnread(this._readBuffer.byteLength)
    if (exhausted !== undefined) this.memoryRefused(exhausted)
    return exhausted === undefined
  }

  /**
   * Queues bytes, which belong to the stream until they have left. Returns false when the caller should wait for `drain`.
   * Throws `InvalidParametersError` for what is not bytes, `StreamStateError` after `close()`, and, aborting the stream,
   * `StreamBufferError` when the write buffer is past its limit and `ResourceLimitError` when the account has no room.
   */
  send(data: Uint8Array | Uint8ArrayList): boolean {
    // The usual case without a list.
    const chunks = data instanceof Uint8Array ? undefined : chunksOf(data, 'send')
    this._assertWritable()
    if (this._counts !== undefined) this._counts.sent += data.byteLength
    if (chunks === undefined) this.writeBuffer.push(data as Uint8Array)
    else for (const chunk of chunks) this.writeBuffer.push(chunk)
    return this._flush()
  }

  writev(chunks: readonly Uint8Array[]): boolean {
    this._assertWritable()
    this._pushAll(chunks)
    return this._flush()
  }

  /** Resolves when `send()` is welcome again; rejects if the stream ends before. */
  onDrain(options?: AbortOptions): Promise<void> {
    if (!this.writableNeedsDrain) return Promise.resolve()
    // What is over does not drain any more, and tells nobody again.
    if (this._isOver()) return raceSignal(Promise.reject(this._failure ?? closedError()), undefined)
    this._drained ??= new Waiters()
    return raceSignal(this._drained.wait(), options?.signal)
  }

  /**
   * Ends writing: resolves when all bytes and the end mark have been handed on, without waiting for the remote. Rejects
   * with the signal's reason, or the stream's error if it breaks before.
   */
  close(options?: AbortOptions): Promise<void> {
    if (this.writeStatus === 'closed') return Promise.resolve()
    // Every caller's signal ends its own wait alone.
    this._closing ??= this._closeWrite()
    return raceSignal(this._closing, options?.signal)
  }

  /**
   * Ends both directions at once, throws away all buffers and tells the remote. What was sent in this turn, and is only held
   * back for what may follow, still leaves. Never throws.
   */
  abort(thrown: Error): void {
    if (this._isOver()) return
    const error = asError(thrown)
    logFault(this.log, 'aborted', error)
    if (this._holding && !this._transmitting) {
      this._holding = false
      this._flushHeld()
      if (this._isOver()) return
    }
    this._readBuffer.clear()
    this.chargeUnread()
    this._dropWrites()
    this.readStatus = 'closed'
    this._finish('aborted', error, true)
    this._endReadsIfDone()
    try {
      this.sendReset(error)
    } catch (failure) {
      this.log.error('could not send reset - %e', failure)
    }
    this._announceClose(error, true)
  }

  pause(): void {
    if (this.readStatus === 'paused') return
    this._assertReadable('pause')
    this.readStatus = 'paused'
    this.sendPause()
  }

  resume(): void {
    if (this.readStatus === 'readable') return
    this._assertReadable('resume')
    this.readStatus = 'readable'
    this._dispatchReads()
    // A listener may have paused or ended it again.
    if ((this.readStatus as MessageStreamReadStatus) === 'readable') this.sendResume()
  }

  /** Puts bytes behind those that wait to be read. */
  push(data: Uint8Array | Uint8ArrayList): void {
    this._assertReadable('push')
    for (const chunk of chunksOf(data, 'push')) {
      this._readBuffer.push(chunk)
      this._returned += chunk.byteLength
    }
    this.chargeUnread()
    this._dispatchSoon()
  }

  /** Puts bytes before those that wait to be read. */
  unshift(data: Uint8Array | Uint8ArrayList): void {
    this._assertReadable('unshift')
    for (const chunk of [...chunksOf(data, 'unshift')].reverse()) this._putBack(chunk)
    this._dispatchSoon()
  }

  override addEventListener<K extends keyof MessageStreamEvents>(
    type: K,
    listener: EventHandler<MessageStreamEvents[K]> | null,
    options?: boolean | AddEventListenerOptions
  ): void {
    super.addEventListener(type, listener, options)
    // In a microtask: listeners are added in constructors that have not finished.
    if (type === 'message' && this._readBuffer.byteLength > 0) this._dispatchSoon()
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8ArrayList> {
    this._iterators ??= new Set()
    const iterators = this._iterators
    const iterator = new StreamIterator({
      take: () => this._showRead(this._takeRead()),
      end: () => this._readEnd(),
      leave: () => {
        iterators.delete(iterator)
        this.discardReads()
      }
    })
    iterators.add(iterator)
    return iterator
  }

  attach(sink: ByteSink): void {
    if (this._sink !== undefined) throw new StreamStateError('the stream has a reader already')
    this._sink = sink
    // As it is now: what happens until the microtask is told to the sink by itself.
    const ended = this._readableEnded
    const over = this._isOver()
    const begin = (): void => {
      if (this._sink !== sink) return
      this._dispatchReads()
      if (ended && this._failure === undefined && this._sink === sink) this._tellEnd(sink)
      if (over && this._sink === sink) this._tellClose(sink, this._failure)
    }
    microtask(() => guard(this, begin))
  }

  detach(unread?: Uint8Array): void {
    this._sink = undefined
    if (unread !== undefined) this._putBack(unread)
    // Whoever listens or iterates already would otherwise wait for the next arrival.
    if (this._readBuffer.byteLength > 0) this._dispatchSoon()
  }

  hold(chunks: readonly Uint8Array[], forNextLayer: boolean = false): void {
    this._assertWritable()
    this._pushAll(chunks)
    if (this._holding) return
    this._holding = true
    this.beforeTurnEnds(() => {
      if (!this._holding) return
      this._holding = false
      this._flushHeld()
    }, forNextLayer)
  }

  propose(opening: Uint8Array, answer: (chunk: Uint8Array) => ProposalStep, ofReset?: (reset: Error) => Error): void {
    this._ofReset = ofReset
    const proposal = this._proposal === undefined ? answer : inTurn(this._proposal, answer)
    this._proposal = proposal
    this._answerCounts = this._counts
    this.hold([opening])
    // The remote may have begun its answer before it was asked: what is unread has arrived, and is counted.
    const unread = this._takeReads()?.subarray()
    const rest = unread && this._readAnswer(proposal, unread)
    if (rest !== undefined) this._putBack(rest)
  }

  count(counts: ByteCounts): void {
    this._counts = counts
    counts.received += this._readBuffer.byteLength
  }

  /** Bytes arrived. */
  protected deliver(received: Uint8Array): void {
    const chunk = this._proposal === undefined ? received : this._deliverAnswer(this._proposal, received)
    if (chunk === undefined || chunk.byteLength === 0) return
    if (this._counts !== undefined) this._counts.received += chunk.byteLength
    if (this.readStatus === 'closing' || this.readStatus === 'closed') {
      this.consumed(chunk.byteLength)
      return
    }
    if (this.readStatus === 'readable' && this._readBuffer.byteLength === 0 && this._giveAtOnce(chunk)) return
    this._readBuffer.push(chunk)
    this._dispatchReads()
    // Nobody has taken it: what waits must not keep a whole chunk of the connection alive for a few bytes.
    this._readBuffer.keepLast()
    this.chargeUnread()
    if (this._readBuffer.byteLength > this.maxReadBufferLength) {
      const { byteLength } = this._readBuffer
      const facts = { byteLength, limit: this.maxReadBufferLength }
      this.abort(new StreamBufferError(`${byteLength} bytes are unread, the limit is ${facts.limit}`, { facts }))
    }
  }

  /** Whether someone was there to take bytes that have just arrived, with none before them. */
  private _giveAtOnce(chunk: Uint8Array): boolean {
    if (this._sink !== undefined) this._giveTo(this._sink, chunk)
    else if (this.listenerCount('message') > 0) this._dispatchOne(chunk)
    else return false
    // Behind it: where credit lets the connection be read again, what comes at once comes after this.
    this.consumed(chunk.byteLength)
    return true
  }

  /** Runs `task` at the end of this turn of the event loop; with `afterNextLayer`, behind what a muxer does there. */
  protected beforeTurnEnds(task: () => void, afterNextLayer: boolean): void {
    // Muxers wait for the end of the turn as well, and one may be made in this turn: it comes between.
    if (afterNextLayer) endOfTurn(() => endOfTurn(task))
    else endOfTurn(task)
  }

  /** Whether the remote has not yet answered to what was proposed. */
  protected get isProposing(): boolean {
    return this._proposal !== undefined
  }

  /** Sends what is held: what follows is apart from it. */
  protected sendHeld(): void {
    if (this._holding && this.writeBuffer.byteLength > 0 && !this.writableNeedsDrain) this._flush()
  }

  /** Queues bytes until the remote has answered to what was proposed. The caller is to wait for `drain`. */
  protected sendOnceAgreed(data: Uint8Array | Uint8ArrayList): false {
    const chunks = chunksOf(data, 'send')
    this._assertWritable()
    // One chunk for one call.
    this._pushAll([data instanceof Uint8Array ? data : concat([...chunks])])
    this.writableNeedsDrain = true
    this._chargeUnsent(false)
    return false
  }

  /** What waits below may be sent now. */
  protected writable(): void {
    if (!this.writableNeedsDrain || this._isOver()) return
    this.writableNeedsDrain = false
    try {
      if (!this._flush()) return
      this._drained?.resolve()
      this.safeDispatchEvent('drain')
      this._sink?.onDrain()
    } catch (error) {
      // Whoever calls this is below, or the system.
      breakOff(this, error)
    }
  }

  /** The remote will send no more. */
  protected remoteClosedWrite(): void {
    if (this.remoteWriteStatus === 'closed') return
    if (this._proposal !== undefined) {
      this.abort(new ProtocolError('the remote ended before it answered to what was proposed'))
      return
    }
    this.remoteWriteStatus = 'closed'
    this.safeDispatchEvent('remoteCloseWrite')
    this._endReadsIfDone()
    this._wakeIterators()
    if ((this.writeStatus as MessageStreamWriteStatus) === 'closed') this.transportClosed()
  }

  /** The remote broke the stream off, or it was cut with the connection. */
  protected remoteReset(reset: Error = withoutStackTraces(() => new StreamResetError())): void {
    if (this._isOver()) return
    const error = this._proposal !== undefined && this._ofReset !== undefined ? this._ofReset(reset) : reset
    this._dropWrites()
    this._finish('reset', error, false)
    this._endReadsIfDone()
    this._announceClose(error, false)
  }

  /** What carries the stream is gone. Without an error the stream counts as cleanly closed. */
  protected transportClosed(error?: Error): void {
    if (this._isOver()) return
    if (error !== undefined) {
      this.abort(error)
      return
    }
    this._dropWrites()
    this._finish('closed', undefined, undefined)
    this._endReadsIfDone()
    this._announceClose(undefined, undefined)
  }

  /** Resolves when the remote has answered to what was proposed, at once if nothing was. Rejects if the stream ends before. */
  protected whenAgreed(): Promise<void> {
    if (this._proposal === undefined) return Promise.resolve()
    if (this._isOver()) return Promise.reject(this._failure ?? closedError())
    this._agreed ??= new Waiters()
    return this._agreed.wait()
  }

  /** Sends what is held, and takes away what is unread: for a subclass that is about to read and write elsewhere. */
  protected takeOver(): Uint8Array | undefined {
    this._flush()
    return this._takeReads()?.subarray()
  }

  /** Throws away what is unread and whatever still comes. */
  protected discardReads(): void {
    if (this.readStatus === 'closed') return
    this.readStatus = 'closed'
    const { byteLength } = this._readBuffer
    this._readBuffer.clear()
    this._takenFromBuffer(byteLength)
    this._endReads()
  }

  protected override onListenerError(error: unknown, type: string): void {
    const failure = asError(error)
    logFault(this.log, 'a listener of "%s" threw', failure, type)
    this.abort(failure)
  }

  private _deliverAnswer(answer: (chunk: Uint8Array) => ProposalStep, chunk: Uint8Array): Uint8Array | undefined {
    const rest = this._readAnswer(answer, chunk)
    if (this._isOver()) return undefined
    const taken = chunk.byteLength - (rest?.byteLength ?? 0)
    if (this._answerCounts !== undefined) this._answerCounts.received += taken
    this.consumed(taken)
    return rest
  }

  /** What is behind the answer to a proposal. */
  private _readAnswer(answer: (chunk: Uint8Array) => ProposalStep, chunk: Uint8Array): Uint8Array | undefined {
    try {
      const { done, rest } = answer(chunk)
      if (done) {
        this._proposal = undefined
        this._agreed?.resolve()
        // What waits for the answer alone leaves; what waits for room as well is told of that later.
        this.writable()
      }
      return rest
    } catch (error) {
      this.abort(error as Error)
      return undefined
    }
  }

  private _pushAll(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) {
      this.writeBuffer.push(chunk)
      if (this._counts !== undefined) this._counts.sent += chunk.byteLength
    }
  }

  private _flushHeld(): void {
    if (this.writeStatus === 'closed') return
    try {
      this._flush()
    } catch {
      // The stream has aborted itself, and has said so to its owner.
    }
  }

  private _flush(): boolean {
    if (this.writableNeedsDrain) {
      this._chargeUnsent(false)
      return false
    }
    if (this._transmitting) return true
    this._transmitting = true
    try {
      const more = this.writeBuffer.byteLength === 0 || this.transmit(this.writeBuffer)
      if (!more || this.writeBuffer.byteLength > 0) this.writableNeedsDrain = true
    } catch (error) {
      this.abort(error as Error)
      throw error
    } finally {
      this._transmitting = false
    }
    this._chargeUnsent(true)
    if (this.writeBuffer.byteLength === 0) this.safeDispatchEvent('idle')
    return !this.writableNeedsDrain
  }

  /** Charges what is unsent to the account. Where there is no room the stream is aborted. */
  private _chargeUnsent(allowPart: boolean): void {
    try {
      this._account?.chargeUnsent(this.writeBuffer.byteLength, allowPart)
    } catch (error) {
      this.abort(error as Error)
      throw error
    }
  }

  private async _closeWrite(): Promise<void> {
    this.writeStatus = 'closing'
    // What is held leaves before the end.
    this._flush()
    while (this.writeBuffer.byteLength > 0 || this.writableNeedsDrain) {
      this._drained ??= new Waiters()
      await this._drained.wait()
    }
    await this.sendCloseWrite()
    if (this._isOver()) return
    this.writeStatus = 'closed'
    if (this.remoteWriteStatus === 'closed') this.transportClosed()
  }

  private _dispatchSoon(): void {
    microtask(() => guard(this, () => this._dispatchReads()))
  }

  private _dispatchReads(): void {
    if (this.readStatus === 'paused' || this.readStatus === 'closing') return
    if (this._sink !== undefined) {
      this._drainToSink(this._sink)
    } else if (this.listenerCount('message') > 0) {
      this._dispatchEach()
      this._endReadsIfDone()
    } else {
      this._wakeIterators()
    }
  }

  /** Each as it came: what a remote has sent by one `send()` of a muxed stream stays one message while it waits. */
  private _dispatchEach(): void {
    // A listener that pauses and resumes is still at its message: the next one comes after it.
    if (this._isDispatching) return
    this._isDispatching = true
    try {
      while (this.readStatus === 'readable' && this.listenerCount('message') > 0) {
        const chunk = this._readBuffer.shift()
        if (chunk === undefined) return
        const credit = this._creditFor(chunk.byteLength)
        this._dispatchOne(chunk)
        if (credit > 0) this.consumed(credit)
      }
    } finally {
      this._isDispatching = false
    }
  }

  private _dispatchOne(chunk: Uint8Array): void {
    this.dispatchEvent(new StreamMessageEvent(Uint8ArrayList.fromUint8Arrays([chunk], chunk.byteLength)))
  }

  private _drainToSink(sink: ByteSink): void {
    while (this._sink === sink && this.readStatus !== 'paused') {
      const chunk = this._readBuffer.shift()
      if (chunk === undefined) break
      const credit = this._creditFor(chunk.byteLength)
      this._giveTo(sink, chunk)
      if (credit > 0) this.consumed(credit)
    }
    this._endReadsIfDone()
    if (this.status === 'closed' && this._readableEnded) this._closeSink(undefined)
  }

  /** One chunk, as it came: a loop sees the messages of a muxer apart, as it would with js-libp2p. */
  private _takeRead(): Uint8ArrayList | undefined {
    const chunk = this._readBuffer.shift()
    if (chunk === undefined) return undefined
    this._takenFromBuffer(chunk.byteLength)
    return Uint8ArrayList.fromUint8Arrays([chunk], chunk.byteLength)
  }

  /** What a loop takes goes past whoever has wrapped `dispatchEvent`, as it would with js-libp2p. */
  private _showRead(list: Uint8ArrayList | undefined): Uint8ArrayList | undefined {
    if (list !== undefined && this._isWrapped()) this.dispatchEvent(new StreamMessageEvent(list))
    return list
  }

  private _isWrapped(): boolean {
    return Object.hasOwn(this, 'send') || Object.hasOwn(this, 'dispatchEvent')
  }

  private _takeReads(): Uint8ArrayList | undefined {
    const { byteLength } = this._readBuffer
    if (byteLength === 0) return undefined
    const list = Uint8ArrayList.fromUint8Arrays(this._readBuffer.takeAll(), byteLength)
    this._takenFromBuffer(byteLength)
    return list
  }

  private _putBack(chunk: Uint8Array): void {
    this._readBuffer.unshift(chunk)
    this._returned += chunk.byteLength
    this.chargeUnread()
  }

  private _takenFromBuffer(length: number): void {
    const credit = this._creditFor(length)
    if (credit > 0) this.consumed(credit)
  }

  /**
   * Of so many bytes that were taken from the buffer: for how many credit is due, which is granted once, however often they
   * are put back, and when the reader has them.
   */
  private _creditFor(length: number): number {
    const again = Math.min(length, this._returned)
    this._returned -= again
    this.chargeUnread()
    return length - again
  }

  private _endReadsIfDone(): void {
    if (this.remoteWriteStatus !== 'closed' || this._readBuffer.byteLength > 0) return
    if (this._isOver()) this.readStatus = 'closed'
    this._endReads()
  }

  private _endReads(): void {
    if (this._readableEnded) return
    this._readableEnded = true
    this.safeDispatchEvent('end')
    // A stream that broke has not ended: its sink gets the error alone, so that a cut message is never taken for a whole one.
    if (this._failure === undefined && this._sink !== undefined) this._tellEnd(this._sink)
  }

  /** Whether an iterator has nothing more to wait for; throws the stream's error if it broke. */
  private _readEnd(): boolean {
    this._endReadsIfDone()
    if (this._failure !== undefined) throw this._failure
    return this.remoteWriteStatus === 'closed' || this.readStatus === 'closed'
  }

  private _wakeIterators(): void {
    for (const iterator of this._iterators ?? []) iterator.wake()
  }

  private _dropWrites(): void {
    if (this.writeBuffer.byteLength === 0) return
    this.writeBuffer.clear()
    this._chargeUnsent(true)
    this.safeDispatchEvent('idle')
  }

  private _finish(status: MessageStreamStatus, error: Error | undefined, local: boolean | undefined): void {
    this.status = status
    this.writeStatus = this.remoteWriteStatus = this.remoteReadStatus = 'closed'
    this.timeline.close = Date.now()
    this._failure = error
    // An error costs its stack trace: none is made for nobody.
    this._agreed?.reject(error ?? new StreamStateError('the stream was closed before the remote had agreed'))
    this._drained?.reject(error ?? closedError(local))
  }

  private _announceClose(error: Error | undefined, local: boolean | undefined): void {
    this._wakeIterators()
    if (this.listenerCount('close') > 0) this.dispatchEvent(new StreamCloseEvent(local, error))
    // A sink that has paused is told once it has taken the last bytes.
    if (this._readableEnded || error !== undefined) this._closeSink(error)
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
      breakOff(this, error)
    }
  }

  private _tellEnd(sink: ByteSink): void {
    try {
      sink.onEnd()
    } catch (error) {
      breakOff(this, error)
    }
  }

  private _tellClose(sink: ByteSink, error: Error | undefined): void {
    try {
      sink.onClose(error)
    } catch (failure) {
      breakOff(this, failure)
    }
  }

  private _isOver(): boolean {
    return this.status === 'closed' || this.status === 'aborted' || this.status === 'reset'
  }

  private _assertWritable(): void {
    if (this.writeStatus !== 'writable') {
      throw new StreamStateError(`cannot write to a stream that is ${this.writeStatus}`)
    }
    if (this.writeBuffer.byteLength <= this.maxWriteBufferLength) return
    const { byteLength } = this.writeBuffer
    const facts = { byteLength, limit: this.maxWriteBufferLength }
    const error = new StreamBufferError(
      `${byteLength} bytes are unsent, the limit is ${facts.limit} (option maxWriteBufferLength): wait for drain`,
      { facts }
    )
    this.abort(error)
    throw error
  }

  private _assertReadable(operation: string): void {
    if (this.readStatus === 'closed' || this.readStatus === 'closing') {
      throw new StreamStateError(`cannot ${operation} a stream whose reading side is ${this.readStatus}`)
    }
  }
}

function closedError(local?: boolean): StreamStateError {
  return new StreamStateError('the stream was closed', { facts: { local } })
}
