import { TestkitError } from './errors.ts'
import { hostOf, type Inbound, Nat, type NatOptions, type NatProtocol } from './nat.ts'
import type { Random } from './random.ts'

/** Which NAT stands before which host, and what becomes of a packet on its way through them. */
export class Routes {
  private readonly _byInside = new Map<string, Nat>()
  private readonly _byOutside = new Map<string, Nat>()

  /** Throws `TestkitError` if one of its hosts has a NAT, or is one. */
  add(options: NatOptions, random: Random): void {
    for (const host of [options.outside, ...options.inside]) {
      if (this._byInside.has(host) || this._byOutside.has(host)) {
        throw new TestkitError('ERR_NAME_TAKEN', `${host} has a NAT`)
      }
    }
    const nat = new Nat(options, random)
    for (const host of options.inside) this._byInside.set(host, nat)
    this._byOutside.set(options.outside, nat)
  }

  /** The name under which the network sees a packet from `from` to `to`. */
  outbound(protocol: NatProtocol, from: string, to: string, now: number): string {
    const nat = this._natOf(from)
    if (nat === undefined || nat === this._natOf(to)) return from
    return nat.outbound(protocol, from, to, now)
  }

  /** What becomes of it at the far end. */
  inbound(protocol: NatProtocol, from: string, to: string, now: number): Inbound {
    const inside = this._natOf(to)
    if (inside !== undefined) {
      if (inside === this._natOf(from)) return { to }
      // Nobody outside has a way to a private address.
      return inside.isPublic ? inside.inbound(protocol, from, to, now) : 'dropped'
    }
    const nat = this._byOutside.get(hostOf(to))
    return nat === undefined || nat.isPublic ? { to } : nat.inbound(protocol, from, to, now)
  }

  /** A RST has come through to `to`. */
  reset(from: string, to: string): void {
    const nat = this._byOutside.get(hostOf(to)) ?? this._natOf(to)
    nat?.reset(to, from)
  }

  private _natOf(name: string): Nat | undefined {
    return this._byInside.size === 0 ? undefined : this._byInside.get(hostOf(name))
  }
}
