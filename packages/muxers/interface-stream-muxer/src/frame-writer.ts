import { ProtocolError } from '@weft/errors'
import { type BytePipe, endOfTurn } from '@weft/interface-connection'
import type { ConnectionScope } from '@weft/resources'
import type { FrameOutbox } from './core/session.ts'

/** A stream that waits for the connection. */
export interface BlockedStream {
  /** The connection takes more. */
  onWritable(): void
}

/** What frames are written to. */
export interface FrameWriterInit {
  /** The connection. */
  pipe: BytePipe
  /** The connection's account, if there is one. */
  scope: ConnectionScope | undefined
  /** Runs what was given to `beforeWrite()`: one task that throws keeps no other from running. */
  guard: (task: () => void) => void
  /** The connection was closed when something should have left: its own close event ends the streams. */
  onFailure: (error: unknown) => void
}

// Four of the largest records of Noise: what overhangs a full record costs one of its own, once in four (measured: +10 %).
const flushThreshold = 256 * 1024
// Answers that pile up while the remote reads nothing: 2,700 frames, more than any honest exchange needs.
const maxUnsentControl = 32 * 1024

/**
 * Frames that wait for the next write, headers and payloads as views in order, with the back-pressure of the connection: one
 * write at the end of each turn of the event loop, or as soon as enough waits.
 */
export class FrameWriter implements FrameOutbox {
  private readonly _init: FrameWriterInit
  private _chunks: Uint8Array[] = []
  private _byteLength = 0
  private _blocked: Set<BlockedStream> | undefined
  private _beforeWrite: Array<() => void> = []
  private _scheduled = false
  private _saturated = false
  /** Bytes of unfinished writes for which the account is charged. It is closed with the connection. */
  private _inFlight = 0
  private _over = false

  constructor(init: FrameWriterInit) {
    this._init = init
  }

  /** Bytes that wait. */
  get byteLength(): number {
    return this._byteLength
  }

  /** Adds a view, which leaves with the next write. */
  push(chunk: Uint8Array): void {
    this._chunks.push(chunk)
    this._byteLength += chunk.byteLength
    if (this._chunks.length === 1) this._schedule()
  }

  /** Whether the connection takes more; otherwise `stream.onWritable()` is called when it does. */
  mayWrite(stream: BlockedStream): boolean {
    // A full write does not wait for the end of the turn.
    if (!this._saturated && this._byteLength >= flushThreshold) this.flush()
    if (this._saturated) (this._blocked ??= new Set()).add(stream)
    return !this._saturated
  }

  /** Runs `task` before the next write, at the end of this turn of the event loop: what it sends leaves in that write. */
  beforeWrite(task: () => void): void {
    this._beforeWrite.push(task)
    this._schedule()
  }

  /** Hands what waits to the connection. */
  flush(): void {
    const { byteLength } = this
    if (byteLength === 0) return
    const chunks = this._chunks
    this._chunks = []
    this._byteLength = 0
    if (this._init.pipe.writev(chunks)) return
    this._saturated = true
    this._chargeInFlight(byteLength)
  }

  /** The connection takes more. */
  drained(): void {
    this._saturated = false
    this._init.scope?.releaseUnsent(this._inFlight)
    this._inFlight = 0
    this._flushSafely()
    const blocked = this._blocked ?? []
    this._blocked = undefined
    for (const stream of blocked) stream.onWritable()
  }

  /** The stream is gone: it waits no more. */
  forget(stream: BlockedStream): void {
    this._blocked?.delete(stream)
  }

  /** Throws `ProtocolError` when too many answers wait for a remote that reads nothing. */
  checkBacklog(): void {
    if (!this._saturated || this._byteLength <= maxUnsentControl) return
    throw new ProtocolError(`more than ${maxUnsentControl} bytes of answers wait for a remote that reads nothing`)
  }

  /** Nothing more is owed to the remote, and the connection may belong to someone else. */
  end(): void {
    this._over = true
  }

  /** What the connection has not taken yet is a write at most, which it holds until it has drained. */
  private _chargeInFlight(bytes: number): void {
    const { scope } = this._init
    if (scope === undefined) return
    try {
      this._inFlight += scope.holdUnsent(bytes, true)
    } catch {
      // It is there all the same, and nothing follows before the remote has read it.
    }
  }

  private _schedule(): void {
    if (this._scheduled) return
    this._scheduled = true
    endOfTurn(() => {
      const tasks = this._beforeWrite
      this._beforeWrite = []
      for (const task of tasks) this._init.guard(task)
      this._scheduled = false
      this._flushSafely()
    })
  }

  private _flushSafely(): void {
    if (this._saturated || this._over) return
    try {
      this.flush()
    } catch (error) {
      this._init.onFailure(error)
    }
  }
}
