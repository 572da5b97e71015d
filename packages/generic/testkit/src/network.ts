import { TestkitError } from './errors.ts'
import { DatagramPath, type DatagramReceiver } from './datagram-path.ts'
import { EventLog } from './event-log.ts'
import type { Fault } from './faults.ts'
import { Link, type LinkOptions, type LinkTraits, linkTraits } from './link.ts'
import type { NatOptions } from './nat.ts'
import { seededRandom, type Random } from './random.ts'
import { Routes } from './routes.ts'
import { StreamDirection } from './stream-direction.ts'
import { StreamEnd } from './stream-pipe.ts'
import { TcpHosts } from './tcp-hosts.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** What a network is made of. */
export interface NetworkOptions {
  /** The time that it lives in. */
  readonly clock: VirtualClock
  /** An integer of 0 to 2^32-1, from which all loss, jitter and reordering come. */
  readonly seed: number
  /** Links between places for which `connect` was not called. Default: a perfect wire. */
  readonly link?: LinkOptions
  /** Whether what happens is written to `log`. Default true; without it the log stays empty, and has no limit. */
  readonly logged?: boolean
}

/** Faults of a stream, for each direction. */
export interface StreamFaults {
  /** On the way from the first place to the second. */
  readonly forth?: readonly Fault[]
  /** On the way from the second place to the first. */
  readonly back?: readonly Fault[]
}

/** A place that sends and receives datagrams, as a bound UDP socket. */
export interface DatagramEndpoint {
  /** Its name. */
  readonly name: string
  /** Sends a copy to the place of that name. A datagram to nobody is lost, as on a real network. */
  send(to: string, bytes: Uint8Array): void
  /** Receives no more, and gives the name back. */
  close(): void
}

/**
 * A network in memory. Places are named by strings; each ordered pair of them has a link, whose loss, delay and
 * bandwidth datagrams and streams share. Nothing happens until the clock moves. The same seed and the same calls give
 * the same log.
 */
export class Network {
  /** The time that the network lives in. */
  readonly clock: VirtualClock
  /** What has happened. */
  readonly log: EventLog = new EventLog()
  /** Handshakes of TCP between places `host:port`. */
  readonly tcp: TcpHosts
  private readonly _routes = new Routes()
  private readonly _random: Random
  private readonly _written: EventLog | undefined
  private readonly _defaultLink: LinkTraits
  private readonly _links = new Map<string, Link>()
  private readonly _paths = new Map<string, DatagramPath>()
  private readonly _receivers = new Map<string, DatagramReceiver>()
  private readonly _streams = new Set<StreamDirection>()
  private _sides: ReadonlyArray<ReadonlySet<string>> = []

  constructor(options: NetworkOptions) {
    this.clock = options.clock
    this._random = seededRandom(options.seed)
    this._defaultLink = linkTraits(options.link ?? {})
    this._written = options.logged === false ? undefined : this.log
    this.tcp = new TcpHosts({
      clock: this.clock,
      routes: this._routes,
      link: (from, to) => this._link(from, to),
      isPartitioned: (from, to) => this._isPartitioned(from, to),
      stream: (first, second) => this.stream(first, second)
    })
  }

  /**
   * Puts hosts behind a NAT, which datagrams and handshakes of TCP pass from now on: places must be named `host:port`. Links
   * are those between the names that the network sees. Throws `TestkitError` if a host has one.
   */
  addNat(options: NatOptions): void {
    this._routes.add(options, this._random.fork(`nat ${options.outside}`))
  }

  /** Sets how `from` reaches `to` from now on, and the way back too unless `back` says otherwise. */
  connect(from: string, to: string, options: LinkOptions, back: LinkOptions = options): void {
    this._setLink(from, to, linkTraits(options))
    this._setLink(to, from, linkTraits(back))
  }

  /** Binds a place. `receiver` gets the sender's name and bytes of its own. Throws `TestkitError` if the name is taken. */
  bind(name: string, receiver: DatagramReceiver): DatagramEndpoint {
    if (this._receivers.has(name)) throw new TestkitError('ERR_NAME_TAKEN', `${name} is bound`)
    this._receivers.set(name, receiver)
    let open = true
    return {
      name,
      send: (to, bytes) => {
        if (!open) throw new TestkitError('ERR_CLOSED', `${name} was closed`)
        this._path(this._routes.outbound('udp', name, to, this.clock.now), to).send(bytes)
      },
      close: () => {
        if (open) this._receivers.delete(name)
        open = false
      }
    }
  }

  /** Opens a byte stream between two places and returns both ends. It is there at once: no handshake is simulated. */
  stream(first: string, second: string, faults: StreamFaults = {}): [StreamEnd, StreamEnd] {
    const onCut = (): void => {
      forth.close()
      back.close()
      forth.handler.onReset?.()
      back.handler.onReset?.()
    }
    const forth = this._direction(first, second, faults.forth ?? [], onCut)
    const back = this._direction(second, first, faults.back ?? [], onCut)
    return [new StreamEnd(first, forth, back), new StreamEnd(second, back, forth)]
  }

  /**
   * Parts the network: places of different sides do not reach each other, those named on no side reach all. Datagrams
   * across are lost, also those on their way; streams wait. Replaces the partition before.
   */
  partition(...sides: ReadonlyArray<readonly string[]>): void {
    this._sides = sides.map(side => new Set(side))
    this._written?.add({
      at: this.clock.now,
      kind: 'partition',
      where: sides.map(side => side.join()).join(' | '),
      bytes: 0
    })
  }

  /** Ends the partition; streams go on where they stood. */
  heal(): void {
    this._sides = []
    this._written?.add({ at: this.clock.now, kind: 'heal', where: '', bytes: 0 })
    for (const direction of this._streams) direction.wake()
  }

  private _isPartitioned(from: string, to: string): boolean {
    const side = (name: string): number => this._sides.findIndex(names => names.has(name))
    const [a, b] = [side(from), side(to)]
    return a >= 0 && b >= 0 && a !== b
  }

  private _direction(from: string, to: string, faults: readonly Fault[], onCut: () => void): StreamDirection {
    const { clock, _written: log } = this
    const link = (): Link => this._link(from, to)
    const isPartitioned = (): boolean => this._isPartitioned(from, to)
    const direction = new StreamDirection({ where: `${from}>${to}`, clock, log, link, isPartitioned, onCut }, faults)
    this._streams.add(direction)
    return direction
  }

  private _path(from: string, to: string): DatagramPath {
    const where = `${from}>${to}`
    let path = this._paths.get(where)
    if (path === undefined) {
      path = new DatagramPath({
        from,
        where,
        clock: this.clock,
        log: this._written,
        link: () => this._link(from, to),
        receiver: () => this._receiver(from, to),
        isPartitioned: () => this._isPartitioned(from, to)
      })
      this._paths.set(where, path)
    }
    return path
  }

  private _receiver(from: string, to: string): DatagramReceiver | 'filtered' | undefined {
    const inbound = this._routes.inbound('udp', from, to, this.clock.now)
    return typeof inbound === 'string' ? 'filtered' : this._receivers.get(inbound.to)
  }

  private _link(from: string, to: string): Link {
    return this._links.get(`${from}>${to}`) ?? this._setLink(from, to, this._defaultLink)
  }

  private _setLink(from: string, to: string, traits: LinkTraits): Link {
    const where = `${from}>${to}`
    const before = this._links.get(where)
    // A link that is set anew goes on with its numbers.
    const link = new Link(traits, () => before?.random ?? this._random.fork(where))
    this._links.set(where, link)
    return link
  }
}
