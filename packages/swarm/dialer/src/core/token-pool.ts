/** A place in a pool's queue. */
export interface Place<W> {
  readonly waiter: W
  next: Place<W> | undefined
  previous: Place<W> | undefined
  queued: boolean
}

/**
 * A number of tokens and the queue of those who wait for one. A released token goes to the head of the queue and not
 * through the pool, so nobody can take it in between; a pool with waiters has no free token. All is O(1).
 */
export class TokenPool<W> {
  readonly capacity: number
  private _used = 0
  private _waiting = 0
  private _head: Place<W> | undefined
  private _tail: Place<W> | undefined

  constructor(capacity: number) {
    this.capacity = capacity
  }

  /** Tokens that are out. */
  get used(): number {
    return this._used
  }

  get waiting(): number {
    return this._waiting
  }

  /** Takes a token if one is free. */
  take(): boolean {
    if (this._used >= this.capacity) return false
    this._used++
    return true
  }

  /** Joins the end of the queue. */
  wait(waiter: W): Place<W> {
    const place: Place<W> = { waiter, next: undefined, previous: this._tail, queued: true }
    if (this._tail === undefined) this._head = place
    else this._tail.next = place
    this._tail = place
    this._waiting++
    return place
  }

  /** Leaves the queue. A place that has left it is fine. */
  cancel(place: Place<W>): void {
    if (!place.queued) return
    place.queued = false
    this._waiting--
    if (place.previous === undefined) this._head = place.next
    else place.previous.next = place.next
    if (place.next === undefined) this._tail = place.previous
    else place.next.previous = place.previous
  }

  /** Gives a token back: to the waiter that is returned, or else to the pool. */
  release(): W | undefined {
    const place = this._head
    if (place === undefined) {
      this._used--
      return undefined
    }
    this.cancel(place)
    return place.waiter
  }
}
