import { Heap, type HeapItem, Timer } from '@weft/collections'
import type { SchedulerLimits } from './limits.ts'
import type {
  Action,
  AddressState,
  DialAddress,
  DialOptions,
  DialReport,
  DialState,
  DialTrace,
  TokenClass
} from './model.ts'
import { Stagger } from './stagger.ts'
import type { Place, TokenPool } from './token-pool.ts'
import { arrivalOf, stepOf, stepsOf, type Traced } from './trace.ts'

/** Listens like a caller, and waits for nothing: whoever watches all dials. Callers have ids from 1 on. */
export const watcher = 0

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
export class Attempt<A extends DialAddress> implements HeapItem, Traced {
  readonly id: number
  readonly dial: Dial<A>
  readonly address: A
  readonly timer: Timer
  readonly addedAt: number
  changedAt: number
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
    this.addedAt = now
    this.changedAt = now
    this.state = { kind: 'waiting', for: 'stagger', since: now }
  }

  get text(): string {
    return this.address.text
  }

  get source(): string {
    return this.address.source
  }

  get tokenClass(): TokenClass {
    return this.address.tokenClass
  }

  become(state: AddressState, now: number): void {
    this.state = state
    this.changedAt = now
    this.dial.changed(this)
  }
}

/** What all dials of a scheduler share. */
export interface DialContext<A extends DialAddress> {
  readonly limits: SchedulerLimits
  readonly compare: (a: A, b: A) => number
  readonly due: (dial: Dial<A>, now: number) => void
  readonly act: (action: Action<A>) => void
}

/** What one dial knows. It decides nothing but its own state. */
export class Dial<A extends DialAddress> implements HeapItem {
  readonly id: number
  readonly peer: Peer<A>
  readonly forced: boolean
  priority: number
  readonly startedAt: number
  readonly timer: Timer
  private readonly _context: DialContext<A>
  /** Callers who are told of each step. */
  private readonly _listeners = new Set<number>()
  heapIndex = -1
  /** It has its turn among the dials to other peers. */
  active = false
  /** How it ended. */
  ended: DialState<A> | undefined
  /** Every address by its text, in the order of arrival. */
  readonly addresses: Map<string, Traced> = new Map()
  /** The adapter was told that nothing is under way. */
  toldIdle = false
  tried = 0
  unrecorded = 0
  /** Sources that may still bring addresses, with the time at which they were opened. */
  readonly sources: Map<string, number>
  readonly callers: Map<number, Caller<A>> = new Map()
  readonly stagger: Stagger<A, Attempt<A>>
  /** Addresses whose back-off may end while the dial lives. */
  readonly backingOff: Heap<Attempt<A>> = new Heap((a, b) => a.notBefore - b.notBefore || a.id - b.id)

  constructor(id: number, peer: Peer<A>, options: DialOptions, now: number, context: DialContext<A>) {
    this.id = id
    this.peer = peer
    this.forced = options.forced === true
    this.priority = options.priority ?? 50
    this.startedAt = now
    this.timer = new Timer(at => context.due(this, at))
    this.sources = new Map(options.sources.map(source => [source, now]))
    this.stagger = new Stagger(context.limits, context.compare)
    this._context = context
  }

  get state(): DialState<A> {
    if (this.ended !== undefined) return this.ended
    if (!this.active) return { kind: 'queued' }
    const { underWay, waiting } = this.stagger
    return { kind: underWay.size + waiting + this.backingOff.size > 0 ? 'dialing' : 'resolving' }
  }

  /** Whether nothing is under way or waits for its turn. What waits for a back-off only does not count. */
  get idle(): boolean {
    return this.stagger.underWay.size === 0 && this.stagger.waiting === 0
  }

  sourceBegan(source: string, now: number): void {
    if (this.sources.has(source)) return
    this.sources.set(source, now)
    this._trace(() => ({ kind: 'source', at: now - this.startedAt, source, open: true }))
  }

