import type { EventLog, NetworkEventKind } from './event-log.ts'
import type { Link } from './link.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** Told of each datagram that arrives: who sent it, and bytes that are the receiver's own. */
export type DatagramReceiver = (from: string, bytes: Uint8Array) => void

/** What a path needs of the network around it. */
export interface DatagramPathOptions {
  readonly from: string
  readonly where: string
  readonly clock: VirtualClock
  /** Undefined where nothing is written down. */
  readonly log: EventLog | undefined
  /** The link as it is now. */
  link(): Link
  /** Who is bound at the far end now, or that a NAT lets nothing in. */
  receiver(): DatagramReceiver | 'filtered' | undefined
  /** Whether a partition lies between the ends now. */
  isPartitioned(): boolean
}

/** Datagrams from one place to another: each is lost, late, doubled or damaged as the link says. */
export class DatagramPath {
  private readonly _options: DatagramPathOptions
  private _lastArrival = 0

  constructor(options: DatagramPathOptions) {
    this._options = options
  }

  send(bytes: Uint8Array): void {
    const { clock } = this._options
    const link = this._options.link()
    this._record('send', bytes.byteLength)
    if (bytes.byteLength > link.options.mtu) return this._record('drop', bytes.byteLength, 'mtu')
    if (this._options.isPartitioned()) return this._record('drop', bytes.byteLength, 'partition')
    if (link.backlog(clock.now) + bytes.byteLength > link.options.queue) {
      return this._record('drop', bytes.byteLength, 'queue')
    }
    // What is lost on the way has taken its time on the wire.
    const departure = link.transmit(bytes.byteLength, clock.now)
    if (link.chance(link.options.loss)) return this._record('drop', bytes.byteLength, 'loss')
    this._arrive(this._damage(new Uint8Array(bytes), link), departure, link)
    if (link.chance(link.options.duplicate)) {
      this._record('duplicate', bytes.byteLength)
      this._arrive(new Uint8Array(bytes), departure, link)
    }
  }

  private _arrive(bytes: Uint8Array, departure: number, link: Link): void {
    const { clock } = this._options
    const arrival = departure + link.flight()
    if (link.chance(link.options.reorder)) {
      this._record('delay', bytes.byteLength, 'reorder')
      clock.setAt(() => this._deliver(bytes), arrival + link.options.reorderDelay)
      return
    }
    this._lastArrival = Math.max(this._lastArrival, arrival)
    clock.setAt(() => this._deliver(bytes), this._lastArrival)
  }

  private _damage(bytes: Uint8Array, link: Link): Uint8Array {
    if (bytes.byteLength === 0 || !link.chance(link.options.corrupt)) return bytes
    const bit = link.random.integer(bytes.byteLength * 8)
    bytes[bit >> 3] = bytes[bit >> 3]! ^ (1 << (bit & 7))
    this._record('corrupt', bytes.byteLength, `bit ${bit}`)
    return bytes
  }

  private _deliver(bytes: Uint8Array): void {
    if (this._options.isPartitioned()) return this._record('drop', bytes.byteLength, 'partition')
    const receiver = this._options.receiver()
    if (receiver === undefined) return this._record('drop', bytes.byteLength, 'nobody')
    if (receiver === 'filtered') return this._record('drop', bytes.byteLength, 'nat')
    this._record('deliver', bytes.byteLength)
    receiver(this._options.from, bytes)
  }

  private _record(kind: NetworkEventKind, bytes: number, detail?: string): void {
    const { clock, log, where } = this._options
    log?.add({ at: clock.now, kind, where, bytes, ...(detail === undefined ? {} : { detail }) })
  }
}
