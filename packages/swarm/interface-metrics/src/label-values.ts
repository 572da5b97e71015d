/** What stands for every value past the limit. */
export const otherValue = 'other'

/**
 * The values that one label may have: the first `limit` of them, in the order in which they come; all others are counted
 * together as `other`. Each value is a time series that is kept for ever, here and in the database behind it.
 */
export class LabelValues {
  readonly #limit: number
  readonly #known = new Set<string>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The value itself, or `other`. */
  of(value: string): string {
    if (this.#known.has(value)) return value
    if (this.#known.size >= this.#limit) return otherValue
    this.#known.add(value)
    return value
  }

  /** Forgets all values. */
  clear(): void {
    this.#known.clear()
  }
}
