/** A time limit that follows how long an operation took lately. Options have js-libp2p's names; all times in ms. */
export interface AdaptiveTimeoutInit {
  /** Over how long the moving average reaches back. Default 5,000. */
  interval?: number | undefined
  /** Limit as a multiple of the average. Default 1.2. */
  timeoutMultiplier?: number | undefined
  /** What a failure counts for, as a multiple of the time it took. Default 2. */
  failureMultiplier?: number | undefined
  /** Default 5,000. */
  minTimeout?: number | undefined
  /** Default: what the operation says. */
  maxTimeout?: number | undefined
}

/** Where the times go, in ms: the last one, and the moving average of its kind. */
export interface TimeMetric {
  update(values: Record<string, number>): void
}

export class AdaptiveTimeout {
  private readonly _metric: TimeMetric | undefined
  private readonly _averages = { success: 0, failure: 0 }
  private readonly _settings: { [K in keyof AdaptiveTimeoutInit]-?: number }
  private _average = 0
  private _at: number | undefined

  constructor(init: AdaptiveTimeoutInit, maxTimeout: number, metric?: TimeMetric) {
    this._metric = metric
    this._settings = {
      interval: init.interval ?? 5_000,
      timeoutMultiplier: init.timeoutMultiplier ?? 1.2,
      failureMultiplier: init.failureMultiplier ?? 2,
      minTimeout: Math.min(init.minTimeout ?? 5_000, init.maxTimeout ?? maxTimeout),
      maxTimeout: init.maxTimeout ?? maxTimeout
    }
  }

  /** The limit for the next operation. */
  get timeout(): number {
    const { timeoutMultiplier, minTimeout, maxTimeout } = this._settings
    return Math.min(maxTimeout, Math.max(minTimeout, Math.round(this._average * timeoutMultiplier)))
  }

  /** Takes in how long an operation took. `now` is in ms, from any start. */
  record(took: number, failed: boolean, now: number): void {
    const value = failed ? took * this._settings.failureMultiplier : took
    // Exponentially weighted by the time since the last one, so that a burst counts as one.
    const weight = this._at === undefined ? 1 : 1 - Math.exp(-(now - this._at) / this._settings.interval)
    this._average += weight * (value - this._average)
    this._at = now
    if (this._metric === undefined) return
    const kind = failed ? 'failure' : 'success'
    const before = this._averages[kind]
    this._averages[kind] = before === 0 ? took : before + weight * (took - before)
    this._metric.update({ [kind]: took, [`${kind}MovingAverage`]: this._averages[kind] })
  }
}
