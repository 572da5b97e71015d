/** When the next random walk is due: often while the routing table has empty regions, seldom when it is full. */
import type { TableFill } from '@weft/interface-peer-routing'

export interface ScheduleInit {
  /** Milliseconds from the start to the first walk. */
  delay: number
  /** Milliseconds between two walks while they fill the table. */
  minInterval: number
  /** Milliseconds between two walks when they do not. */
  maxInterval: number
  /** 0 to 1. */
  random: () => number
}

type State =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'waiting'; readonly at: number }
  /** Nobody is there to ask. */
  | { readonly kind: 'empty'; readonly at: number }
  | { readonly kind: 'walking' }

/** Part of the interval by which it is longer at random: nodes that start together do not walk together. */
const jitter = 0.1

/** Pure: `now` is milliseconds of any clock that does not go back. A fill that is undefined: no router tells of its table. */
export class WalkSchedule {
  private readonly _init: ScheduleInit
  private _state: State = { kind: 'stopped' }
  /** Walks in a row that have brought nothing new. */
  private _idle = 0
  private _before: TableFill | undefined

  constructor(init: ScheduleInit) {
    this._init = init
  }

  /** When `tick` is due; `Infinity` while there is nothing to do. */
  get wakeAt(): number {
    return this._state.kind === 'waiting' || this._state.kind === 'empty' ? this._state.at : Number.POSITIVE_INFINITY
  }

  start(now: number): void {
    this._idle = 0
    this._before = undefined
    this._state = { kind: 'waiting', at: now + this._init.delay }
  }

  stop(): void {
    this._state = { kind: 'stopped' }
  }

  /** Whether to walk now. An empty table is not walked: it is looked at again later, and when somebody connects. */
  tick(fill: TableFill | undefined, now: number): boolean {
    if (now < this.wakeAt || this.wakeAt === Number.POSITIVE_INFINITY) return false
    if (fill?.peers === 0) {
      this._state = { kind: 'empty', at: now + this._init.maxInterval }
      return false
    }
    this._before = fill
    this._state = { kind: 'walking' }
    return true
  }

  /** A walk is over: `found` peers that were not known to it before. */
  done(found: number, fill: TableFill | undefined, now: number): void {
    if (this._state.kind !== 'walking') return
    this._idle = this._hasGained(found, fill) ? 0 : this._idle + 1
    this._state = { kind: 'waiting', at: now + this._interval(fill) * (1 + jitter * this._init.random()) }
  }

  /** Somebody has connected: an empty table is so no longer, a moment later. */
  connected(now: number): void {
    if (this._state.kind === 'empty') this.start(now)
  }

  private _interval(fill: TableFill | undefined): number {
    const { minInterval, maxInterval } = this._init
    if (fill?.emptyRegions === 0) return maxInterval
    return Math.min(maxInterval, minInterval * 2 ** this._idle)
  }

  private _hasGained(found: number, fill: TableFill | undefined): boolean {
    if (fill === undefined || this._before === undefined) return found > 0
    return fill.peers > this._before.peers || fill.emptyRegions < this._before.emptyRegions
  }
}
