import { Heap, type HeapItem } from './heap.ts'
import type { SchedulerLimits } from './limits.ts'
import type { AddressReport, AddressState, DialAddress, DialOptions, DialReport, DialState } from './model.ts'
import { Stagger } from './stagger.ts'
import { Timer } from './timers.ts'
import type { Place, TokenPool } from './token-pool.ts'

/** A peer that is dialed, with the tokens of all dials to it. */
export interface Peer<A extends DialAddress> {
  readonly key: string
  readonly tokens: TokenPool<Attempt<A>>
  /** The dial that callers join. */
  joinable: Dial<A> | undefined
  /** Dials to it that have not ended. */
  dials: number
}

/** Someone who waits for a dial. */
export interface Caller<A extends DialAddress> {
  readonly id: number
  readonly dial: Dial<A>
  readonly timer: Timer
}

/** An address that a dial tries, from its arrival on. */
export class Attempt<A extends DialAddress> implements HeapItem, AddressReport {
  readonly id: number
  readonly dial: Dial<A>
  readonly address: A
  readonly timer: Timer
  state: AddressState
  heapIndex = -1
  /** When a back-off ends. */
  notBefore = 0
  /** Its place in the one queue in which it waits. */
  place: Place<Attempt<A>> | undefined
  holdsPeerToken = false
  holdsClassToken = false

  constructor(id: number, dial: Dial<A>, address: A, now: number, late: (attempt: Attempt<A>, now: number) => void) {
    this.id = id
    this.dial = dial
    this.address = address
    this.timer = new Timer(at => late(this, at))
    this.state = { kind: 'waiting', for: 'stagger', since: now }
  }

  get text(): string {
    return this.address.text
  }

  get source(): string {
    return this.address.source
  }
}

/** What one dial knows. It decides nothing but its own state. */
export class Dial<A extends DialAddress> implements HeapItem {
  readonly id: number
  readonly peer: Peer<A>
  readonly forced: boolean
  readonly priority: number
  readonly startedAt: number
  readonly timer: Timer
  readonly #maxAddresses: number
  heapIndex = -1
  /** It has its turn among the dials to other peers. */
  active = false
  /** How it ended. */
  ended: DialState<A> | undefined
  /** Every address by its text, in the order of arrival. */
  readonly addresses: Map<string, AddressReport> = new Map()
  tried = 0
  unrecorded = 0
  readonly sources: Set<string>
  readonly callers: Map<number, Caller<A>> = new Map()
  readonly stagger: Stagger<A, Attempt<A>>
  /** Addresses whose back-off may end while the dial lives. */
  readonly backingOff: Heap<Attempt<A>> = new Heap((a, b) => a.notBefore - b.notBefore || a.id - b.id)

  constructor(
    id: number,
    peer: Peer<A>,
    options: DialOptions,
    now: number,
    limits: SchedulerLimits,
    compare: (a: A, b: A) => number,
    due: (dial: Dial<A>, now: number) => void
  ) {
    this.id = id
    this.peer = peer
    this.forced = options.forced === true
    this.priority = options.priority ?? 50
    this.startedAt = now
    this.timer = new Timer(at => due(this, at))
    this.sources = new Set(options.sources)
    this.#maxAddresses = limits.maxAddresses
    this.stagger = new Stagger(limits, compare)
  }

  get state(): DialState<A> {
    if (this.ended !== undefined) return this.ended
    if (!this.active) return { kind: 'queued' }
    const { underWay, waiting } = this.stagger
    return { kind: underWay.size + waiting + this.backingOff.size > 0 ? 'dialing' : 'resolving' }
  }

  /** Whether nothing can come of it any more. What waits for a back-off only does not keep it. */
  get exhausted(): boolean {
    return this.sources.size === 0 && this.stagger.underWay.size === 0 && this.stagger.waiting === 0
  }

  /** Records an address that is not tried. Such records have the same bound as addresses that are. */
  record(record: AddressReport): void {
    if (this.addresses.size - this.tried >= this.#maxAddresses) this.unrecorded++
    else this.addresses.set(record.text, record)
  }

  /** Past the bound the worst that has not started gives way. */
  rankOut(): void {
    const worst = this.stagger.worst() ?? this.backingOff.peek()
    if (worst === undefined) return
    const { text, source, state } = worst
    if (state.kind === 'waiting' && state.for === 'backoff') this.backingOff.remove(worst)
    else this.stagger.remove(worst)
    this.tried--
    this.addresses.delete(text)
    const reason = `more than ${this.#maxAddresses} addresses, and this ranks last`
    this.record({ text, source, state: { kind: 'skipped', reason } })
  }

  report(now: number): DialReport<A> {
    return {
      dial: this.id,
      peer: this.peer.key,
      state: this.state,
      startedAt: this.startedAt,
      elapsed: now - this.startedAt,
      addresses: [...this.addresses.values()].map(({ text, source, state }) => ({ text, source, state })),
      sources: [...this.sources],
      unrecorded: this.unrecorded
    }
  }
}
