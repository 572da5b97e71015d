import type { CalculateMetric } from '@libp2p/interface'

// Listeners give one each, and nothing takes it back when one closes: more than any node listens on at once.
const maxCalculations = 64

/**
 * The functions behind a metric that is computed when it is scraped. Several parts of a node may each bring one under the
 * same name, such as each TCP listener: all are asked. One that throws is left out, and does not spoil the scrape.
 */
export class Calculations<T> {
  private readonly _list: Array<CalculateMetric<T>> = []
  private readonly _onError: (error: Error) => void

  constructor(onError: (error: Error) => void) {
    this._onError = onError
  }

  /** Past 64 functions, the oldest is asked no more. */
  add(calculate: CalculateMetric<T>): void {
    if (this._list.length >= maxCalculations) this._list.shift()
    this._list.push(calculate)
  }

  /** What each of them gives now. */
  async run(): Promise<T[]> {
    const values: T[] = []
    for (const calculate of [...this._list]) {
      try {
        values.push(await calculate())
      } catch (error) {
        this._onError(error as Error)
      }
    }
    return values
  }
}
