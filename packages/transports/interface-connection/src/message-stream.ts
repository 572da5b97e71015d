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
import { ByteQueue } from '@weft/bytes'
import { ProtocolError, StreamBufferError, StreamResetError, StreamStateError, withoutStackTraces } from '@weft/errors'
import { EventEmitter } from '@weft/events'
import type { ResourceScope } from '@weft/resources'
import { Uint8ArrayList } from 'uint8arraylist'
import { type ByteCounts, type BytePipe, type ByteSink, bytesSymbol, type ProposalStep } from './byte-pipe.ts'
import { defer } from './defer.ts'
import { StreamCloseEvent, StreamMessageEvent } from './events.ts'
import { raceSignal } from './race-signal.ts'
import { resourceScopeSymbol } from './resource-scope.ts'
import { StreamAccount } from './stream-account.ts'
import { StreamIterator } from './stream-iterator.ts'
import { Waiters } from './waiters.ts'

/** Options of every stream and connection. */
export interface MessageStreamInit {
  /** The logger, or how to make one when it is first asked for. */
  log: Logger | (() => Logger)
  /** @default 'outbound' */
  direction?: MessageStreamDirection | undefined
  /** Milliseconds without data after which an implementation that watches it aborts. @default 120000 */
  inactivityTimeout?: number | undefined
  /** Unread bytes past which the stream is aborted with `StreamBufferError`. @default 4194304 */
  maxReadBufferLength?: number | undefined
  /**
   * Unsent bytes past which a further `send()` aborts the stream with `StreamBufferError`: the bound on a caller that
   * does not wait for `drain`. One `send()` of any size is always taken. @default 16777216
   */
  maxWriteBufferLength?: number | undefined
  /** Bytes in the largest message that an implementation with messages sends. @default no limit */
  maxMessageSize?: number | undefined
}

