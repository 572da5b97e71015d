/**
 * Who is let in, decided when a connection is accepted and before anything of it is read.
 *
 * - An address has a rate, and a number of handshakes under way and of connections; a network and a peer have one of
 *   connections. What is past one of them is refused.
 * - When all handshakes that may be under way are, the oldest one of the address that has the most gives way. So
 *   addresses share the places evenly, and silent connections push out one another.
 * - That never makes the shares less even, unless the one that goes has had a second: without that rule, connections
 *   that come faster than handshakes can be done would push out one another for ever, and none would be done.
 */

import { TokenBuckets } from '@weft/collections'
import { type AdmissionLimits, type Refusal, type RefusalReason, refusalReasons, refusalsOf } from './limits.ts'
import { PendingSet } from './pending.ts'
import type { Source } from './source.ts'

/** Addresses whose rate is remembered: 10,000 take about 2 MB. */
const maxRememberedAddresses = 10_000
/** Milliseconds that a handshake has before it gives way to one whose address is no less busy. */
export const undisturbed = 1_000

/** What holds the places of one connection, until it is released. */
export interface Ticket {
  readonly address: AddressPlaces
  readonly network: NetworkPlaces | undefined
  /** When it was let in, in ms. */
  readonly since: number
  readonly source: Source
  state: 'pending' | 'open' | 'released'
  /** The peer at the other end, once it is known. */
  peer: string | undefined
  /** Called when it was released to make room: the connection is to be ended. */
  onEvicted: ((why: Refusal) => void) | undefined
}

/** The places of one address that are taken. */
export interface AddressPlaces {
  readonly key: string
  readonly pending: Set<Ticket>
  taken: number
}

/** The same of a network. */
export interface NetworkPlaces {
  readonly key: string
  taken: number
}

/** What the one that has the most has of what is limited. */
export interface AdmissionUsage {
  /** Handshakes under way of one address. */
  pendingOfAddress: number
  /** Connections of one address. */
  ofAddress: number
  /** Connections of one network. */
  ofNetwork: number
  /** Inbound connections of one peer. */
  ofPeer: number
}

// Allowed connections take nobody's place.
const noAddress: AddressPlaces = { key: '', pending: new Set(), taken: 0 }

/** What a ticket is told from. */
export function isTicket(answer: Ticket | Refusal): answer is Ticket {
  return 'state' in answer
}

export class Admission {
  /** Connections that were refused, evicted or too slow, by reason. */
  readonly refused: Record<RefusalReason, number> = Object.fromEntries(
    refusalReasons.map(reason => [reason, 0])
  ) as Record<RefusalReason, number>
  private readonly _pending = new PendingSet<Ticket>()
  private readonly _addresses = new Map<string, AddressPlaces>()
  private readonly _networks = new Map<string, NetworkPlaces>()
  private readonly _peers = new Map<string, number>()
  private readonly _rates: TokenBuckets
  private _limits: AdmissionLimits
  private _refusals: Readonly<Record<RefusalReason, Refusal>>
  private _allowedPending = 0

  constructor(limits: AdmissionLimits) {
    this._limits = limits
    this._refusals = refusalsOf(limits)
    this._rates = new TokenBuckets(maxRememberedAddresses, limits.rate, limits.burst)
  }

  /** Handshakes under way. */
  get pending(): number {
    return this._pending.size + this._allowedPending
  }

  /** Of those, the ones that count and may give way. */
  get evictable(): number {
    return this._pending.size
  }

  /** Entries that are held: none is left when every ticket has been released, but for the rates. */
  get held(): { addresses: number; networks: number; peers: number; rates: number } {
    return {
      addresses: this._addresses.size,
      networks: this._networks.size,
      peers: this._peers.size,
      rates: this._rates.size
    }
  }

  /** Of every kind, what the one that has the most has. Looks at all of them: for people, not for each connection. */
  get most(): AdmissionUsage {
    const mostOf = (counts: Iterable<number>): number => {
      let most = 0
      for (const count of counts) most = Math.max(most, count)
      return most
    }
    return {
      pendingOfAddress: this._pending.most,
      ofAddress: mostOf(Array.from(this._addresses.values(), ({ taken }) => taken)),
      ofNetwork: mostOf(Array.from(this._networks.values(), ({ taken }) => taken)),
      ofPeer: mostOf(this._peers.values())
    }
  }

  /** Other limits from now on. What was let in stays. */
  configure(limits: AdmissionLimits): void {
    this._limits = limits
    this._refusals = refusalsOf(limits)
    this._rates.configure(limits.rate, limits.burst)
  }

  /** The user denies the address. */
  deny(): Refusal {
    return this._refuse('denied')
  }

  /** The handshake of a connection that was let in is given up as too slow. */
  tooSlow(): Refusal {
    return this._refuse('slow')
  }

