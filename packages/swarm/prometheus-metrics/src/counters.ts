import type { Counter, CounterGroup, MetricOptions } from '@libp2p/interface'
import { Counter as PromCounter } from 'prom-client'
import { type Context, entriesOf, type Registration, registration } from './registration.ts'

/** A value that goes up. What is calculated is added. */
export class PrometheusCounter implements Counter {
  readonly calculations: Registration<number>['calculations']
  private readonly _counter: PromCounter

  constructor(name: string, options: MetricOptions, context: Context, calculated: boolean) {
    const { config, calculations } = registration<number>(name, options, context)
    this.calculations = calculations
    const collect = async (): Promise<void> => {
      for (const value of await calculations.run()) this._counter.inc(value)
    }
    this._counter = new PromCounter(calculated ? { ...config, collect } : config)
  }

  increment(value: number = 1): void {
    this._counter.inc(value)
  }

  reset(): void {
    this._counter.reset()
  }
}

/** Values that go up, by a label. What is calculated is added. */
export class PrometheusCounterGroup implements CounterGroup {
  readonly calculations: Registration<Record<string, number>>['calculations']
  private readonly _counter: PromCounter
  private readonly _registration: Registration<Record<string, number>>

  constructor(name: string, options: MetricOptions, context: Context, calculated: boolean) {
    this._registration = registration(name, options, context)
    const { config, label, calculations } = this._registration
    this.calculations = calculations
    const collect = async (): Promise<void> => {
      for (const values of await calculations.run()) this.increment(values)
    }
    this._counter = new PromCounter({ ...config, labelNames: [label], ...(calculated ? { collect } : {}) })
  }

  increment(values: Partial<Record<string, number | true>>): void {
    const { label, values: known } = this._registration
    for (const [key, value] of entriesOf(values)) this._counter.inc({ [label]: known.of(key) }, value)
  }

  reset(): void {
    this._registration.values.clear()
    this._counter.reset()
  }
}
