import { TestkitError } from './errors.ts'
import type { Random } from './random.ts'

/**
 * What stands between hosts and the network, as the usual names have it. `none`: a public address. `firewall`: a public
 * address; only answers come in. `full-cone`: everything comes in. `address-restricted`: what comes from an address that
 * was written to. `port-restricted`: what comes from an address and port that were written to; the rest is dropped.
 * `port-restricted-reset`: the same, but the rest is answered, as by a plain Linux router: TCP by RST. `symmetric`: another
 * port for each destination, and as port-restricted.
 */
export type NatKind =
  | 'none'
  | 'firewall'
  | 'full-cone'
  | 'address-restricted'
  | 'port-restricted'
  | 'port-restricted-reset'
  | 'symmetric'

/** One NAT and the hosts behind it. Times are in ms. */
export interface NatOptions {
  /** How it behaves. */
  readonly kind: NatKind
  /** Its public host. Hosts behind `none` and `firewall` are public themselves. */
  readonly outside: string
  /** The hosts behind it, 1 or more. What comes in without a mapping goes to the first, where the kind lets it in. */
  readonly inside: readonly string[]
  /** How long a UDP mapping lives after its last datagram. Default 30,000, that of Linux for what was not answered. */
  readonly udpTimeout?: number
  /** How long one of TCP lives after its last handshake segment. Default 120,000, that of Linux for a SYN. */
  readonly tcpTimeout?: number
}

/** What is translated. */
export type NatProtocol = 'udp' | 'tcp'

/** What comes of something from outside: the place inside that gets it, silence, or an answer of the NAT itself. */
export type Inbound = { readonly to: string } | 'dropped' | 'answered'

/** Flows of a NAT: the oldest gives way. */
const maxFlows = 4096

interface Mapping {
  readonly inside: string
  readonly outside: string
  expiresAt: number
}

/** Translates names `host:port`. Pure: the time and the random numbers are given. */
export class Nat {
  /** What it was made with. */
  readonly options: NatOptions
  private readonly _random: Random
  /** Endpoint-independent mappings by place inside. */
  private readonly _byInside = new Map<string, Mapping>()
  private readonly _byOutside = new Map<string, Mapping>()
  /** What was written to from where: by outside place and remote. */
  private readonly _flows = new Map<string, Mapping>()
  /** The same by inside place and remote: which outside place it has. */
  private readonly _outbound = new Map<string, Mapping>()
  /** Addresses that were written to, until when. */
  private readonly _seen = new Map<string, number>()
  /** What this NAT has answered itself: an entry that takes the tuple of what is sent later. */
  private readonly _answered = new Map<string, number>()

  constructor(options: NatOptions, random: Random) {
    if (options.inside.length === 0) throw new TestkitError('ERR_OPTION', 'nothing is behind the NAT')
    this.options = options
    this._random = random
  }

  /** Whether the hosts inside have addresses that the network knows. */
  get isPublic(): boolean {
    return this.options.kind === 'none' || this.options.kind === 'firewall'
  }

  /** The place from which a packet from `inside` to `remote` seems to come. */
  outbound(protocol: NatProtocol, inside: string, remote: string, now: number): string {
    if (this.options.kind === 'none') return inside
    const expiresAt = now + this._timeout(protocol)
    const key = `${protocol} ${inside}>${remote}`
    let flow = alive(this._outbound.get(key), now)
    if (flow === undefined) {
      flow = { inside, outside: this._outsideOf(protocol, inside, remote, now), expiresAt }
      this._outbound.set(key, flow)
      this._flows.set(`${protocol} ${flow.outside}<${remote}`, flow)
      bound(this._outbound)
      bound(this._flows)
    }
    flow.expiresAt = expiresAt
    const mapping = this._byInside.get(`${protocol} ${inside}`)
    if (mapping !== undefined) mapping.expiresAt = expiresAt
    this._seen.set(hostOf(remote), expiresAt)
    bound(this._seen)
    return flow.outside
  }

