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
  readonly log: EventLog
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
  readonly #path: StreamPath
  readonly #faults: FaultInjector
  readonly #packets: Packet[] = []
  #queued = 0
  #lastArrival = 0
  #timer: number | undefined
  #paused = false
  #frozen = false
  #delivering = false
  #closed = false

  constructor(path: StreamPath, faults: readonly Fault[]) {
    this.#path = path
    this.#faults = new FaultInjector(faults)
  }

  /** Bytes on their way, or held by a pause, a freeze or a partition. */
  get queued(): number {
    return this.#queued
  }

  write(bytes: Uint8Array): void {
    const { mtu } = this.#path.link().options
    for (let at = 0; at < bytes.byteLength; at += mtu) this.#send(bytes.slice(at, at + mtu))
    this.#schedule()
  }

  end(): void {
    this.#send('end')
    this.#schedule()
  }

  /** Drops everything and delivers nothing more. */
  close(): void {
    this.#closed = true
    this.#packets.length = 0
    this.#queued = 0
    this.#path.clock.clearTimeout(this.#timer)
  }

  /** Closes, and tells the receiver after the time that a packet takes. */
  reset(): void {
    this.close()
    this.#record('reset', 0)
    this.#path.clock.setTimeout(() => this.handler.onReset?.(), this.#path.link().flight())
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#schedule()
  }

  /** To be called when a partition has ended. */
  wake(): void {
    this.#schedule()
  }

  #send(content: Uint8Array | 'end'): void {
    const { clock } = this.#path
    const link = this.#path.link()
    const length = content === 'end' ? 0 : content.byteLength
    const departure = link.transmit(length, clock.now)
    const again = link.retransmitDelay()
    if (again > 0) this.#record('delay', length, `${again} ms`)
    this.#lastArrival = Math.max(this.#lastArrival, departure + again + link.flight())
    this.#packets.push({ arrivesAt: this.#lastArrival, content })
    this.#queued += length
    this.#record(content === 'end' ? 'end' : 'send', length)
  }

  #isHeld(): boolean {
    return this.#paused || this.#frozen || this.#closed || this.#path.isPartitioned()
  }

  #schedule(): void {
    const { clock } = this.#path
    clock.clearTimeout(this.#timer)
    const next = this.#packets[0]
    if (next === undefined || this.#delivering || this.#isHeld()) return
    this.#timer = clock.setAt(() => this.#deliver(), next.arrivesAt)
  }

  #deliver(): void {
    this.#delivering = true
    try {
      while (!this.#isHeld()) {
        const packet = this.#packets[0]
        if (packet === undefined || packet.arrivesAt > this.#path.clock.now) break
        if (packet.content === 'end') this.#deliverEnd()
        else this.#deliverBytes(packet, packet.content)
      }
    } finally {
      this.#delivering = false
    }
    this.#schedule()
  }

  #deliverEnd(): void {
    this.#packets.shift()
    this.#record('deliver', 0, 'end')
    this.handler.onEnd?.()
  }

  // One step: what a handler does may pause or close the stream in between.
  #deliverBytes(packet: Packet, content: Uint8Array): void {
    const step = this.#faults.next(content)
    if (step.kind === 'cut') {
      this.#record('cut', 0, `at byte ${step.at}`)
      this.#path.onCut()
    } else if (step.kind === 'freeze') {
      this.#freeze(step.at, step.duration)
    } else if (step.kind === 'bytes') {
      const rest = content.subarray(step.bytes.byteLength)
      packet.content = rest
      // An empty rest stays until the next step: a fault may be placed behind the last byte.
      if (step.bytes.byteLength === 0) this.#packets.shift()
      else this.#hand(step.bytes, content)
    }
  }

  #hand(bytes: Uint8Array, content: Uint8Array): void {
    this.#queued -= bytes.byteLength
    if (bytes[0] !== content[0]) this.#record('flip', 1, `at byte ${this.#faults.offset - 1}`)
    this.#record('deliver', bytes.byteLength)
    this.handler.onData?.(bytes)
  }

  #freeze(at: number, duration: number | undefined): void {
    this.#frozen = true
    this.#record('freeze', 0, `at byte ${at}`)
    if (duration === undefined) return
    this.#path.clock.setTimeout(() => {
      this.#frozen = false
      this.#record('thaw', 0)
      this.#schedule()
    }, duration)
  }

  #record(kind: NetworkEventKind, bytes: number, detail?: string): void {
    const { clock, log, where } = this.#path
    log.add({ at: clock.now, kind, where, bytes, ...(detail === undefined ? {} : { detail }) })
  }
}
