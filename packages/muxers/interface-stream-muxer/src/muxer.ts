/**
 * What weft's muxers share: the connection below, the outbox with its one write per tick, back-pressure, early streams,
 * and the way a muxer ends. A subclass decodes (`receive`), opens streams and says good-bye in its own frames.
 */
import type {
  AbortOptions,
  CreateStreamOptions,
  EventHandler,
  Logger,
  MessageStream,
  StreamMuxer,
  StreamMuxerEvents,
  StreamMuxerStatus
} from '@libp2p/interface'
import { MuxerClosedError, ProtocolError, StreamResetError, TimeoutError } from '@weft/errors'
import { EventEmitter } from '@weft/events'
import {
  type BytePipe,
  type ByteSink,
  connectionScopeOf,
  defer,
  openPipe,
  raceSignal,
  streamScopeOf
} from '@weft/interface-connection'
import type { ConnectionScope, ResourceScope, StreamScope } from '@weft/resources'
import type { MuxedStreamBase } from './muxed-stream.ts'
import { Outbox } from './outbox.ts'
import { Starvation } from './starvation.ts'

/** Options of `MuxerBase`. */
export interface MuxerInit {
  /** The protocol that was negotiated. */
  protocol: string
  /** The scope of the muxer's logger below the connection's. */
  name: string
  /**
   * Streams that the remote may open before anyone listens for `stream`; one more ends the connection.
   * @default 10
   */
  maxEarlyStreams?: number | undefined
}

// Four of the largest records of Noise: what overhangs a full record costs one of its own, once in four (measured: +10 %).
const flushThreshold = 256 * 1024
// Answers that pile up while the remote reads nothing: 2,700 frames, more than any honest exchange needs.
const maxUnsentControl = 32 * 1024

// What a stream has left to send when nobody waits for it with a limit of their own.
const closeTimeout = 5_000

/**
 * The base of a muxer. A subclass decodes what arrives, writes frames to `outbox`, and hands each stream to `track` or
 * `accept`.
 */