  /**
   * Lets a connection in, or says why not. `connections` and `inbound` are those whose handshakes are done; `now` is in
   * ms and never goes back.
   */
  admit(source: Source, connections: number, inbound: number, now: number): Ticket | Refusal {
    if (source.allowed) return this._letIn(source, noAddress, now)
    const limits = this._limits
    const [places, full] = this._placesForPending(connections, inbound)
    if (places <= 0) return this._refuse(full)
    if (source.rated && !this._rates.take(source.address, now)) return this._refuse('rate')
    const address = this._addresses.get(source.address)
    if (source.capped && address !== undefined) {
      if (address.pending.size >= limits.maxPendingPerAddress) return this._refuse('pending-address')
      if (address.taken >= limits.maxPerAddress) return this._refuse('address')
    }
    const network = source.network === undefined ? undefined : this._networks.get(source.network)
    if (source.capped && (network?.taken ?? 0) >= limits.maxPerNetwork) return this._refuse('network')
    const size = address?.pending.size ?? 0
    if (this._pending.size >= places && !this._makeRoom(size, now)) return this._refuse(full)
    // Anew: who made room may have been the address' only one.
    return this._letIn(source, this._addressOf(source.address), now)
  }

  /**
   * The peer at the other end is known. Returns why it may not stay, or `undefined`.
   * @param others - counts connections to it that this did not let in, such as dialed ones; not called where it is not limited
   */
  identify(ticket: Ticket, peer: string, others: () => number): Refusal | undefined {
    if (ticket.state === 'released' || ticket.peer !== undefined) return undefined
    const count = this._peers.get(peer) ?? 0
    const { cappedByPeer, allowed } = ticket.source
    if (cappedByPeer && !allowed && count + others() >= this._limits.maxPerPeer) return this._refuse('peer')
    this._peers.set(peer, count + 1)
    ticket.peer = peer
    return undefined
  }

  /** The handshake has ended, well or not. */
  settle(ticket: Ticket): void {
    if (ticket.state !== 'pending') return
    ticket.state = 'open'
    this._leavePending(ticket)
  }

  /** The connection is gone. */
  release(ticket: Ticket): void {
    const { state, address, network, peer } = ticket
    if (state === 'released') return
    if (state === 'pending') this._leavePending(ticket)
    ticket.state = 'released'
    if (network !== undefined && --network.taken === 0) this._networks.delete(network.key)
    if (address !== noAddress && --address.taken === 0) this._addresses.delete(address.key)
    if (peer === undefined) return
    const left = this._peers.get(peer)! - 1
    if (left === 0) this._peers.delete(peer)
    else this._peers.set(peer, left)
  }

  /** Handshakes that may be under way now, and the limit that says so. */
  private _placesForPending(connections: number, inbound: number): [number, RefusalReason] {
    const { maxConnections, maxInbound, maxPending } = this._limits
    const [total, ofInbound] = [maxConnections - connections, maxInbound - inbound]
    if (maxPending <= total && maxPending <= ofInbound) return [maxPending, 'pending']
    return total <= ofInbound ? [total, 'connections'] : [ofInbound, 'inbound']
  }

  /** Ends the oldest handshake of the busiest address for one of an address that has `size`, if that is fair. */
  private _makeRoom(size: number, now: number): boolean {
    const victim = this._pending.next
    if (victim === undefined) return false
    if (this._pending.most < size + 2 && now - victim.since < undisturbed) return false
    this.release(victim)
    const why = this._refuse('evicted')
    victim.onEvicted?.(why)
    return true
  }

  private _letIn(source: Source, address: AddressPlaces, now: number): Ticket {
    const { allowed } = source
    const network = allowed ? undefined : this._networkOf(source.network)
    const ticket: Ticket = {
      address,
      network,
      since: now,
      source,
      state: 'pending',
      peer: undefined,
      onEvicted: undefined
    }
    if (allowed) {
      this._allowedPending++
      return ticket
    }
    address.taken++
    if (network !== undefined) network.taken++
    this._pending.add(ticket)
    return ticket
  }

  private _leavePending(ticket: Ticket): void {
    if (ticket.source.allowed) this._allowedPending--
    else this._pending.delete(ticket)
  }

  private _addressOf(key: string): AddressPlaces {
    let address = this._addresses.get(key)
    if (address === undefined) this._addresses.set(key, (address = { key, pending: new Set(), taken: 0 }))
    return address
  }

  private _networkOf(key: string | undefined): NetworkPlaces | undefined {
    if (key === undefined) return undefined
    let network = this._networks.get(key)
    if (network === undefined) this._networks.set(key, (network = { key, taken: 0 }))
    return network
  }

  private _refuse(reason: RefusalReason): Refusal {
    this.refused[reason]++
    return this._refusals[reason]
  }
}
