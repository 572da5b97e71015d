import type { Metric, MetricGroup, MetricOptions, StopTimer } from '@libp2p/interface'
import { Gauge } from 'prom-client'
import { type Context, entriesOf, type Registration, registration } from './registration.ts'

/** A value that goes up and down. */
export class PrometheusMetric implements Metric {
  readonly calculations: Registration<number>['calculations']
  private readonly _gauge: Gauge

  constructor(name: string, options: MetricOptions, context: Context, calculated: boolean) {
    const { config, calculations } = registration<number>(name, options, context)
    this.calculations = calculations
    const collect = async (): Promise<void> => {
      this._gauge.set((await calculations.run()).reduce((sum, value) => sum + value, 0))
    }
    this._gauge = new Gauge(calculated ? { ...config, collect } : config)
  }

  update(value: number): void {
    this._gauge.set(value)
  }

  increment(value: number = 1): void {
    this._gauge.inc(value)
  }

  decrement(value: number = 1): void {
    this._gauge.dec(value)
  }

  reset(): void {
    this._gauge.reset()
  }

  timer(): StopTimer {
    return this._gauge.startTimer()
  }
}

/** Values that go up and down, by a label. */
export class PrometheusMetricGroup implements MetricGroup {
  readonly calculations: Registration<Record<string, number>>['calculations']
  private readonly _gauge: Gauge
  private readonly _registration: Registration<Record<string, number>>

  constructor(name: string, options: MetricOptions, context: Context, calculated: boolean) {
    this._registration = registration(name, options, context)
    const { config, label, calculations } = this._registration
    this.calculations = calculations
    const collect = async (): Promise<void> => {
      const all = await calculations.run()
      // What is not there any more must not stay at its last value.
      this._gauge.reset()
      for (const values of all) this.increment(values)
    }
    this._gauge = new Gauge({ ...config, labelNames: [label], ...(calculated ? { collect } : {}) })
  }

  update(values: Partial<Record<string, number>>): void {
    for (const [key, value] of entriesOf(values)) this._gauge.set(this._labels(key), value)
  }

  increment(values: Partial<Record<string, number | true>>): void {
    for (const [key, value] of entriesOf(values)) this._gauge.inc(this._labels(key), value)
  }

  decrement(values: Partial<Record<string, number | true>>): void {
    for (const [key, value] of entriesOf(values)) this._gauge.dec(this._labels(key), value)
  }

  reset(): void {
    this._registration.values.clear()
    this._gauge.reset()
  }

  timer(key: string): StopTimer {
    return this._gauge.startTimer(this._labels(key))
  }

  private _labels(key: string): Record<string, string> {
    const { label, values } = this._registration
    return { [label]: values.of(key) }
  }
}