export abstract class MuxerBase<MuxedStream extends MuxedStreamBase>
  extends EventEmitter<StreamMuxerEvents<MuxedStream>>
  implements StreamMuxer<MuxedStream>
{
  readonly protocol: string
  status: StreamMuxerStatus = 'open'

  /** Frames that leave with the next write, at the end of this turn of the event loop. */
  protected readonly outbox: Outbox = new Outbox(() => this._schedule())
  /** The connection's account, if there is one. */
  protected readonly scope: ConnectionScope | undefined
  private readonly _connection: MessageStream
  private readonly _pipe: BytePipe
  private readonly _name: string
  private readonly _maxEarlyStreams: number
  private readonly _streams = new Set<MuxedStream>()
  private _blocked: Set<MuxedStreamBase> | undefined
  private _early: MuxedStream[] = []
  private _log: Logger | undefined
  private _starvation: Starvation | undefined
  private _pauses = 0
  private _scheduled = false
  private _beforeWrite: Array<() => void> = []
  private _saturated = false
  private _remoteLeft = false
  /** Bytes of unfinished writes for which the account is charged. It is closed with the connection. */
  private _inFlight = 0
  /** After `close()` the remote's streams still end one by one; after this nothing is read or written. */
  private _over = false

  constructor(connection: MessageStream, init: MuxerInit) {
    super()
    this._connection = connection
    this._pipe = openPipe(connection)
    this.scope = connectionScopeOf(connection)
    this._name = init.name
    this.protocol = init.protocol
    this._maxEarlyStreams = init.maxEarlyStreams ?? 10
    this._pipe.attach(this._sink)
  }

  /** Decodes a chunk of the connection. What it throws ends the connection. */
  protected abstract receive(chunk: Uint8Array): void
  /** Opens a stream, waiting for a slot if need be, and hands it to `track`. */
  protected abstract openStream(options: CreateStreamOptions): MuxedStream | Promise<MuxedStream>
  /** Writes the frame that ends the session, if the protocol has one. */
  protected abstract sendGoAway(error?: Error): void
  /** The session is over: timers and waiters end here. */
  protected abstract ended(error: Error | undefined): void

  /** The open streams, as a fresh array. */
  get streams(): MuxedStream[] {
    return [...this._streams]
  }

  /** Number of open streams, without the array. */
  protected get streamCount(): number {
    return this._streams.size
  }

  /** The muxer's logger, made when it is first asked for. */
  get log(): Logger {
    this._log ??= this._connection.log.newScope(this._name)
    return this._log
  }

  /** Opens a stream to the remote. Throws `MuxerClosedError` when the muxer is closing or closed. */
  async createStream(options: CreateStreamOptions = {}): Promise<MuxedStream> {
    if (this.status !== 'open') throw new MuxerClosedError()
    return this.openStream(options)
  }

  /**
   * Ends the writing side of every stream and the session; resolves when all was handed to the connection. A stream whose
   * remote takes nothing more holds it up: with a signal until that fires, when the promise rejects; without one for 5 s,
   * when the stream is reset.
   */
  async close(options: AbortOptions = {}): Promise<void> {
    if (this.status !== 'open') return
    this.status = 'closing'
    const closing = Promise.all(this.streams.map(stream => stream.close(options)))
    if (options.signal === undefined) await this._closeInTime(closing)
    else await raceSignal(closing, options.signal)
    if ((this.status as StreamMuxerStatus) === 'closed') return
    this.sendGoAway()
    this.flush()
    this.status = 'closed'
    this.ended(undefined)
  }

  /** Resets every stream and ends the session. The connection below is left to its owner. */
  abort(error: Error): void {
    if (this._over) return
    this.status = 'closed'
    for (const stream of this._streams) stream.abort(error)
    try {
      this.sendGoAway(error)
      this.flush()
    } catch (failure) {
      this.log('could not say good-bye - %e', failure)
    }
    this._over = true
    this._starvation?.end()
    this.ended(error)
  }

  override addEventListener<K extends keyof StreamMuxerEvents<MuxedStream>>(
    type: K,
    listener: EventHandler<StreamMuxerEvents<MuxedStream>[K]> | null,
    options?: boolean | AddEventListenerOptions
  ): void {
    super.addEventListener(type, listener, options)
    // In a microtask: listeners are added in constructors that have not finished.
    if (type === 'stream' && this._early.length > 0) queueMicrotask(() => this._announceEarly())
  }

  /** Whether the connection takes more; otherwise `stream.onWritable()` is called when it does. */
  mayWrite(stream: MuxedStreamBase): boolean {
    // A full write does not wait for the end of the tick.
    if (!this._saturated && this.outbox.byteLength >= flushThreshold) this.flush()
    if (this._saturated) (this._blocked ??= new Set()).add(stream)
    return !this._saturated
  }

  /** Runs `task` before the next write, at the end of this turn of the event loop: what it sends leaves in that write. */
  beforeWrite(task: () => void): void {
    this._beforeWrite.push(task)
    this._schedule()
  }

  /** Reads no more until there is room for what a stream has received. */
  starve(stream: MuxedStreamBase, refusing: ResourceScope): void {
    if (this._over || this.scope === undefined) return
    this._starvation ??= new Starvation({
      account: this.scope,
      pause: () => {
        this.pauseReading()
        this.starving(true)
      },
      resume: () => {
        this.starving(false)
        this.resumeReading()
      }
    })
    this._starvation.begin(stream, refusing)
  }

  /** Whether this side reads nothing, for want of room: the remote's silence then says nothing. */
  protected starving(_isStarving: boolean): void {}

  /**
   * An account for one more stream of the remote. `admitted` is false if there is no room for one: the stream is to be reset
   * before anything is made of it.
   */
  protected admit(): { admitted: boolean; scope: StreamScope | undefined } {
    try {
      return { admitted: true, scope: this.scope?.openStream('inbound') }
    } catch (error) {
      this.log('a stream is refused - %e', error)
      return { admitted: false, scope: undefined }
    }
  }

  /** Counts a stream as open until it closes. */
  protected track(stream: MuxedStream): void {
    this._streams.add(stream)
    stream.addEventListener('close', () => {
      this._streams.delete(stream)
      this._blocked?.delete(stream)
      streamScopeOf(stream)?.close()
      if (this._remoteLeft) this._leave()
    })
  }

  /** The remote takes no more streams: with the last of them the connection ends, which is of no use to anybody any more. */
  protected remoteLeaves(): void {
    this._remoteLeft = true
    this._leave()
  }

  /** The remote has opened a stream. */
  protected accept(stream: MuxedStream): void {
    this.track(stream)
    if (this.listenerCount('stream') > 0) {
      this.safeDispatchEvent('stream', { detail: stream })
      return
    }
    this._early.push(stream)
    if (this._early.length > this._maxEarlyStreams) {
      throw new ProtocolError(`the remote opened more than ${this._maxEarlyStreams} streams before any was expected`)
    }
  }

  /** Hands what is in the outbox to the connection. */
  protected flush(): void {
    const { byteLength } = this.outbox
    if (byteLength === 0) return
    if (this._pipe.writev(this.outbox.take())) return
    this._saturated = true
    this._chargeInFlight(byteLength)
  }

  /** What the connection has not taken yet is a write at most, which it holds until it has drained. */
  private _chargeInFlight(bytes: number): void {
    if (this.scope === undefined) return
    try {
      this._inFlight += this.scope.holdUnsent(bytes, true)
    } catch {
      // It is there all the same, and nothing follows before the remote has read it.
    }
  }

  /** Reads no more from the connection until `resumeReading()` was called as often. */
  protected pauseReading(): void {
    if (this._pauses++ === 0) this._pipe.pause()
  }

  /** Reads from the connection again, unless there is another reason not to. */
  protected resumeReading(): void {
    if (--this._pauses === 0 && !this._over) this._pipe.resume()
  }

  /** Breaks the session and the connection off. */
  protected fail(error: Error): void {
    this.log.error('ends with error - %e', error)
    this.abort(error)
    this._connection.abort(error)
  }

  protected override onListenerError(error: unknown): void {
    this.log.error('a listener threw - %e', error)
  }

  private readonly _sink: ByteSink = {
    onBytes: chunk => {
      if (this._over) return
      try {
        this.receive(chunk)
        this._checkControl()
      } catch (error) {
        this.fail(error as Error)
      }
    },
    onDrain: () => {
      this._saturated = false
      this.scope?.releaseUnsent(this._inFlight)
      this._inFlight = 0
      this._flushSafely()
      const blocked = this._blocked ?? []
      this._blocked = undefined
      for (const stream of blocked) stream.onWritable()
    },
    onEnd: () => this._transportClosed(undefined),
    onClose: error => this._transportClosed(error)
  }

  private async _closeInTime(closing: Promise<unknown>): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<void>(resolve => {
      timer = setTimeout(resolve, closeTimeout)
    })
    try {
      await Promise.race([closing, late])
    } finally {
      clearTimeout(timer)
    }
    for (const stream of this._streams) {
      if (stream.writeStatus === 'closed') continue
      stream.abort(new TimeoutError(`the remote took nothing more for ${closeTimeout} ms`))
    }
  }

  private _leave(): void {
    if (this.status !== 'open' || this._streams.size > 0) return
    this.close()
      .then(() => this._connection.close())
      .catch((error: unknown) => this._connection.abort(error as Error))
  }

  private _transportClosed(error: Error | undefined): void {
    if (this._over) return
    const expected = this.status !== 'open'
    this.status = 'closed'
    this._over = true
    this._starvation?.end()
    for (const stream of this._streams) {
      const whole = expected || stream.remoteWriteStatus === 'closed'
      stream.onTransportClosed(
        error ?? (whole ? undefined : new StreamResetError('the connection ended before the stream'))
      )
    }
    this.ended(error)
  }

  private _announceEarly(): void {
    const early = this._early
    this._early = []
    for (const stream of early) this.safeDispatchEvent('stream', { detail: stream })
  }

  private _checkControl(): void {
    if (!this._saturated || this.outbox.byteLength <= maxUnsentControl) return
    throw new ProtocolError(`more than ${maxUnsentControl} bytes of answers wait for a remote that reads nothing`)
  }

  private _schedule(): void {
    if (this._scheduled) return
    this._scheduled = true
    defer(() => {
      const tasks = this._beforeWrite
      this._beforeWrite = []
      for (const task of tasks) task()
      this._scheduled = false
      this._flushSafely()
    })
  }

  private _flushSafely(): void {
    // After the end nothing is owed to the remote, and the connection may belong to someone else.
    if (this._saturated || this._over) return
    try {
      this.flush()
    } catch (error) {
      // The connection is closed: its own close event ends the streams.
      this.log('could not write - %e', error)
    }
  }
}
