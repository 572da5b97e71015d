import { Heap, type HeapItem } from '@weft/collections'
import { TestkitError } from './errors.ts'

/** Names one timer of one clock. */
export type TimerHandle = number

/** A callback never comes to rest if it takes more than this many timers in one call: something re-arms itself at once. */
const maxTimers = 1_000_000

/** One hour, in ms: longer than any timeout of a protocol, so what is not idle then never will be. */
const defaultIdleLimit = 3_600_000

/** Handles are counted up, so they tell the order in which timers were set. */
interface Timer extends HeapItem {
  readonly handle: TimerHandle
  readonly at: number
  readonly callback: () => void
}

/**
 * Time that stands still until a test moves it. Timers fire in the order of their time, those of the same time in the
 * order in which they were set. What a callback throws comes out of the call that moved the time.
 */
export class VirtualClock {
  private _now: number
  private _lastHandle = 0
  private readonly _heap = new Heap<Timer>((a, b) => (a.at === b.at ? a.handle - b.handle : a.at < b.at ? -1 : 1))
  private readonly _timers = new Map<TimerHandle, Timer>()

  /** @param now - time at the start, in ms */
  constructor(now: number = 0) {
    this._now = now
  }

  /** The time in ms. */
  get now(): number {
    return this._now
  }

  /** Time of the next timer, `undefined` when there is none. */
  get nextAt(): number | undefined {
    return this._heap.peek()?.at
  }

  /** Timers that are set. */
  get pending(): number {
    return this._heap.size
  }

  /** Calls back once `delay` ms have passed; a delay below 0 counts as 0. Never calls back at once. */
  setTimeout(callback: () => void, delay: number): TimerHandle {
    return this.setAt(callback, this._now + Math.max(0, delay))
  }

  /** Calls back at the time `at`, or as soon as the time moves if that has passed. */
  setAt(callback: () => void, at: number): TimerHandle {
    if (Number.isNaN(at)) throw new TestkitError('ERR_OPTION', 'the time of a timer is not a number')
    const timer = { handle: ++this._lastHandle, at, callback, heapIndex: -1 }
    this._heap.push(timer)
    this._timers.set(timer.handle, timer)
    return timer.handle
  }

  /** Forgets a timer. One that has fired, or `undefined`, is fine. */
  clearTimeout(handle: TimerHandle | undefined): void {
    const timer = handle === undefined ? undefined : this._timers.get(handle)
    if (timer !== undefined) this._forget(timer)
  }

  /** Moves the time to the next timer and fires that alone. Returns whether there was one. */
  runNext(): boolean {
    const timer = this._heap.peek()
    if (timer !== undefined) this._fire(timer)
    return timer !== undefined
  }

  /** Moves the time by `ms`, firing what is due on the way. */
  advance(ms: number): void {
    this.advanceTo(this._now + ms)
  }

  /** Moves the time to `at`, firing what is due on the way. Throws `TestkitError` where `at` has passed. */
  advanceTo(at: number): void {
    if (!(at >= this._now)) throw new TestkitError('ERR_CLOCK_BACKWARDS', `the time is ${this._now}, not before ${at}`)
    this._run(at, () => false)
    this._now = at
  }

  /**
   * Fires timers until none is left and returns the time. Throws `TestkitError` if one is left after `limit` ms (one
   * hour): a keep-alive never comes to rest, use `advance` there.
   */
  runUntilIdle(limit: number = defaultIdleLimit): number {
    const end = this._now + limit
    this._run(end, () => false)
    if (this._heap.size > 0) throw new TestkitError('ERR_CLOCK_RUNAWAY', `timers are left after ${limit} ms`)
    return this._now
  }

  /**
   * Fires timers until `condition` holds and returns the time. It is asked first, then after each timer. Throws
   * `TestkitError` if it does not hold within `limit` ms (one hour).
   */
  runUntil(condition: () => boolean, limit: number = defaultIdleLimit): number {
    if (!condition() && !this._run(this._now + limit, condition)) {
      throw new TestkitError('ERR_CLOCK_RUNAWAY', `the condition did not come to hold within ${limit} ms`)
    }
    return this._now
  }

  private _run(end: number, done: () => boolean): boolean {
    for (let fired = 0; fired < maxTimers; fired++) {
      const timer = this._heap.peek()
      if (timer === undefined || timer.at > end) return false
      this._fire(timer)
      if (done()) return true
    }
    throw new TestkitError('ERR_CLOCK_RUNAWAY', `${maxTimers} timers fired, the time is ${this._now}`)
  }

  private _fire(timer: Timer): void {
    this._forget(timer)
    this._now = Math.max(this._now, timer.at)
    timer.callback()
  }

  private _forget(timer: Timer): void {
    this._heap.remove(timer)
    this._timers.delete(timer.handle)
  }
}