  /** Whether the source was open. */
  sourceEnded(source: string, now: number): boolean {
    if (!this.sources.delete(source)) return false
    this._trace(() => ({ kind: 'source', at: now - this.startedAt, source, open: false }))
    return true
  }

  /** An address that will be tried. */
  add(attempt: Attempt<A>): void {
    this.addresses.set(attempt.text, attempt)
    this.tried++
    this._trace(() => arrivalOf(attempt, this.startedAt))
  }

  /**
   * Records an address that is not tried, or its next state. Such records have the same bound as addresses that are;
   * past it they are counted.
   */
  record(text: string, source: string, state: AddressState, now: number): void {
    const known = this.addresses.get(text)
    // What is tried says for itself how it ends.
    if (known !== undefined && 'dial' in known) return
    const addedAt = known?.addedAt ?? now
    this._put({ text, source, state, addedAt, changedAt: now, tokenClass: 'none' }, known === undefined)
  }

  /** Past the bound one that failed lately gives way, or else the worst that has not started. */
  rankOut(now: number): void {
    const worst = this._longestBackoff() ?? this.stagger.worst()
    if (worst === undefined) return
    const { text, source, state, addedAt, tokenClass } = worst
    const failedLately = state.kind === 'waiting' && state.for === 'backoff'
    if (failedLately) this.backingOff.remove(worst)
    else this.stagger.remove(worst)
    this.tried--
    this.addresses.delete(text)
    const reason = `more than ${this._context.limits.maxAddresses} addresses, and this ${failedLately ? 'failed lately' : 'ranks last'}`
    this._put({ text, source, state: { kind: 'filtered', reason }, addedAt, changedAt: now, tokenClass }, false)
  }

  /** Something became of an address. */
  changed(address: Traced): void {
    this._trace(() => stepOf(address, this.startedAt))
  }

  /** A caller is to be told of each step from now on, and first of those that led here. */
  listen(caller: number): void {
    const tell = (trace: DialTrace): void => this._context.act({ type: 'trace', dial: this.id, caller, trace })
    for (const step of this.steps()) tell(step)
    this._listeners.add(caller)
  }

  /** The steps that led here: its sources that are open, and its addresses. */
  steps(): DialTrace[] {
    const open = [...this.sources].map(
      ([source, at]): DialTrace => ({ kind: 'source', at: at - this.startedAt, source, open: true })
    )
    return [...open, ...[...this.addresses.values()].flatMap(address => stepsOf(address, this.startedAt))]
  }

  /** A caller is told no more. */
  left(caller: number): void {
    this._listeners.delete(caller)
  }

  report(now: number): DialReport<A> {
    return {
      dial: this.id,
      peer: this.peer.key,
      state: this.state,
      startedAt: this.startedAt,
      elapsed: now - this.startedAt,
      addresses: [...this.addresses.values()].map(({ text, source, state, addedAt }) => ({
        text,
        source,
        state,
        addedAt
      })),
      sources: [...this.sources.keys()],
      unrecorded: this.unrecorded
    }
  }

  private _put(entry: Traced, isNew: boolean): void {
    const { text, state } = entry
    const { maxAddresses } = this._context.limits
    const recorded = this.addresses.has(text) || this.addresses.size - this.tried < maxAddresses
    if (recorded) this.addresses.set(text, entry)
    // Of a name the end of its look-up counts.
    else if (state.kind !== 'resolving') this.unrecorded++
    if (recorded && isNew) this._trace(() => arrivalOf(entry, this.startedAt))
    if (recorded || !isNew) this.changed(entry)
  }

  private _longestBackoff(): Attempt<A> | undefined {
    let longest: Attempt<A> | undefined
    for (const attempt of this.backingOff.values()) {
      if (longest === undefined || attempt.notBefore > longest.notBefore) longest = attempt
    }
    return longest
  }

  private _trace(step: () => DialTrace): void {
    if (this._listeners.size === 0) return
    const trace = step()
    for (const caller of this._listeners) this._context.act({ type: 'trace', dial: this.id, caller, trace })
  }
}
