/** What stands for every value past the limit. */
export const otherValue = 'other'

/**
 * The values that one label may have: the first `limit` of them, in the order in which they come; all others are counted
 * together as `other`. Each value is a time series that is kept for ever, here and in the database behind it.
 */
export class LabelValues {
  private readonly _limit: number
  private readonly _known = new Set<string>()

  constructor(limit: number) {
    this._limit = limit
  }

  /** The value itself, or `other`. */
  of(value: string): string {
    if (this._known.has(value)) return value
    if (this._known.size >= this._limit) return otherValue
    this._known.add(value)
    return value
  }

  /** Forgets all values. */
  clear(): void {
    this._known.clear()
  }
}
