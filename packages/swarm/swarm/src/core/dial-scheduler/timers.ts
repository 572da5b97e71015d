import { Heap, type HeapItem } from './heap.ts'

/** Something that happens at a time, unless it is cleared before. */
export class Timer implements HeapItem {
  heapIndex = -1
  at: number = Number.POSITIVE_INFINITY
  order = 0
  readonly fire: (now: number) => void

  constructor(fire: (now: number) => void) {
    this.fire = fire
  }
}

/** All timers of a scheduler: those of one time fire in the order in which they were set. */
export class Timers {
  readonly #heap = new Heap<Timer>((a, b) => a.at - b.at || a.order - b.order)
  #order = 0

  /** When the next one is due. */
  get nextAt(): number | undefined {
    return this.#heap.peek()?.at
  }

  /** Sets a timer, or sets it anew. One that never comes is cleared. */
  set(timer: Timer, at: number): void {
    if (timer.heapIndex >= 0 && timer.at === at) return
    this.#heap.remove(timer)
    if (at === Number.POSITIVE_INFINITY) return
    timer.at = at
    timer.order = this.#order++
    this.#heap.push(timer)
  }

  clear(timer: Timer): void {
    this.#heap.remove(timer)
  }

  /** Fires what is due at `now`. */
  run(now: number): void {
    for (let next = this.#heap.peek(); next !== undefined && next.at <= now; next = this.#heap.peek()) {
      this.#heap.remove(next)
      next.fire(now)
    }
  }
}
