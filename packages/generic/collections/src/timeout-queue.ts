/**
 * Many timeouts of equal length on one timer: the negotiation of a stream costs a list entry instead of a timer and a
 * signal.
 */
export class TimeoutQueue {
  private readonly _delay: number
  private readonly _entries = new Set<Timeout>()
  private _timer: ReturnType<typeof setTimeout> | undefined
  private _firing = false
  private readonly _onError: (error: unknown) => void

  /**
   * @param delay - milliseconds after which an entry fires
   * @param onError - is called with the error of an entry that throws; the others still fire
   */
  constructor(delay: number, onError: (error: unknown) => void = () => {}) {
    this._delay = delay
    this._onError = onError
  }

  /** Calls `fire` after the delay, unless the returned entry is cleared before. */
  add(fire: () => void): Timeout {
    const entry = new Timeout(this._entries, performance.now() + this._delay, fire)
    // A set keeps the order in which entries were added, which is the order in which they are due.
    this._entries.add(entry)
    // Entries added while others fire are seen afterwards: one timer is enough.
    if (this._timer === undefined && !this._firing) this._arm(this._delay)
    return entry
  }

  private _arm(delay: number): void {
    if (delay === Number.POSITIVE_INFINITY) return
    this._timer = setTimeout(() => this._run(), Math.max(1, Math.ceil(delay)))
    ;(this._timer as { unref?: () => void }).unref?.()
  }

  private _run(): void {
    this._timer = undefined
    this._firing = true
    try {
      const now = performance.now()
      for (const entry of this._entries) {
        if (entry.at > now) break
        this._entries.delete(entry)
        try {
          entry.fire()
        } catch (error) {
          this._onError(error)
        }
      }
    } finally {
      this._firing = false
      const [next] = this._entries
      if (next !== undefined) this._arm(next.at - performance.now())
    }
  }
}

/** An entry of a `TimeoutQueue`. */
class Timeout {
  /** When it is due, on the clock of `performance.now()`. */
  readonly at: number
  /** What happens then. */
  readonly fire: () => void
  private readonly _entries: Set<Timeout>

  constructor(entries: Set<Timeout>, at: number, fire: () => void) {
    this._entries = entries
    this.at = at
    this.fire = fire
  }

  /** Removes it from the queue, so that it does not fire. */
  clear(): void {
    this._entries.delete(this)
  }
}

export type { Timeout }
