import { TestkitError } from './errors.ts'
import type { Random } from './random.ts'

/** How one direction between two places behaves. Nothing given is a perfect wire: everything arrives at once. */
export interface LinkOptions {
  /** Time from one end to the other, in ms. Default 0. */
  readonly latency?: number
  /** Up to this many ms more, drawn for each packet. By itself it does not change the order. Default 0. */
  readonly jitter?: number
  /** Probability that a packet is lost. On a stream it comes late instead, as behind a retransmission. Default 0. */
  readonly loss?: number
  /** Probability that a datagram is held back by `reorderDelay` while others pass it. Streams keep order. Default 0. */
  readonly reorder?: number
  /** Time a reordered datagram is held back, in ms. Default 10. */
  readonly reorderDelay?: number
  /** Probability that a datagram arrives twice. Default 0. */
  readonly duplicate?: number
  /** Probability that one bit of a datagram is flipped. Streams are spared, as by checksums. Default 0. */
  readonly corrupt?: number
  /** Bytes a second. Default unlimited. */
  readonly bandwidth?: number
  /** Bytes that wait for their turn before further datagrams are dropped. Streams wait in `queued`. Default unlimited. */
  readonly queue?: number
  /** Longest datagram, in bytes; a longer one is dropped. Streams are cut into packets of this. Default 1472. */
  readonly mtu?: number
}

/** 1500 bytes of Ethernet less the headers of IPv4 and UDP. */
const defaultMtu = 1472

/** Least time before TCP sends again (RFC 6298 asks for 1 s, Linux takes 200 ms), in ms. */
const minRetransmitDelay = 200

/** What a link is, with nothing left open. Links that are alike share it. */
export type LinkTraits = Required<LinkOptions>

/** The options with their defaults. Throws `TestkitError` where one of them is out of its range. */
export function linkTraits(options: LinkOptions): LinkTraits {
  const traits = {
    latency: 0,
    jitter: 0,
    loss: 0,
    reorder: 0,
    reorderDelay: 10,
    duplicate: 0,
    corrupt: 0,
    bandwidth: Number.POSITIVE_INFINITY,
    queue: Number.POSITIVE_INFINITY,
    mtu: defaultMtu,
    ...options
  }
  check(traits)
  return traits
}

/** One direction, shared by all that is sent that way. Holds the time until which the wire is busy, and no packets. */
export class Link {
  readonly options: LinkTraits
  private readonly _makeRandom: () => Random
  private _random: Random | undefined
  private _busyUntil = 0

  /** @param makeRandom - called once, where a number is drawn: of a network's links most draw none */
  constructor(options: LinkTraits, makeRandom: () => Random) {
    this.options = options
    this._makeRandom = makeRandom
  }

  /** The link's own random numbers. */
  get random(): Random {
    return (this._random ??= this._makeRandom())
  }

  /** True with that probability. */
  chance(probability: number): boolean {
    return probability > 0 && this.random.chance(probability)
  }

  /** Bytes that wait for the wire at `now`. */
  backlog(now: number): number {
    const wait = this._busyUntil - now
    return wait > 0 ? (wait * this.options.bandwidth) / 1000 : 0
  }

  /** Takes a packet of `length` bytes: the time at which its last byte has left. */
  transmit(length: number, now: number): number {
    this._busyUntil = Math.max(now, this._busyUntil) + (length * 1000) / this.options.bandwidth
    return this._busyUntil
  }

  /** Time that one packet is on its way, in ms: latency and its share of the jitter. */
  flight(): number {
    const { latency, jitter } = this.options
    return latency + (jitter > 0 ? this.random.next() * jitter : 0)
  }

  /** Time until a lost packet of a stream has been sent again, in ms. Each further loss doubles it. */
  retransmitDelay(): number {
    const { latency, jitter, loss } = this.options
    let wait = Math.max(minRetransmitDelay, 2 * (latency + jitter))
    let delay = 0
    // Twelve losses in a row are a dead link to TCP as well; here the packet comes through.
    for (let tries = 0; tries < 12 && this.chance(loss); tries++) {
      delay += wait
      wait *= 2
    }
    return delay
  }
}

function check(options: LinkTraits): void {
  for (const name of ['loss', 'reorder', 'duplicate', 'corrupt'] as const) {
    if (!(options[name] >= 0 && options[name] <= 1)) throw new TestkitError('ERR_OPTION', `${name} is not of 0 to 1`)
  }
  for (const name of ['latency', 'jitter', 'reorderDelay', 'queue'] as const) {
    if (!(options[name] >= 0)) throw new TestkitError('ERR_OPTION', `${name} is below 0`)
  }
  if (!(options.bandwidth > 0)) throw new TestkitError('ERR_OPTION', 'bandwidth is not above 0')
  if (!(options.mtu >= 1)) throw new TestkitError('ERR_OPTION', 'mtu is not above 0')
}
