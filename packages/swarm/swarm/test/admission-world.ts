/**
 * An admission beside a plain list of all that it let in. Each operation is checked against the list, by counting; what
 * is wrong is thrown. For properties and for fuzzing.
 */
import { Admission, isTicket, type Ticket, undisturbed } from '../src/core/admission/admission.ts'
import type { AdmissionLimits, RefusalReason } from '../src/core/admission/limits.ts'
import { keysOf, type Source } from '../src/core/admission/source.ts'

/** Small, so that a few operations reach each of them. */
export const smallLimits: AdmissionLimits = {
  maxConnections: 14,
  maxInbound: 11,
  maxPending: 6,
  maxPendingPerAddress: 3,
  maxPerAddress: 4,
  maxPerNetwork: 5,
  maxPerPeer: 2,
  rate: 1,
  burst: 5,
  minHandshakeRate: 64
}

export type Operation =
  | { kind: 'come'; source: number; allowed: boolean; exempt: boolean }
  | { kind: 'settle'; ticket: number }
  | { kind: 'release'; ticket: number }
  | { kind: 'identify'; ticket: number; peer: number; others: number }
  | { kind: 'dial'; connections: number }
  | { kind: 'pass'; ms: number }

export class AdmissionWorld {
  private readonly _admission: Admission
  private readonly _limits: AdmissionLimits
  /** Let in, in that order. */
  private _live: Ticket[] = []
  private readonly _came = new Map<string, number>()
  private _dialed = 0
  private _now = 0
  /** When each address passed its rate. */
  private readonly _passed = new Map<string, number[]>()
  /** Set while a connection comes: who evicted what. */
  private _comer: Source | undefined
  private _evicted = 0

  constructor(limits: AdmissionLimits = smallLimits) {
    this._limits = limits
    this._admission = new Admission(limits)
  }

  run(operation: Operation): void {
    if (operation.kind === 'pass') this._now += operation.ms
    else if (operation.kind === 'dial') this._dialed = operation.connections
    else if (operation.kind === 'come') this._come(sourceOf(operation))
    else if (this._live.length > 0) {
      const ticket = this._live[operation.ticket % this._live.length]!
      if (operation.kind === 'settle') this._admission.settle(ticket)
      else if (operation.kind === 'release') {
        this._admission.release(ticket)
        this._live = this._live.filter(other => other !== ticket)
      } else this._identify(ticket, `p:${operation.peer}`, operation.others)
    }
    assert(this._admission.pending === this._live.filter(isPending).length, 'handshakes are counted')
    assert(this._admission.refused.evicted === this._evicted, 'evictions are counted')
  }

  /** Lets all go: nothing may be left. */
  end(): void {
    for (const ticket of this._live) this._admission.release(ticket)
    const { addresses, networks, peers } = this._admission.held
    assert(addresses + networks + peers + this._admission.pending === 0, 'nothing is left')
  }

  private _come(source: Source): void {
    const open = this._live.filter(({ state }) => state === 'open').length
    const before = this._evictable().length
    this._came.set(source.address, (this._came.get(source.address) ?? 0) + 1)
    this._comer = source
    const answer = this._admission.admit(source, open + this._dialed, open, this._now)
    this._comer = undefined
    if (isTicket(answer)) {
      this._live.push(answer)
      answer.onEvicted = ({ reason }) => {
        assert(reason === 'evicted', 'an eviction is counted as one')
        this._onEvicted(answer)
      }
      this._checkLimits(source, Math.max(before, Math.min(this._limits.maxPending, this._places(open))))
    } else this._checkRefusal(source, open, answer.reason)
  }

  private _identify(ticket: Ticket, peer: string, others: number): void {
    const before = ticket.peer
    const of = this._live.filter(other => other.peer === peer).length
    const refusal = this._admission.identify(ticket, peer, () => others)
    if (before !== undefined) assert(ticket.peer === before && refusal === undefined, 'a peer is known once')
    else if (ticket.source.allowed || !ticket.source.cappedByPeer) assert(refusal === undefined, 'no limit holds')
    else assert((refusal !== undefined) === of + others >= this._limits.maxPerPeer, 'the limit of a peer holds')
  }

