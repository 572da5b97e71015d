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
import { type AdmissionLimits, type Refusal, type RefusalReason, refusalReasons, refusalsOf } from './limits.ts'
import { PendingSet } from './pending.ts'
import type { Source } from './source.ts'
import { TokenBuckets } from './token-buckets.ts'

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
  readonly #pending = new PendingSet<Ticket>()
  readonly #addresses = new Map<string, AddressPlaces>()
  readonly #networks = new Map<string, NetworkPlaces>()
  readonly #peers = new Map<string, number>()
  readonly #rates: TokenBuckets
  #limits: AdmissionLimits
  #refusals: Readonly<Record<RefusalReason, Refusal>>
  #allowedPending = 0

  constructor(limits: AdmissionLimits) {
    this.#limits = limits
    this.#refusals = refusalsOf(limits)
    this.#rates = new TokenBuckets(maxRememberedAddresses, limits.rate, limits.burst)
  }

  /** Handshakes under way. */
  get pending(): number {
    return this.#pending.size + this.#allowedPending
  }

  /** Entries that are held: none is left when every ticket has been released, but for the rates. */
  get held(): { addresses: number; networks: number; peers: number; rates: number } {
    return {
      addresses: this.#addresses.size,
      networks: this.#networks.size,
      peers: this.#peers.size,
      rates: this.#rates.size
    }
  }

  /** Other limits from now on. What was let in stays. */
  configure(limits: AdmissionLimits): void {
    this.#limits = limits
    this.#refusals = refusalsOf(limits)
    this.#rates.configure(limits.rate, limits.burst)
  }

  /** The user denies the address. */
  deny(): Refusal {
    return this.#refuse('denied')
  }

  /** The handshake of a connection that was let in is given up as too slow. */
  tooSlow(): Refusal {
    return this.#refuse('slow')
  }

  /**
   * Lets a connection in, or says why not. `connections` and `inbound` are those whose handshakes are done; `now` is in
   * ms and never goes back.
   */
  admit(source: Source, connections: number, inbound: number, now: number): Ticket | Refusal {
    if (source.allowed) return this.#letIn(source, noAddress, now)
    const limits = this.#limits
    const [places, full] = this.#placesForPending(connections, inbound)
    if (places <= 0) return this.#refuse(full)
    if (source.rated && !this.#rates.take(source.address, now)) return this.#refuse('rate')
    const address = this.#addresses.get(source.address)
    if (source.capped && address !== undefined) {
      if (address.pending.size >= limits.maxPendingPerAddress) return this.#refuse('pending-address')
      if (address.taken >= limits.maxPerAddress) return this.#refuse('address')
    }
    const network = source.network === undefined ? undefined : this.#networks.get(source.network)
    if (source.capped && (network?.taken ?? 0) >= limits.maxPerNetwork) return this.#refuse('network')
    const size = address?.pending.size ?? 0
    if (this.#pending.size >= places && !this.#makeRoom(size, now)) return this.#refuse(full)
    // Anew: who made room may have been the address' only one.
    return this.#letIn(source, this.#addressOf(source.address), now)
  }

  /**
   * The peer at the other end is known. Returns why it may not stay, or `undefined`.
   * @param others - counts connections to it that this did not let in, such as dialed ones; not called where it is not limited
   */
  identify(ticket: Ticket, peer: string, others: () => number): Refusal | undefined {
    if (ticket.state === 'released' || ticket.peer !== undefined) return undefined
    const count = this.#peers.get(peer) ?? 0
    const { cappedByPeer, allowed } = ticket.source
    if (cappedByPeer && !allowed && count + others() >= this.#limits.maxPerPeer) return this.#refuse('peer')
    this.#peers.set(peer, count + 1)
    ticket.peer = peer
    return undefined
  }

  /** The handshake has ended, well or not. */
  settle(ticket: Ticket): void {
    if (ticket.state !== 'pending') return
    ticket.state = 'open'
    this.#leavePending(ticket)
  }

  /** The connection is gone. */
  release(ticket: Ticket): void {
    const { state, address, network, peer } = ticket
    if (state === 'released') return
    if (state === 'pending') this.#leavePending(ticket)
    ticket.state = 'released'
    if (network !== undefined && --network.taken === 0) this.#networks.delete(network.key)
    if (address !== noAddress && --address.taken === 0) this.#addresses.delete(address.key)
    if (peer === undefined) return
    const left = this.#peers.get(peer)! - 1
    if (left === 0) this.#peers.delete(peer)
    else this.#peers.set(peer, left)
  }

  /** Handshakes that may be under way now, and the limit that says so. */
  #placesForPending(connections: number, inbound: number): [number, RefusalReason] {
    const { maxConnections, maxInbound, maxPending } = this.#limits
    const [total, ofInbound] = [maxConnections - connections, maxInbound - inbound]
    if (maxPending <= total && maxPending <= ofInbound) return [maxPending, 'pending']
    return total <= ofInbound ? [total, 'connections'] : [ofInbound, 'inbound']
  }

  /** Ends the oldest handshake of the busiest address for one of an address that has `size`, if that is fair. */
  #makeRoom(size: number, now: number): boolean {
    const victim = this.#pending.next
    if (victim === undefined) return false
    if (this.#pending.most < size + 2 && now - victim.since < undisturbed) return false
    this.release(victim)
    const why = this.#refuse('evicted')
    victim.onEvicted?.(why)
    return true
  }

  #letIn(source: Source, address: AddressPlaces, now: number): Ticket {
    const { allowed } = source
    const network = allowed ? undefined : this.#networkOf(source.network)
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
      this.#allowedPending++
      return ticket
    }
    address.taken++
    if (network !== undefined) network.taken++
    this.#pending.add(ticket)
    return ticket
  }

  #leavePending(ticket: Ticket): void {
    if (ticket.source.allowed) this.#allowedPending--
    else this.#pending.delete(ticket)
  }

  #addressOf(key: string): AddressPlaces {
    let address = this.#addresses.get(key)
    if (address === undefined) this.#addresses.set(key, (address = { key, pending: new Set(), taken: 0 }))
    return address
  }

  #networkOf(key: string | undefined): NetworkPlaces | undefined {
    if (key === undefined) return undefined
    let network = this.#networks.get(key)
    if (network === undefined) this.#networks.set(key, (network = { key, taken: 0 }))
    return network
  }

  #refuse(reason: RefusalReason): Refusal {
    this.refused[reason]++
    return this.#refusals[reason]
  }
}
