/**
 * What all of weft's streams and connections have in common: buffers, half-close, events, iteration and the byte path.
 * A subclass says how bytes leave (`transmit`), and calls `deliver`, `remoteClosedWrite`, `remoteClosedRead`,
 * `remoteReset`, `transportClosed` and `writable` when something happens below. The two sides are objects of their own; here
 * is how they end together.
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
  type ByteQueue,
  type ByteSink,
  bytesSymbol,
  type ProposalStep
} from '@weft/bytes'
import { asError, StreamResetError, StreamStateError, withoutStackTraces } from '@weft/errors'
import { EventEmitter } from '@weft/events'
import type { ResourceScope } from '@weft/resources'
import type { Uint8ArrayList } from 'uint8arraylist'
import { endOfTurn } from './end-of-turn.ts'
import { StreamCloseEvent } from './events.ts'
import { logFault } from './guard.ts'
import { type MessageStreamInit, streamDefaults } from './message-stream-init.ts'
import { Proposals, type ProposalHost } from './proposals.ts'
import { raceSignal } from './race-signal.ts'
import { type ReadHost, ReadSide } from './read-side.ts'
import { resourceScopeSymbol } from './resource-scope.ts'
import { StreamAccount } from './stream-account.ts'
import { closedError, closedLife, openLife, type StreamLife } from './stream-life.ts'
import { type WriteHost, WriteSide } from './write-side.ts'

export abstract class MessageStreamBase<Timeline extends MessageStreamTimeline = MessageStreamTimeline>
  extends EventEmitter<MessageStreamEvents>
  implements MessageStream<Timeline>, BytePipe
{
  readonly timeline: Timeline
  direction: MessageStreamDirection
  inactivityTimeout: number
  maxReadBufferLength: number
  maxWriteBufferLength: number
  /** Bytes in the largest message that is sent, for an implementation with messages; else `Infinity`. */
  maxMessageSize: number

  private _log: Logger | (() => Logger)
  private _life: StreamLife = openLife
  private readonly _read: ReadSide
  private readonly _write: WriteSide
  /** What the remote has still to answer. */
  private _proposals: Proposals | undefined

  static {
    Object.defineProperty(this.prototype, bytesSymbol, {
      // Whoever wraps these, as foreign metrics do, means to see all bytes.
      get(this: MessageStreamBase) {
        return this.isWrapped ? undefined : this
      }
    })
    Object.defineProperty(this.prototype, resourceScopeSymbol, {
      get(this: MessageStreamBase) {
        return this._read.account?.scope
      },
      set(this: MessageStreamBase, scope: ResourceScope) {
        this._read.account?.release()
        this._read.account = this._write.account = new StreamAccount(scope)
        this.chargeUnread()
      }
    })
  }

  constructor(init: MessageStreamInit) {
    super()
    this._log = init.log
    this.direction = init.direction ?? 'outbound'
    this.inactivityTimeout = init.inactivityTimeout ?? streamDefaults.inactivityTimeout
    this.maxReadBufferLength = init.maxReadBufferLength ?? streamDefaults.maxReadBufferLength
    this.maxWriteBufferLength = init.maxWriteBufferLength ?? streamDefaults.maxWriteBufferLength
    this.maxMessageSize = init.maxMessageSize ?? Number.POSITIVE_INFINITY
    this.timeline = { open: Date.now() } as Timeline
    // What the sides ask of the stream is protected, and so is hidden from the type system here: no object a stream for that.
    this._read = new ReadSide(this as unknown as ReadHost)
    this._write = new WriteSide(this as unknown as WriteHost)
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

  get status(): MessageStreamStatus {
    return this._life.kind
  }

  /** Whether this side reads, waits after `pause()`, or is `closed` because nothing more can be read. */
  get readStatus(): MessageStreamReadStatus {
    return this._read.status
  }

  /** Whether this side may write; `closing` while what was sent before `closeWrite()` leaves. */
  get writeStatus(): MessageStreamWriteStatus {
    return this._write.status
  }

  /** Whether the remote reads: `closed` once it has said that it does not, which few transports can, or the stream is over. */
  get remoteReadStatus(): MessageStreamReadStatus {
    return this._write.remoteReadClosed ? 'closed' : 'readable'
  }

  /** Whether the remote may still send; `closed` once it has ended its side. */
  get remoteWriteStatus(): MessageStreamWriteStatus {
    return this._read.remoteEnded ? 'closed' : 'writable'
  }

  /** True from a `send()` that returned false to the next `drain`. */
  get writableNeedsDrain(): boolean {
    return this._write.needsDrain
  }

  /** True once `end` was emitted. Bytes can still be put back by `unshift()`. */
  get readableEnded(): boolean {
    return this._read.ended
  }

  /** Whether someone reads, or has said when to go on: otherwise what arrives lies here until someone comes. */
  get hasReader(): boolean {
    return this._read.hasReader
  }

  get readBufferLength(): number {
    return this._read.byteLength
  }

  get writeBufferLength(): number {
    return this._write.buffer.byteLength
  }

  /** What is unsent; @libp2p/utils has it under this name, and js-libp2p's suite looks at it. */
  protected get writeBuffer(): ByteQueue {
    return this._write.buffer
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
  /** `length` bytes were given to the reader, or discarded for it: the moment to grant credit. */
  protected consumed(_length: number): void {}
  /** The account has no room for what has just arrived: `exhausted` is full. */
  protected memoryRefused(_exhausted: ResourceScope): void {}

  /** Charges what lies unread to the account, if there is one. Returns whether there was room for all of it. */
  chargeUnread(): boolean {
    return this._read.charge()
  }

  /**
   * Queues bytes, which belong to the stream until they have left. Returns false when the caller should wait for `drain`.
   * Throws `InvalidParametersError` for what is not bytes, `StreamStateError` after `close()`, and, aborting the stream,
   * `StreamBufferError` when the write buffer is past its limit and `ResourceLimitError` when the account has no room.
   */
  send(data: Uint8Array | Uint8ArrayList): boolean {
    return this._write.send(data)
  }

  writev(chunks: readonly Uint8Array[]): boolean {
    return this._write.writev(chunks)
  }

  /** Resolves when `send()` is welcome again; rejects if the stream, or its writing side, ends before. */
  onDrain(options?: AbortOptions): Promise<void> {
    if (!this._write.needsDrain) return Promise.resolve()
    // What is over does not drain any more, and tells nobody again.
    if (this._write.status === 'closed') return raceSignal(Promise.reject(this.failure ?? closedError()), undefined)
    return raceSignal(this._write.whenDrained(), options?.signal)
  }

  /**
   * Ends writing: resolves when all bytes and the end mark have been handed on, without waiting for the remote. Rejects
   * with the signal's reason, or the stream's error if it breaks before.
   */
  close(options?: AbortOptions): Promise<void> {
    if (this._write.status === 'closed') return Promise.resolve()
    // Every caller's signal ends its own wait alone.
    return raceSignal(this._write.close(), options?.signal)
  }

  /**
   * Ends both directions at once, throws away all buffers and tells the remote. What was sent in this turn, and is only held
   * back for what may follow, still leaves. Never throws.
   */
  abort(thrown: Error): void {
    if (this.isOver) return
    const error = asError(thrown)
    logFault(this.log, 'aborted', error)
    this._write.flushBeforeAbort()
    if (this.isOver) return
    this._read.drop()
    this._write.drop()
    this._finish({ kind: 'aborted', error }, true)
    this._read.endIfDone()
    try {
      this.sendReset(error)
    } catch (failure) {
      this.log.error('could not send reset - %e', failure)
    }
    this._announceClose(error, true)
  }

  pause(): void {
    this._read.pause()
  }

  resume(): void {
    this._read.resume()
  }

  /** Puts bytes behind those that wait to be read. */
  push(data: Uint8Array | Uint8ArrayList): void {
    this._read.push(data)
  }

  /** Puts bytes before those that wait to be read. */
  unshift(data: Uint8Array | Uint8ArrayList): void {
    this._read.unshift(data)
  }

  override addEventListener<K extends keyof MessageStreamEvents>(
    type: K,
    listener: EventHandler<MessageStreamEvents[K]> | null,
    options?: boolean | AddEventListenerOptions
  ): void {
    super.addEventListener(type, listener, options)
    if (type === 'message') this._read.dispatchIfUnread()
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8ArrayList> {
    return this._read.iterate(() => this.discardReads())
  }

  attach(sink: ByteSink): void {
    this._read.attach(sink)
  }

  detach(unread?: Uint8Array): void {
    this._read.detach(unread)
  }

  hold(chunks: readonly Uint8Array[], forNextLayer: boolean = false): void {
    this._write.hold(chunks, forNextLayer)
  }

  propose(opening: Uint8Array, answer: (chunk: Uint8Array) => ProposalStep, ofReset?: (reset: Error) => Error): void {
    if (this._proposals === undefined) this._proposals = new Proposals(this as unknown as ProposalHost, answer)
    else this._proposals.add(answer)
    const proposals = this._proposals
    proposals.explain(ofReset, this._write.counts)
    this.hold([opening])
    // The remote may have begun its answer before it was asked: what is unread has arrived, and is counted.
    const unread = this._read.takeAll()
    const rest = unread && proposals.read(unread)
    if (rest !== undefined) this._read.putBack(rest)
  }

  count(counts: ByteCounts): void {
    this._read.counts = this._write.counts = counts
    counts.received += this._read.byteLength
  }

  /** Bytes arrived. */
  protected deliver(received: Uint8Array): void {
    const chunk = this._proposals === undefined ? received : this._proposals.receive(received)
    if (chunk === undefined || chunk.byteLength === 0) return
    this._read.receive(chunk)
  }

  /** Runs `task` at the end of this turn of the event loop; with `afterNextLayer`, behind what a muxer does there. */
  protected beforeTurnEnds(task: () => void, afterNextLayer: boolean): void {
    // Muxers wait for the end of the turn as well, and one may be made in this turn: it comes between.
    if (afterNextLayer) endOfTurn(() => endOfTurn(task))
    else endOfTurn(task)
  }

  /** Whether the remote has not yet answered to what was proposed. */
  protected get isProposing(): boolean {
    return this._proposals !== undefined
  }

  /** Sends what is held: what follows is apart from it. */
  protected sendHeld(): void {
    this._write.sendHeld()
  }

  /** Queues bytes until the remote has answered to what was proposed. The caller is to wait for `drain`. */
  protected sendOnceAgreed(data: Uint8Array | Uint8ArrayList): false {
    return this._write.queue(data)
  }

  /** What waits below may be sent now. */
  protected writable(): void {
    this._write.wake()
  }

  /** The remote will send no more. */
  protected remoteClosedWrite(): void {
    if (this._read.remoteEnded) return
    if (this._proposals !== undefined) {
      this.abort(this._proposals.endError())
      return
    }
    this._read.remoteEnded = true
    this.safeDispatchEvent('remoteCloseWrite')
    this._read.endIfDone()
    this._read.wakeIterators()
    if (this._write.status === 'closed') this.transportClosed()
  }

  /**
   * The remote reads no more (STOP_SENDING of QUIC and WebRTC): what is unsent is dropped, and writing is over, as it is after
   * `close()`. The subclass tells the remote where it must be told; `sendCloseWrite` is not called any more. What the remote
   * sends can still be read.
   */
  protected remoteClosedRead(): void {
    if (this._write.remoteReadClosed) return
    this._write.drop()
    this._write.end(() => new StreamStateError('the remote reads no more', { facts: { local: false } }))
    if (this._read.remoteEnded) this.transportClosed()
  }

  /** The remote broke the stream off, or it was cut with the connection. */
  protected remoteReset(reset: Error = withoutStackTraces(() => new StreamResetError())): void {
    if (this.isOver) return
    const error = this._proposals === undefined ? reset : this._proposals.resetError(reset)
    this._write.drop()
    this._finish({ kind: 'reset', error }, false)
    this._read.endIfDone()
    this._announceClose(error, false)
  }

  /** What carries the stream is gone. Without an error the stream counts as cleanly closed. */
  protected transportClosed(error?: Error): void {
    if (this.isOver) return
    if (error !== undefined) {
      this.abort(error)
      return
    }
    this._write.drop()
    this._finish(closedLife, undefined)
    this._read.endIfDone()
    this._announceClose(undefined, undefined)
  }

  /** Resolves when the remote has answered to what was proposed, at once if nothing was. Rejects if the stream ends before. */
  protected whenAgreed(): Promise<void> {
    if (this._proposals === undefined) return Promise.resolve()
    if (this.isOver) return Promise.reject(this.failure ?? closedError())
    return this._proposals.whenAgreed()
  }

  /** Sends what is held, and takes away what is unread: for a subclass that is about to read and write elsewhere. */
  protected takeOver(): Uint8Array | undefined {
    this._write.flush()
    return this._read.takeAll()
  }

  /** Throws away what is unread and whatever still comes. */
  protected discardReads(): void {
    this._read.discard()
  }

  protected override onListenerError(error: unknown, type: string): void {
    const failure = asError(error)
    logFault(this.log, 'a listener of "%s" threw', failure, type)
    this.abort(failure)
  }

  /** Whether the stream has ended, in whatever way. */
  protected get isOver(): boolean {
    return this._life !== openLife
  }

  /** The error that has ended the stream. */
  protected get failure(): Error | undefined {
    return this._life.error
  }

  /** Whether someone has replaced methods, to see all bytes. */
  protected get isWrapped(): boolean {
    return Object.hasOwn(this, 'send') || Object.hasOwn(this, 'dispatchEvent')
  }

  /** The remote has agreed to what was proposed. */
  protected agreed(): void {
    this._proposals = undefined
    // What waits for the answer alone leaves; what waits for room as well is told of that later.
    this.writable()
  }

  /** `send()` is welcome again. */
  protected drained(): void {
    this.safeDispatchEvent('drain')
    this._read.sink?.onDrain()
  }

  /** The end mark has been handed on. */
  protected writeClosed(): void {
    if (this._read.remoteEnded) this.transportClosed()
  }

  private _finish(life: StreamLife, local: boolean | undefined): void {
    this._life = life
    this.timeline.close = Date.now()
    this._read.remoteEnded = true
    const { error } = life
    this._proposals?.fail(() => error ?? new StreamStateError('the stream was closed before the remote had agreed'))
    this._write.end(() => error ?? closedError(local))
  }

  private _announceClose(error: Error | undefined, local: boolean | undefined): void {
    this._read.wakeIterators()
    if (this.listenerCount('close') > 0) this.dispatchEvent(new StreamCloseEvent(local, error))
    this._read.streamOver(error)
  }
}
