import type { Observable, ObservableCallback } from '@opentelemetry/api'
import { Calculations } from '@weft/interface-metrics'
import { entriesOf, type Label } from './instruments.ts'

/** A metric that adds up what it is given, or shows the latest. */
type Kind = 'sum' | 'latest'

/** The metrics that are computed when they are read. While it is paused, nobody is asked. */
export class Calculated {
  private readonly _onError: (name: string, error: Error) => void
  private readonly _callbacks: Array<[Observable, ObservableCallback]> = []
  private readonly _observed: Array<() => Promise<void>> = []
  private _paused = false

  constructor(onError: (name: string, error: Error) => void) {
    this._onError = onError
  }

  /** A single value. */
  value(name: string, observable: Observable, kind: Kind): Calculations<number> {
    const calculations = this._calculations<number>(name)
    let sum = 0
    this._add(observable, async result => {
      const values = await calculations.run()
      if (kind === 'latest') sum = 0
      sum += values.reduce((all, value) => all + value, 0)
      result.observe(sum)
    })
    return calculations
  }

  /** Values by a label. */
  group(name: string, observable: Observable, kind: Kind, label: Label): Calculations<Record<string, number>> {
    const calculations = this._calculations<Record<string, number>>(name)
    const sums = new Map<string, number>()
    this._add(observable, async result => {
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
    const calculations = this._calculations<T>(name)
    this._observed.push(async () => {
      for (const value of await calculations.run()) observe(value)
    })
    return calculations
  }

  pause(): void {
    if (this._paused) return
    this._paused = true
    for (const [observable, callback] of this._callbacks) observable.removeCallback(callback)
  }

  resume(): void {
    if (!this._paused) return
    this._paused = false
    for (const [observable, callback] of this._callbacks) observable.addCallback(callback)
  }

  private _calculations<T>(name: string): Calculations<T> {
    return new Calculations<T>(error => this._onError(name, error))
  }

  private _add(observable: Observable, callback: ObservableCallback): void {
    const first = this._callbacks.length === 0
    // With the first of them, those without an instrument of their own are asked.
    const run: ObservableCallback = first
      ? async result => {
          await callback(result)
          for (const observe of this._observed) await observe()
        }
      : callback
    this._callbacks.push([observable, run])
    if (!this._paused) observable.addCallback(run)
  }
}
