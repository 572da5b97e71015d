import { Heap, type HeapItem } from './heap.ts'

/** A callback at a time, unless it is cleared before. */
export class Timer implements HeapItem {
  heapIndex = -1
  /** When it is due, in the unit of the caller's clock. */
  at: number = Number.POSITIVE_INFINITY
  /** Order among timers with equal times. */
  order = 0
  /** What happens then. */
  readonly fire: (now: number) => void

  constructor(fire: (now: number) => void) {
    this.fire = fire
  }
}

/** The timers of a scheduler; those with equal times fire in the order in which they were set. */
export class Timers {
  private readonly _heap = new Heap<Timer>((a, b) => a.at - b.at || a.order - b.order)
  private _order = 0

  /** When the next one is due. */
  get nextAt(): number | undefined {
    return this._heap.peek()?.at
  }

  /** Sets or resets a timer. A time of infinity clears it. */
  set(timer: Timer, at: number): void {
    if (timer.heapIndex >= 0 && timer.at === at) return
    this._heap.remove(timer)
    if (at === Number.POSITIVE_INFINITY) return
    timer.at = at
    timer.order = this._order++
    this._heap.push(timer)
  }

  /** Clears a timer. Does nothing if it is not set. */
  clear(timer: Timer): void {
    this._heap.remove(timer)
  }

  /** Fires what is due at `now`. */
  run(now: number): void {
    for (let next = this._heap.peek(); next !== undefined && next.at <= now; next = this._heap.peek()) {
      this._heap.remove(next)
      next.fire(now)
    }
  }
}
