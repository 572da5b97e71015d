/**
 * Many timeouts of one length with one timer: a stream's negotiation costs an entry in a list, not a timer and a signal.
 */
export class TimeoutQueue {
  readonly #delay: number
  readonly #entries = new Set<Timeout>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #firing = false

  /** @param delay - milliseconds after which an entry fires */
  constructor(delay: number) {
    this.#delay = delay
  }

  /** Calls `fire` after the delay, unless the returned entry is cleared before. */
  add(fire: () => void): Timeout {
    const entry = new Timeout(this.#entries, performance.now() + this.#delay, fire)
    // A set keeps the order in which entries were added, which is the order in which they are due.
    this.#entries.add(entry)
    // What is added while others fire is seen when they have: one timer is enough.
    if (this.#timer === undefined && !this.#firing) this.#arm(this.#delay)
    return entry
  }

  #arm(delay: number): void {
    if (delay === Number.POSITIVE_INFINITY) return
    this.#timer = setTimeout(() => this.#run(), Math.max(1, Math.ceil(delay)))
    ;(this.#timer as { unref?: () => void }).unref?.()
  }

  #run(): void {
    this.#timer = undefined
    this.#firing = true
    try {
      const now = performance.now()
      for (const entry of this.#entries) {
        if (entry.at > now) break
        this.#entries.delete(entry)
        entry.fire()
      }
    } finally {
      this.#firing = false
      const [next] = this.#entries
      if (next !== undefined) this.#arm(next.at - performance.now())
    }
  }
}

/** An entry of a `TimeoutQueue`. */
class Timeout {
  readonly at: number
  readonly fire: () => void
  readonly #entries: Set<Timeout>

  constructor(entries: Set<Timeout>, at: number, fire: () => void) {
    this.#entries = entries
    this.at = at
    this.fire = fire
  }

  clear(): void {
    this.#entries.delete(this)
  }
}

export type { Timeout }