  /** Dials may have taken places of handshakes that were under way: then there are no more of those than before. */
  private _checkLimits(source: Source, places: number): void {
    if (source.allowed) return
    const { maxPendingPerAddress, maxPerAddress, maxPerNetwork } = this._limits
    assert(this._evictable().length <= places, 'no more handshakes than places')
    if (source.rated) this._checkRate(source.address)
    if (!source.capped) return
    const same = this._sharing(({ address }) => address === source.address)
    assert(same.filter(isPending).length <= maxPendingPerAddress, 'handshakes of an address')
    assert(same.length <= maxPerAddress, 'connections of an address')
    if (source.network === undefined) return
    assert(this._sharing(({ network }) => network === source.network).length <= maxPerNetwork, 'of a network')
  }

  /** In every stretch of time that ends now: no more than burst and rate give. */
  private _checkRate(address: string): void {
    const times = this._passed.get(address) ?? []
    times.push(this._now)
    this._passed.set(address, times)
    const { rate, burst } = this._limits
    times.forEach((at, i) => {
      const allowed = burst + ((this._now - at) / 1000) * rate
      assert(times.length - i <= allowed + 1e-6, 'the rate of an address')
    })
  }

  private _checkRefusal(source: Source, open: number, reason: RefusalReason): void {
    assert(!source.allowed, 'who is allowed is not refused')
    const same = this._sharing(({ address }) => address === source.address)
    const { maxPendingPerAddress, maxPerAddress, maxPerNetwork, maxPending, burst } = this._limits
    const full = this._evictable().length >= Math.min(maxPending, this._places(open))
    if (reason === 'rate') assert(source.rated && this._came.get(source.address)! > burst, 'a rate')
    else if (reason === 'pending-address')
      assert(same.filter(isPending).length >= maxPendingPerAddress, 'of an address')
    else if (reason === 'address') assert(same.length >= maxPerAddress, 'of an address')
    else if (reason === 'network') {
      assert(this._sharing(({ network }) => network === source.network).length >= maxPerNetwork, 'of a network')
    } else assert(full, `full: ${reason}`)
    if (!source.capped) assert(reason !== 'pending-address' && reason !== 'address' && reason !== 'network', 'exempt')
  }

  private _onEvicted(victim: Ticket): void {
    this._evicted++
    const evictable = this._evictable()
    assert(evictable.includes(victim), 'what is evicted was a handshake that may be')
    const count = (address: string): number => evictable.filter(({ source }) => source.address === address).length
    const most = Math.max(...evictable.map(({ source }) => count(source.address)))
    const { address } = victim.source
    assert(count(address) === most, 'its address has the most')
    assert(evictable.find(({ source }) => source.address === address) === victim, 'it is the oldest of its address')
    const fair = most >= count(this._comer!.address) + 2
    assert(fair || this._now - victim.since >= undisturbed, 'it had its time, or the shares are more even now')
    this._live = this._live.filter(other => other !== victim)
  }

  private _places(open: number): number {
    return Math.min(this._limits.maxConnections - open - this._dialed, this._limits.maxInbound - open)
  }

  /** As the admission is in the middle of an eviction, its victim's state is that of after. */
  private _evictable(): Ticket[] {
    return this._live.filter(ticket => ticket.state !== 'open' && !ticket.source.allowed)
  }

  private _sharing(matches: (source: Source) => boolean): Ticket[] {
    return this._live.filter(({ source }) => !source.allowed && matches(source))
  }
}

/** Few sources, of which some share a network. */
function sourceOf({ source, allowed, exempt }: Operation & { kind: 'come' }): Source {
  const ip =
    source % 2 === 0
      ? Uint8Array.of(1, 0, 0, source % 16)
      : Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, source % 4, source % 16, 0, 0, 0, 0, 0, 0, 0, 0, source % 32)
  return { ...keysOf(ip), rated: !exempt, capped: !exempt, cappedByPeer: !exempt, allowed }
}

function isPending({ state }: Ticket): boolean {
  return state === 'pending'
}

function assert(holds: boolean, what: string): void {
  if (!holds) throw new Error(`does not hold: ${what}`)
}
