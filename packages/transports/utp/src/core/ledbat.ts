/** Options of congestion control. */
export interface LedbatOptions {
  /** Queueing delay that it aims at, in ms. Default 100 (BEP 29; RFC 6817 allows no more). Less yields sooner. */
  readonly target?: number
  /** Bytes by which the window grows in a round trip without queueing. Default 3,000 (BEP 29). */
  readonly gain?: number
}

/** The base delay is the least of so many minutes (RFC 6817 section 4.2), as libutp keeps it. */
const baseMinutes = 13

/** Loss halves the window at most once in this time, in ms. */
const decayInterval = 100

/** Largest window, in bytes: 1 Gbit/s over 60 ms. */
const maxWindow = 8 * 1024 * 1024

/** The congestion window of one direction, by one-way delays (RFC 6817). Delays are in us, modulo 2^32. */
export class Ledbat {
  private readonly _target: number
  private readonly _gain: number
  private readonly _packet: number
  private readonly _recent: number[] = []
  private _bases: number[] = []
  private _minute = 0
  private _window: number
  private _slowStart = true
  private _decayedAt = Number.NEGATIVE_INFINITY

  /** @param packet - bytes of a full packet, which the window never falls below */
  constructor(packet: number, { target = 100, gain = 3000 }: LedbatOptions = {}) {
    this._packet = packet
    this._target = target * 1000
    this._gain = gain
    this._window = 2 * packet
  }

  /** Bytes that may be in flight. */
  get window(): number {
    return this._window
  }

  /** Queueing delay now, in us: the least of the last three samples above the base. */
  get queueing(): number {
    return this._recent.length === 0 ? 0 : Math.min(...this._recent)
  }

  /** `acked` bytes have arrived, and the packets that said so measured `difference` (0 and 0x7fffffff: nothing). */
  onAck(acked: number, difference: number, inFlight: number, now: number): void {
    if (difference !== 0 && difference !== 0x7fffffff) this._sample(difference, now)
    const { queueing } = this
    // A window that is not used says nothing of the path.
    if (inFlight + this._packet < this._window && !this._slowStart) return
    if (this._slowStart && queueing > 0.9 * this._target) this._slowStart = false
    if (this._slowStart) this._window += acked
    else {
      const offTarget = Math.max(-1, (this._target - queueing) / this._target)
      this._window += this._gain * offTarget * (Math.min(acked, this._window) / Math.max(acked, this._window))
    }
    this._window = Math.min(maxWindow, Math.max(this._packet, this._window))
  }

  /** Something was lost. */
  onLoss(now: number): void {
    this._slowStart = false
    if (now - this._decayedAt < decayInterval) return
    this._decayedAt = now
    this._window = Math.max(this._packet, this._window / 2)
  }

  /** Nothing came back in time. */
  onTimeout(): void {
    this._window = this._packet
    this._slowStart = true
  }

  private _sample(difference: number, now: number): void {
    const minute = Math.floor(now / 60_000)
    if (this._bases.length === 0 || minute !== this._minute) {
      this._minute = minute
      this._bases = [...this._bases.slice(-(baseMinutes - 1)), difference]
    }
    const last = this._bases.length - 1
    if (isBefore(difference, this._bases[last]!)) this._bases[last] = difference
    let base = this._bases[last]!
    for (const other of this._bases) if (isBefore(other, base)) base = other
    this._recent.push((difference - base) >>> 0)
    if (this._recent.length > 3) this._recent.shift()
  }
}

/** Clocks of two hosts differ by anything, so differences wrap. */
function isBefore(a: number, b: number): boolean {
  return (a - b) >> 31 !== 0
}
