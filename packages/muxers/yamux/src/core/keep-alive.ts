import type { SessionLimits } from './limits.ts'

/** Pings: when the remote has been silent for long enough to be asked, and when it has not answered. They measure round trips, too. */
export class KeepAlive {
  /** When anything was last heard of the remote. */
  heardAt: number
  /** Whether a ping was ever answered. */
  isProven = false
  private readonly _interval: number
  private readonly _timeout: number
  /** When the ping was sent that is not answered yet. */
  private _askedAt: number | undefined
  private _value = 0

  constructor({ keepAliveInterval, keepAliveTimeout }: SessionLimits, now: number) {
    this._interval = keepAliveInterval
    this._timeout = keepAliveTimeout
    this.heardAt = now
  }

  /** Whether a ping is under way. */
  get isAsking(): boolean {
    return this._askedAt !== undefined
  }

  /** When there is something to do. */
  get wakeAt(): number {
    const asked = this._unheardSince()
    return asked === undefined ? this.heardAt + this._interval : asked + this._timeout
  }

  /** Whether it is time for a ping. */
  isDue(now: number): boolean {
    return this._unheardSince() === undefined && now - this.heardAt >= this._interval
  }

  /** Whether nothing at all was heard since a ping, for as long as the remote may take. */
  isDead(now: number): boolean {
    const asked = this._unheardSince()
    return asked !== undefined && now - asked >= this._timeout
  }

  /** A ping is sent: returns its value. */
  ask(now: number): number {
    this._askedAt = now
    this._value = (this._value + 1) >>> 0
    return this._value
  }

  /** An answer came. Returns the round trip in milliseconds, or `undefined` if nothing like it was asked. */
  answered(value: number, now: number): number | undefined {
    if (this._askedAt === undefined || value !== this._value) return undefined
    const roundTrip = now - this._askedAt
    this._askedAt = undefined
    this.isProven = true
    return roundTrip
  }

  private _unheardSince(): number | undefined {
    return this._askedAt !== undefined && this.heardAt < this._askedAt ? this._askedAt : undefined
  }
}
