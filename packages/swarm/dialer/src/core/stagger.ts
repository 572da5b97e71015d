/**
 * When the next address of a dial starts (RFC 8305 section 5). Addresses of one reach follow one another at its
 * interval; the three reaches run beside one another, but relayed addresses give direct ones a lead. When nothing is
 * under way the best starts at once, and so does one that is better than all that is under way.
 */
import { Heap, type HeapItem } from '@weft/collections'
import type { SchedulerLimits } from './limits.ts'
import type { AddressState, DialAddress, Reach, TokenClass } from './model.ts'

/** An address with its state. */
export interface Staggered<A extends DialAddress> extends HeapItem {
  readonly id: number
  readonly address: A
  readonly state: AddressState
}

interface Lane<T extends HeapItem> {
  readonly tokenClass: TokenClass
  readonly heap: Heap<T>
}

/** The address that starts next, and when. */
export interface Candidate<T> {
  readonly attempt: T
  readonly due: number
}

export class Stagger<A extends DialAddress, T extends Staggered<A>> {
  private readonly _limits: SchedulerLimits
  private readonly _compare: (a: A, b: A) => number
  // By reach and token class: at most fifteen.
  private readonly _lanes = new Map<string, Lane<T>>()
  private readonly _lastStart = new Map<Reach, number>()
  private _firstDirect: number | undefined
  /** Addresses that wait for their start. */
  waiting = 0
  /** Addresses that were started: they wait for a token, or are dialed. */
  readonly underWay: Set<T> = new Set()

  constructor(limits: SchedulerLimits, compare: (a: A, b: A) => number) {
    this._limits = limits
    this._compare = compare
  }

  add(attempt: T): void {
    const { reach, tokenClass } = attempt.address
    const key = `${reach}/${tokenClass}`
    let lane = this._lanes.get(key)
    if (lane === undefined) {
      lane = { tokenClass, heap: new Heap((a, b) => this._order(a, b)) }
      this._lanes.set(key, lane)
    }
    lane.heap.push(attempt)
    this.waiting++
  }

  remove(attempt: T): void {
    if (attempt.heapIndex < 0) return
    this._lanes.get(`${attempt.address.reach}/${attempt.address.tokenClass}`)?.heap.remove(attempt)
    this.waiting--
  }

  /** The address is under way from now on. */
  start(attempt: T, now: number): void {
    this.remove(attempt)
    this.underWay.add(attempt)
    this.began(attempt, now)
  }

  /** A token came: the interval counts from the true start. */
  began({ address: { reach } }: T, now: number): void {
    this._lastStart.set(reach, now)
    if (reach !== 'relay') this._firstDirect ??= now
  }

  next(now: number): Candidate<T> | undefined {
    const blocked = this._blockedClasses()
    let best: Candidate<T> | undefined
    for (const { tokenClass, heap } of this._lanes.values()) {
      const attempt = heap.peek()
      if (attempt === undefined || blocked.has(tokenClass)) continue
      const due = Math.max(now, this._due(attempt.address, now))
      const sooner = best === undefined ? -1 : due - best.due || this._order(attempt, best.attempt)
      if (sooner < 0) best = { attempt, due }
    }
    return best
  }

  /** The one that would start last. Looks at all, which are at most `maxAddresses`. */
  worst(): T | undefined {
    let worst: T | undefined
    for (const attempt of this.values()) if (worst === undefined || this._order(attempt, worst) > 0) worst = attempt
    return worst
  }

  /** Those that wait for their start, in no order. */
  *values(): IterableIterator<T> {
    for (const { heap } of this._lanes.values()) yield* heap.values()
  }

  /**
   * Classes of which an address of this dial already waits for a token: a second one would only get its token behind
   * the first, and then both would run at once.
   */
  private _blockedClasses(): Set<TokenClass> {
    const blocked = new Set<TokenClass>()
    for (const { state, address } of this.underWay) {
      if (state.kind === 'waiting' && state.for === 'class-token') blocked.add(address.tokenClass)
    }
    return blocked
  }

  private _due(address: A, now: number): number {
    if (this.underWay.size === 0 || address.urgent === true) return now
    const { publicStagger, privateStagger, relayDelay } = this._limits
    const last = this._lastStart.get(address.reach)
    const interval = address.reach === 'private' ? privateStagger : publicStagger
    const due = last === undefined || this._isBest(address) ? now : last + interval
    return address.reach === 'relay' ? Math.max(due, (this._firstDirect ?? Number.NEGATIVE_INFINITY) + relayDelay) : due
  }

  private _isBest(address: A): boolean {
    for (const other of this.underWay) {
      if (other.address.reach === address.reach && this._compare(address, other.address) >= 0) return false
    }
    return true
  }

  private _order(a: T, b: T): number {
    return this._compare(a.address, b.address) || a.id - b.id
  }
}