const defaultMaxReadBufferLength = 4 * 1024 * 1024
// The window that a connection may buffer (DESIGN, "Life of a byte"): a writer ahead by more is not waiting for drain.
const defaultMaxWriteBufferLength = 16 * 1024 * 1024
const defaultInactivityTimeout = 120_000

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
  readonly #readBuffer = new ByteQueue()
  #log: Logger | (() => Logger)
  #account: StreamAccount | undefined
  #sink: ByteSink | undefined
  #counts: ByteCounts | undefined
  /** Those to which the answer to a proposal is added: they saw the proposal. */
  #answerCounts: ByteCounts | undefined
  #proposal: ((chunk: Uint8Array) => ProposalStep) | undefined
  #iterators: Set<StreamIterator> | undefined
  #drained: Waiters | undefined
  #agreed: Waiters | undefined
  #closing: Promise<void> | undefined
  #transmitting = false
  #holding = false
  #failure: Error | undefined
  #readableEnded = false
  /** Bytes in the read buffer for which `consumed` is not called any more: they were put back, or came from here. */
  #returned = 0

  static {
    Object.defineProperty(this.prototype, bytesSymbol, {
      // Whoever wraps these, as foreign metrics do, means to see all bytes.
      get(this: MessageStreamBase) {
        return this.#isWrapped() ? undefined : this
      }
    })
    Object.defineProperty(this.prototype, resourceScopeSymbol, {
      get(this: MessageStreamBase) {
        return this.#account?.scope
      },
      set(this: MessageStreamBase, scope: ResourceScope) {
        this.#account?.release()
        this.#account = new StreamAccount(scope)
        this.chargeUnread()
      }
    })
  }

  constructor(init: MessageStreamInit) {
    super()
    this.#log = init.log
    this.direction = init.direction ?? 'outbound'
    this.inactivityTimeout = init.inactivityTimeout ?? defaultInactivityTimeout
    this.maxReadBufferLength = init.maxReadBufferLength ?? defaultMaxReadBufferLength
    this.maxWriteBufferLength = init.maxWriteBufferLength ?? defaultMaxWriteBufferLength
    this.maxMessageSize = init.maxMessageSize ?? Number.POSITIVE_INFINITY
    this.timeline = { open: Date.now() } as Timeline
  }

  get log(): Logger {
    if ('newScope' in this.#log) return this.#log
    this.#log = this.#log()
    return this.#log
  }

  /** Upgraders put a narrower one here. */
  set log(log: Logger) {
    this.#log = log
  }

  /** True once `end` was emitted. Bytes can still be put back by `unshift()`. */
  get readableEnded(): boolean {
    return this.#readableEnded
  }

  get readBufferLength(): number {
    return this.#readBuffer.byteLength
  }

  get writeBufferLength(): number {
    return this.writeBuffer.byteLength
  }

  /** Takes from `queue` what can leave now, and returns whether more could. Throwing aborts the stream. */
  protected abstract transmit(queue: ByteQueue): boolean
  /** Tells the remote that no more will be sent. Called when everything has left. */
  protected abstract sendCloseWrite(options?: AbortOptions): Promise<void>
  /** Tells the remote that the stream is broken off. */
  protected abstract sendReset(error: Error): void
  /** Reading was paused. */
  protected sendPause(): void {}
  /** Reading goes on. */
  protected sendResume(): void {}
  /** `length` bytes were given to the reader, or thrown away for it: the moment to grant credit. */
  protected consumed(_length: number): void {}
  /** The account has no room for what has just arrived: `refusing` is full. */
  protected memoryRefused(_refusing: ResourceScope): void {}

  /** Charges what lies unread to the account, if there is one. Returns whether there was room for all of it. */
  chargeUnread(): boolean {
    const refusing = this.#account?.chargeUnread(this.#readBuffer.byteLength)
    if (refusing !== undefined) this.memoryRefused(refusing)
    return refusing === undefined
  }

  /**
   * Queues bytes, which belong to the stream until they have left. Returns false when the caller should wait for
   * `drain`. Throws `StreamStateError` after `close()`, `StreamBufferError` when the write buffer is past its limit, and
   * `ResourceLimitError` when the account has no room for what is unsent; with the latter two the stream is aborted.
   */
  send(data: Uint8Array | Uint8ArrayList): boolean {
    this.#assertWritable()
    if (this.#counts !== undefined) this.#counts.sent += data.byteLength
    if (data instanceof Uint8Array) this.writeBuffer.push(data)
    else for (const chunk of data) this.writeBuffer.push(chunk)
    return this.#flush()
  }

  writev(chunks: readonly Uint8Array[]): boolean {
    this.#assertWritable()
    this.#pushAll(chunks)
    return this.#flush()
  }

  /** Resolves when `send()` is welcome again; rejects if the stream ends before. */
  onDrain(options?: AbortOptions): Promise<void> {
    if (!this.writableNeedsDrain) return Promise.resolve()
    this.#drained ??= new Waiters()
    return raceSignal(this.#drained.wait(), options?.signal)
  }

  /**
   * Ends writing: resolves when all bytes and the end mark have been handed on, without waiting for the remote. Rejects
   * with the signal's reason, or the stream's error if it breaks before.
   */
  close(options?: AbortOptions): Promise<void> {
    if (this.writeStatus === 'closed') return Promise.resolve()
    this.#closing ??= this.#closeWrite(options)
    return raceSignal(this.#closing, options?.signal)
  }

  /** Ends both directions at once, throws away all buffers and tells the remote. */
  abort(error: Error): void {
    if (this.#isOver()) return
    this.#readBuffer.clear()
    this.chargeUnread()
    this.#dropWrites()
    this.readStatus = 'closed'
    this.#finish('aborted', error, true)
    this.#endReadsIfDone()
    try {
      this.sendReset(error)
    } catch (failure) {
      this.log.error('could not send reset - %e', failure)
    }
    this.#announceClose(error, true)
  }

  pause(): void {
    if (this.readStatus === 'paused') return
    this.#assertReadable('pause')
    this.readStatus = 'paused'
    this.sendPause()
  }

  resume(): void {
    if (this.readStatus === 'readable') return
    this.#assertReadable('resume')
    this.readStatus = 'readable'
    this.#dispatchReads()
    // A listener may have paused or ended it again.
    if ((this.readStatus as MessageStreamReadStatus) === 'readable') this.sendResume()
  }

  /** Puts bytes behind those that wait to be read. */
  push(data: Uint8Array | Uint8ArrayList): void {
    this.#assertReadable('push')
    for (const chunk of data instanceof Uint8Array ? [data] : data) {
      this.#readBuffer.push(chunk)
      this.#returned += chunk.byteLength
    }
    this.chargeUnread()
    this.#dispatchSoon()
  }

  /** Puts bytes before those that wait to be read. */
  unshift(data: Uint8Array | Uint8ArrayList): void {
    this.#assertReadable('unshift')
    for (const chunk of data instanceof Uint8Array ? [data] : [...data].reverse()) this.#putBack(chunk)
    this.#dispatchSoon()
  }

  override addEventListener<K extends keyof MessageStreamEvents>(
    type: K,
    listener: EventHandler<MessageStreamEvents[K]> | null,
    options?: boolean | AddEventListenerOptions
  ): void {
    super.addEventListener(type, listener, options)
    // In a microtask: listeners are added in constructors that have not finished.
    if (type === 'message' && this.#readBuffer.byteLength > 0) this.#dispatchSoon()
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8ArrayList> {
    this.#iterators ??= new Set()
    const iterators = this.#iterators
    const iterator = new StreamIterator({
      take: () => this.#showRead(this.#takeRead()),
      end: () => this.#readEnd(),
      leave: () => {
        iterators.delete(iterator)
        this.discardReads()
      }
    })
    iterators.add(iterator)
    return iterator
  }

  attach(sink: ByteSink): void {
    if (this.#sink !== undefined) throw new StreamStateError('the stream has a reader already')
    this.#sink = sink
    // As it is now: what happens until the microtask is told to the sink by itself.
    const ended = this.#readableEnded
    const over = this.#isOver()
    queueMicrotask(() => {
      if (this.#sink !== sink) return
      this.#dispatchReads()
      if (ended && this.#failure === undefined && this.#sink === sink) sink.onEnd()
      if (over && this.#sink === sink) sink.onClose(this.#failure)
    })
  }

  detach(unread?: Uint8Array): void {
    this.#sink = undefined
    if (unread !== undefined) this.#putBack(unread)
    // Whoever listens or iterates already would otherwise wait for the next arrival.
    if (this.#readBuffer.byteLength > 0) this.#dispatchSoon()
  }

  hold(chunks: readonly Uint8Array[], forNextLayer: boolean = false): void {
    this.#assertWritable()
    this.#pushAll(chunks)
    if (this.#holding) return
    this.#holding = true
    this.beforeTurnEnds(() => {
      this.#holding = false
      this.#flushHeld()
    }, forNextLayer)
  }

  propose(opening: Uint8Array, answer: (chunk: Uint8Array) => ProposalStep): void {
    const proposal = this.#proposal === undefined ? answer : inTurn(this.#proposal, answer)
    this.#proposal = proposal
    this.#answerCounts = this.#counts
    this.hold([opening])
    // The remote may have begun its answer before it was asked: what is unread has arrived, and is counted.
    const unread = this.#takeReads()?.subarray()
    const rest = unread && this.#readAnswer(proposal, unread)
    if (rest !== undefined) this.#putBack(rest)
  }

  count(counts: ByteCounts): void {
    this.#counts = counts
    counts.received += this.#readBuffer.byteLength
  }

  /** Bytes arrived. */
  protected deliver(received: Uint8Array): void {
    const chunk = this.#proposal === undefined ? received : this.#deliverAnswer(this.#proposal, received)
    if (chunk === undefined || chunk.byteLength === 0) return
    if (this.#counts !== undefined) this.#counts.received += chunk.byteLength
    if (this.readStatus === 'closing' || this.readStatus === 'closed') {
      this.consumed(chunk.byteLength)
      return
    }
    if (this.readStatus === 'readable' && this.#readBuffer.byteLength === 0 && this.#giveAtOnce(chunk)) return
    this.#readBuffer.push(chunk)
    this.#dispatchReads()
    // Nobody has taken it: what waits must not keep a whole chunk of the connection alive for a few bytes.
    this.#readBuffer.keepLast()
    this.chargeUnread()
    if (this.#readBuffer.byteLength > this.maxReadBufferLength) {
      const { byteLength } = this.#readBuffer
      const facts = { byteLength, limit: this.maxReadBufferLength }
      this.abort(new StreamBufferError(`${byteLength} bytes are unread, the limit is ${facts.limit}`, { facts }))
    }
  }

  /** Whether someone was there to take bytes that have just arrived, with none before them. */
  #giveAtOnce(chunk: Uint8Array): boolean {
    if (this.#sink !== undefined) {
      this.consumed(chunk.byteLength)
      this.#sink.onBytes(chunk)
      return true
    }
    if (this.listenerCount('message') === 0) return false
    this.consumed(chunk.byteLength)
    this.dispatchEvent(new StreamMessageEvent(Uint8ArrayList.fromUint8Arrays([chunk], chunk.byteLength)))
    return true
  }

  /** Runs `task` at the end of this turn of the event loop; with `afterNextLayer`, behind what a muxer does there. */
  protected beforeTurnEnds(task: () => void, afterNextLayer: boolean): void {
    // Muxers defer as well, and one may be made in this turn: it comes between.
    if (afterNextLayer) defer(() => defer(task))
    else defer(task)
  }

  /** What waits below may be sent now. */
  protected writable(): void {
    if (!this.writableNeedsDrain || this.#isOver()) return
    this.writableNeedsDrain = false
    if (!this.#flush()) return
    this.#drained?.resolve()
    this.safeDispatchEvent('drain')
    this.#sink?.onDrain()
  }

  /** The remote will send no more. */
  protected remoteClosedWrite(): void {
    if (this.remoteWriteStatus === 'closed') return
    if (this.#proposal !== undefined) {
      this.abort(new ProtocolError('the remote ended before it answered to what was proposed'))
      return
    }
    this.remoteWriteStatus = 'closed'
    this.safeDispatchEvent('remoteCloseWrite')
    this.#endReadsIfDone()
    this.#wakeIterators()
    if ((this.writeStatus as MessageStreamWriteStatus) === 'closed') this.transportClosed()
  }

  /** The remote broke the stream off, or it was cut with the connection. */
  protected remoteReset(error: Error = withoutStackTraces(() => new StreamResetError())): void {
    if (this.#isOver()) return
    this.#dropWrites()
    this.#finish('reset', error, false)
    this.#endReadsIfDone()
    this.#announceClose(error, false)
  }

  /** What carries the stream is gone. Without an error the stream counts as cleanly closed. */
  protected transportClosed(error?: Error): void {
    if (this.#isOver()) return
    if (error !== undefined) {
      this.abort(error)
      return
    }
    this.#dropWrites()
    this.#finish('closed', undefined, undefined)
    this.#endReadsIfDone()
    this.#announceClose(undefined, undefined)
  }

  /** Resolves when the remote has answered to what was proposed, at once if nothing was. Rejects if the stream ends before. */
  protected whenAgreed(): Promise<void> {
    if (this.#proposal === undefined) return Promise.resolve()
    this.#agreed ??= new Waiters()
    return this.#agreed.wait()
  }

  /** Sends what is held, and takes away what is unread: for a subclass that is about to read and write elsewhere. */
  protected takeOver(): Uint8Array | undefined {
    this.#flush()
    return this.#takeReads()?.subarray()
  }

  /** Throws away what is unread and whatever still comes. */
  protected discardReads(): void {
    if (this.readStatus === 'closed') return
    this.readStatus = 'closed'
    const { byteLength } = this.#readBuffer
    this.#readBuffer.clear()
    this.#takenFromBuffer(byteLength)
    this.#endReads()
  }

  protected override onListenerError(error: unknown, type: string): void {
    const failure = error instanceof Error ? error : new Error(String(error))
    this.log.error('a listener of "%s" threw - %e', type, failure)
    this.abort(failure)
  }

  #deliverAnswer(answer: (chunk: Uint8Array) => ProposalStep, chunk: Uint8Array): Uint8Array | undefined {
    const rest = this.#readAnswer(answer, chunk)
    if (this.#isOver()) return undefined
    const taken = chunk.byteLength - (rest?.byteLength ?? 0)
    if (this.#answerCounts !== undefined) this.#answerCounts.received += taken
    this.consumed(taken)
    return rest
  }

  /** What is behind the answer to a proposal. */
  #readAnswer(answer: (chunk: Uint8Array) => ProposalStep, chunk: Uint8Array): Uint8Array | undefined {
    try {
      const { done, rest } = answer(chunk)
      if (done) {
        this.#proposal = undefined
        this.#agreed?.resolve()
      }
      return rest
    } catch (error) {
      this.abort(error as Error)
      return undefined
    }
  }

  #pushAll(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) {
      this.writeBuffer.push(chunk)
      if (this.#counts !== undefined) this.#counts.sent += chunk.byteLength
    }
  }

  #flushHeld(): void {
    if (this.writeStatus === 'closed') return
    try {
      this.#flush()
    } catch {
      // The stream has aborted itself, and has said so to its owner.
    }
  }

  #flush(): boolean {
    if (this.writableNeedsDrain) {
      this.#chargeUnsent(false)
      return false
    }
    if (this.#transmitting) return true
    this.#transmitting = true
    try {
      const more = this.writeBuffer.byteLength === 0 || this.transmit(this.writeBuffer)
      if (!more || this.writeBuffer.byteLength > 0) this.writableNeedsDrain = true
    } catch (error) {
      this.abort(error as Error)
      throw error
    } finally {
      this.#transmitting = false
    }
    this.#chargeUnsent(true)
    if (this.writeBuffer.byteLength === 0) this.safeDispatchEvent('idle')
    return !this.writableNeedsDrain
  }

  /** Charges what is unsent to the account. Where there is no room the stream is aborted. */
  #chargeUnsent(isPatient: boolean): void {
    try {
      this.#account?.chargeUnsent(this.writeBuffer.byteLength, isPatient)
    } catch (error) {
      this.abort(error as Error)
      throw error
    }
  }

  async #closeWrite(options?: AbortOptions): Promise<void> {
    this.writeStatus = 'closing'
    // What is held leaves before the end.
    this.#flush()
    while (this.writeBuffer.byteLength > 0 || this.writableNeedsDrain) {
      this.#drained ??= new Waiters()
      await this.#drained.wait()
    }
    await this.sendCloseWrite(options)
    if (this.#isOver()) return
    this.writeStatus = 'closed'
    if (this.remoteWriteStatus === 'closed') this.transportClosed()
  }

  #dispatchSoon(): void {
    queueMicrotask(() => this.#dispatchReads())
  }

  #dispatchReads(): void {
    if (this.readStatus === 'paused' || this.readStatus === 'closing') return
    if (this.#sink !== undefined) {
      this.#drainToSink(this.#sink)
    } else if (this.listenerCount('message') > 0) {
      const list = this.#takeReads()
      if (list !== undefined) this.dispatchEvent(new StreamMessageEvent(list))
      this.#endReadsIfDone()
    } else {
      this.#wakeIterators()
    }
  }

  #drainToSink(sink: ByteSink): void {
    while (this.#sink === sink && this.readStatus !== 'paused') {
      const chunk = this.#readBuffer.shift()
      if (chunk === undefined) break
      this.#takenFromBuffer(chunk.byteLength)
      sink.onBytes(chunk)
    }
    this.#endReadsIfDone()
    if (this.status === 'closed' && this.#readableEnded) this.#closeSink(undefined)
  }

  /** One chunk, as it came: a loop sees the messages of a muxer apart, as it would with js-libp2p. */
  #takeRead(): Uint8ArrayList | undefined {
    const chunk = this.#readBuffer.shift()
    if (chunk === undefined) return undefined
    this.#takenFromBuffer(chunk.byteLength)
    return Uint8ArrayList.fromUint8Arrays([chunk], chunk.byteLength)
  }

  /** What a loop takes goes past whoever has wrapped `dispatchEvent`, as it would with js-libp2p. */
  #showRead(list: Uint8ArrayList | undefined): Uint8ArrayList | undefined {
    if (list !== undefined && this.#isWrapped()) this.dispatchEvent(new StreamMessageEvent(list))
    return list
  }

  #isWrapped(): boolean {
    return Object.hasOwn(this, 'send') || Object.hasOwn(this, 'dispatchEvent')
  }

  #takeReads(): Uint8ArrayList | undefined {
    const { byteLength } = this.#readBuffer
    if (byteLength === 0) return undefined
    const list = Uint8ArrayList.fromUint8Arrays(this.#readBuffer.takeAll(), byteLength)
    this.#takenFromBuffer(byteLength)
    return list
  }

  #putBack(chunk: Uint8Array): void {
    this.#readBuffer.unshift(chunk)
    this.#returned += chunk.byteLength
    this.chargeUnread()
  }

  /** Credit for bytes is granted once, however often they are put back. */
  #takenFromBuffer(length: number): void {
    const again = Math.min(length, this.#returned)
    this.#returned -= again
    this.chargeUnread()
    if (length > again) this.consumed(length - again)
  }

  #endReadsIfDone(): void {
    if (this.remoteWriteStatus !== 'closed' || this.#readBuffer.byteLength > 0) return
    if (this.#isOver()) this.readStatus = 'closed'
    this.#endReads()
  }

  #endReads(): void {
    if (this.#readableEnded) return
    this.#readableEnded = true
    this.safeDispatchEvent('end')
    // A stream that broke has not ended: its sink gets the error alone, so that a cut message is never taken for a whole one.
    if (this.#failure === undefined) this.#sink?.onEnd()
  }

  /** Whether an iterator has nothing more to wait for; throws the stream's error if it broke. */
  #readEnd(): boolean {
    this.#endReadsIfDone()
    if (this.#failure !== undefined) throw this.#failure
    return this.remoteWriteStatus === 'closed' || this.readStatus === 'closed'
  }

  #wakeIterators(): void {
    if (this.#iterators === undefined) return
    for (const iterator of this.#iterators) iterator.wake()
  }

  #dropWrites(): void {
    if (this.writeBuffer.byteLength === 0) return
    this.writeBuffer.clear()
    this.#chargeUnsent(true)
    this.safeDispatchEvent('idle')
  }

  #finish(status: MessageStreamStatus, error: Error | undefined, local: boolean | undefined): void {
    this.status = status
    this.writeStatus = this.remoteWriteStatus = this.remoteReadStatus = 'closed'
    this.timeline.close = Date.now()
    this.#failure = error
    // An error costs its stack trace: none is made for nobody.
    this.#agreed?.reject(error ?? new StreamStateError('the stream was closed before the remote had agreed'))
    this.#drained?.reject(error ?? new StreamStateError('the stream was closed', { facts: { local } }))
  }

  #announceClose(error: Error | undefined, local: boolean | undefined): void {
    this.#wakeIterators()
    if (this.listenerCount('close') > 0) this.dispatchEvent(new StreamCloseEvent(local, error))
    // A sink that has paused is told once it has taken the last bytes.
    if (this.#readableEnded || error !== undefined) this.#closeSink(error)
  }

  #closeSink(error: Error | undefined): void {
    const sink = this.#sink
    this.#sink = undefined
    sink?.onClose(error)
  }

  #isOver(): boolean {
    return this.status === 'closed' || this.status === 'aborted' || this.status === 'reset'
  }

  #assertWritable(): void {
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

  #assertReadable(operation: string): void {
    if (this.readStatus === 'closed' || this.readStatus === 'closing') {
      throw new StreamStateError(`cannot ${operation} a stream whose reading side is ${this.readStatus}`)
    }
  }
}

/** Answers come in the order of what was proposed. */
function inTurn(
  first: (chunk: Uint8Array) => ProposalStep,
  second: (chunk: Uint8Array) => ProposalStep
): (chunk: Uint8Array) => ProposalStep {
  let answered = false
  return chunk => {
    if (answered) return second(chunk)
    const step = first(chunk)
    if (!step.done) return step
    answered = true
    return step.rest === undefined ? { done: false } : second(step.rest)
  }
}