  /** What comes of a packet from `remote` to a place outside. */
  inbound(protocol: NatProtocol, remote: string, outside: string, now: number): Inbound {
    const { kind } = this.options
    if (kind === 'none') return { to: outside }
    const flow = alive(this._flows.get(`${protocol} ${outside}<${remote}`), now)
    if (flow !== undefined) {
      flow.expiresAt = now + this._timeout(protocol)
      return { to: flow.inside }
    }
    const open = kind === 'full-cone' || (kind === 'address-restricted' && (this._seen.get(hostOf(remote)) ?? 0) > now)
    if (open) return { to: this._insideOf(protocol, outside, now) }
    if (kind !== 'port-restricted-reset') return 'dropped'
    // An entry of TCP ends with its RST.
    if (protocol === 'udp') {
      this._answered.set(`${protocol} ${outside}<${remote}`, now + this._timeout(protocol))
      bound(this._answered)
    }
    return 'answered'
  }

  /** A RST has passed: the flow is no more. */
  reset(outside: string, remote: string): void {
    const flow = this._flows.get(`tcp ${outside}<${remote}`)
    if (flow === undefined) return
    this._flows.delete(`tcp ${outside}<${remote}`)
    this._outbound.delete(`tcp ${flow.inside}>${remote}`)
  }

  private _timeout(protocol: NatProtocol): number {
    const { udpTimeout = 30_000, tcpTimeout = 120_000 } = this.options
    return protocol === 'udp' ? udpTimeout : tcpTimeout
  }

  private _outsideOf(protocol: NatProtocol, inside: string, remote: string, now: number): string {
    if (this.options.kind === 'firewall') return inside
    const clashes = (outside: string): boolean => (this._answered.get(`${protocol} ${outside}<${remote}`) ?? 0) > now
    if (this.options.kind === 'symmetric') return this._freePlace(protocol, now)
    const known = alive(this._byInside.get(`${protocol} ${inside}`), now)
    if (known !== undefined) return clashes(known.outside) ? this._freePlace(protocol, now) : known.outside
    // Linux keeps the port of the source while nobody else has it.
    const kept = `${this.options.outside}:${portOf(inside)}`
    const isFree = alive(this._byOutside.get(`${protocol} ${kept}`), now) === undefined
    const outside = isFree ? kept : this._freePlace(protocol, now)
    const mapping = { inside, outside, expiresAt: now + this._timeout(protocol) }
    this._byInside.set(`${protocol} ${inside}`, mapping)
    this._byOutside.set(`${protocol} ${outside}`, mapping)
    bound(this._byInside)
    bound(this._byOutside)
    return clashes(outside) ? this._freePlace(protocol, now) : outside
  }

  private _insideOf(protocol: NatProtocol, outside: string, now: number): string {
    const mapping = alive(this._byOutside.get(`${protocol} ${outside}`), now)
    return mapping?.inside ?? `${this.options.inside[0]}:${portOf(outside)}`
  }

  private _freePlace(protocol: NatProtocol, now: number): string {
    for (;;) {
      const outside = `${this.options.outside}:${1024 + this._random.integer(64_512)}`
      const isTaken = alive(this._byOutside.get(`${protocol} ${outside}`), now) !== undefined
      const hasFlow = [...this._outbound.values()].some(flow => flow.outside === outside && flow.expiresAt > now)
      if (!isTaken && !hasFlow) return outside
    }
  }
}

/** The host of a name `host:port`; the name itself where it has no port. */
export function hostOf(name: string): string {
  const at = name.lastIndexOf(':')
  return at < 0 ? name : name.slice(0, at)
}

function portOf(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1)
}

function alive(mapping: Mapping | undefined, now: number): Mapping | undefined {
  return mapping !== undefined && mapping.expiresAt > now ? mapping : undefined
}

function bound(map: Map<string, unknown>): void {
  if (map.size <= maxFlows) return
  for (const oldest of map.keys()) {
    map.delete(oldest)
    return
  }
}
