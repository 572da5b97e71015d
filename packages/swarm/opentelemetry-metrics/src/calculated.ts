import type { Observable, ObservableCallback } from '@opentelemetry/api'
import { Calculations } from '@weft/interface-metrics'
import { entriesOf, type Label } from './instruments.ts'

/** A metric that adds up what it is given, or shows the latest. */
type Kind = 'sum' | 'latest'

/** The metrics that are computed when they are read. While it is paused, nobody is asked. */
export class Calculated {
  readonly #onError: (name: string, error: Error) => void
  readonly #callbacks: Array<[Observable, ObservableCallback]> = []
  readonly #observed: Array<() => Promise<void>> = []
  #paused = false

  constructor(onError: (name: string, error: Error) => void) {
    this.#onError = onError
  }

  /** A single value. */
  value(name: string, observable: Observable, kind: Kind): Calculations<number> {
    const calculations = this.#calculations<number>(name)
    let sum = 0
    this.#add(observable, async result => {
      const values = await calculations.run()
      if (kind === 'latest') sum = 0
      sum += values.reduce((all, value) => all + value, 0)
      result.observe(sum)
    })
    return calculations
  }

  /** Values by a label. */
  group(name: string, observable: Observable, kind: Kind, label: Label): Calculations<Record<string, number>> {
    const calculations = this.#calculations<Record<string, number>>(name)
    const sums = new Map<string, number>()
    this.#add(observable, async result => {
      const groups = await calculations.run()
      // The SDK would go on showing the last value of what is gone.
      if (kind === 'latest') for (const key of sums.keys()) sums.set(key, 0)
      for (const [attributes, value] of groups.flatMap(group => entriesOf(label, group))) {
        const key = String(attributes[label.name])
        sums.set(key, (sums.get(key) ?? 0) + value)
      }
      for (const [key, sum] of sums) result.observe(sum, { [label.name]: key })
    })
    return calculations
  }

  /** What is given goes to `observe`: OpenTelemetry has no histograms that are asked. */
  observed<T>(name: string, observe: (value: T) => void): Calculations<T> {
    const calculations = this.#calculations<T>(name)
    this.#observed.push(async () => {
      for (const value of await calculations.run()) observe(value)
    })
    return calculations
  }

  pause(): void {
    if (this.#paused) return
    this.#paused = true
    for (const [observable, callback] of this.#callbacks) observable.removeCallback(callback)
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    for (const [observable, callback] of this.#callbacks) observable.addCallback(callback)
  }

  #calculations<T>(name: string): Calculations<T> {
    return new Calculations<T>(error => this.#onError(name, error))
  }

  #add(observable: Observable, callback: ObservableCallback): void {
    const first = this.#callbacks.length === 0
    // With the first of them, those without an instrument of their own are asked.
    const run: ObservableCallback = first
      ? async result => {
          await callback(result)
          for (const observe of this.#observed) await observe()
        }
      : callback
    this.#callbacks.push([observable, run])
    if (!this.#paused) observable.addCallback(run)
  }
}
