import type { EventLog, NetworkEventKind } from './event-log.ts'
import { FaultInjector, type Fault } from './faults.ts'
import type { Link } from './link.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** What the end of a stream is told. */
export interface StreamHandler {
  /** Bytes in order, in pieces of the network's choosing. They are the receiver's own. */
  onData?(bytes: Uint8Array): void
  /** The other end sends no more. */
  onEnd?(): void
  /** The stream was reset by the other end, or cut: nothing more comes. */
  onReset?(): void
}

/** What a direction needs of the network around it. */
export interface StreamPath {
  readonly where: string
  readonly clock: VirtualClock
  /** Undefined where nothing is written down. */
  readonly log: EventLog | undefined
  /** The link as it is now. */
  link(): Link
  /** Whether a partition lies between the ends now. */
  isPartitioned(): boolean
  /** Called when a fault cuts the stream. */
  onCut(): void
}

interface Packet {
  arrivesAt: number
  content: Uint8Array | 'end'
}

/** One direction of a stream: what was written, in order, each packet with the time of its arrival. */
export class StreamDirection {
  handler: StreamHandler = {}
  private readonly _path: StreamPath
  private readonly _faults: FaultInjector
  private readonly _packets: Packet[] = []
  private _queued = 0
  private _lastArrival = 0
  private _timer: number | undefined
  private _paused = false
  private _frozen = false
  private _delivering = false
  private _closed = false

  constructor(path: StreamPath, faults: readonly Fault[]) {
    this._path = path
    this._faults = new FaultInjector(faults)
  }

  /** Bytes on their way, or held by a pause, a freeze or a partition. */
  get queued(): number {
    return this._queued
  }

  write(bytes: Uint8Array): void {
    const { mtu } = this._path.link().options
    for (let at = 0; at < bytes.byteLength; at += mtu) this._send(new Uint8Array(bytes.subarray(at, at + mtu)))
    this._schedule()
  }

  end(): void {
    this._send('end')
    this._schedule()
  }

  /** Drops everything and delivers nothing more. */
  close(): void {
    this._closed = true
    this._packets.length = 0
    this._queued = 0
    this._path.clock.clearTimeout(this._timer)
  }

  /** Closes, and tells the receiver after the time that a packet takes. */
  reset(): void {
    this.close()
    this._record('reset', 0)
    this._path.clock.setTimeout(() => this.handler.onReset?.(), this._path.link().flight())
  }

  pause(): void {
    this._paused = true
  }

  resume(): void {
    this._paused = false
    this._schedule()
  }

  /** To be called when a partition has ended. */
  wake(): void {
    this._schedule()
  }

  private _send(content: Uint8Array | 'end'): void {
    const { clock } = this._path
    const link = this._path.link()
    const length = content === 'end' ? 0 : content.byteLength
    const departure = link.transmit(length, clock.now)
    const again = link.retransmitDelay()
    if (again > 0) this._record('delay', length, `${again} ms`)
    this._lastArrival = Math.max(this._lastArrival, departure + again + link.flight())
    this._packets.push({ arrivesAt: this._lastArrival, content })
    this._queued += length
    this._record(content === 'end' ? 'end' : 'send', length)
  }

  private _isHeld(): boolean {
    return this._paused || this._frozen || this._closed || this._path.isPartitioned()
  }

  private _schedule(): void {
    const { clock } = this._path
    clock.clearTimeout(this._timer)
    const next = this._packets[0]
    if (next === undefined || this._delivering || this._isHeld()) return
    this._timer = clock.setAt(() => this._deliver(), next.arrivesAt)
  }

  private _deliver(): void {
    this._delivering = true
    try {
      while (!this._isHeld()) {
        const packet = this._packets[0]
        if (packet === undefined || packet.arrivesAt > this._path.clock.now) break
        if (packet.content === 'end') this._deliverEnd()
        else this._deliverBytes(packet, packet.content)
      }
    } finally {
      this._delivering = false
    }
    this._schedule()
  }

  private _deliverEnd(): void {
    this._packets.shift()
    this._record('deliver', 0, 'end')
    this.handler.onEnd?.()
  }

  // One step: what a handler does may pause or close the stream in between.
  private _deliverBytes(packet: Packet, content: Uint8Array): void {
    const step = this._faults.next(content)
    if (step.kind === 'cut') {
      this._record('cut', 0, `at byte ${step.at}`)
      this._path.onCut()
    } else if (step.kind === 'freeze') {
      this._freeze(step.at, step.duration)
    } else if (step.kind === 'bytes') {
      const rest = content.subarray(step.bytes.byteLength)
      packet.content = rest
      // An empty rest stays until the next step: a fault may be placed behind the last byte.
      if (step.bytes.byteLength === 0) this._packets.shift()
      else this._hand(step.bytes, content)
    }
  }

  private _hand(bytes: Uint8Array, content: Uint8Array): void {
    this._queued -= bytes.byteLength
    if (bytes[0] !== content[0]) this._record('flip', 1, `at byte ${this._faults.offset - 1}`)
    this._record('deliver', bytes.byteLength)
    this.handler.onData?.(bytes)
  }

  private _freeze(at: number, duration: number | undefined): void {
    this._frozen = true
    this._record('freeze', 0, `at byte ${at}`)
    if (duration === undefined) return
    this._path.clock.setTimeout(() => {
      this._frozen = false
      this._record('thaw', 0)
      this._schedule()
    }, duration)
  }

  private _record(kind: NetworkEventKind, bytes: number, detail?: string): void {
    const { clock, log, where } = this._path
    log?.add({ at: clock.now, kind, where, bytes, ...(detail === undefined ? {} : { detail }) })
  }
}
