import type { Metric, MetricGroup, MetricOptions, StopTimer } from '@libp2p/interface'
import { Gauge } from 'prom-client'
import { type Context, entriesOf, type Registration, registration } from './registration.ts'

/** A value that goes up and down. */
export class PrometheusMetric implements Metric {
  readonly calculations: Registration<number>['calculations']
  readonly #gauge: Gauge

  constructor(name: string, options: MetricOptions, context: Context, calculated: boolean) {
    const { config, calculations } = registration<number>(name, options, context)
    this.calculations = calculations
    const collect = async (): Promise<void> => {
      this.#gauge.set((await calculations.run()).reduce((sum, value) => sum + value, 0))
    }
    this.#gauge = new Gauge(calculated ? { ...config, collect } : config)
  }

  update(value: number): void {
    this.#gauge.set(value)
  }

  increment(value: number = 1): void {
    this.#gauge.inc(value)
  }

  decrement(value: number = 1): void {
    this.#gauge.dec(value)
  }

  reset(): void {
    this.#gauge.reset()
  }

  timer(): StopTimer {
    return this.#gauge.startTimer()
  }
}

/** Values that go up and down, by a label. */
export class PrometheusMetricGroup implements MetricGroup {
  readonly calculations: Registration<Record<string, number>>['calculations']
  readonly #gauge: Gauge
  readonly #registration: Registration<Record<string, number>>

  constructor(name: string, options: MetricOptions, context: Context, calculated: boolean) {
    this.#registration = registration(name, options, context)
    const { config, label, calculations } = this.#registration
    this.calculations = calculations
    const collect = async (): Promise<void> => {
      const all = await calculations.run()
      // What is not there any more must not stay at its last value.
      this.#gauge.reset()
      for (const values of all) this.increment(values)
    }
    this.#gauge = new Gauge({ ...config, labelNames: [label], ...(calculated ? { collect } : {}) })
  }

  update(values: Partial<Record<string, number>>): void {
    for (const [key, value] of entriesOf(values)) this.#gauge.set(this.#labels(key), value)
  }

  increment(values: Partial<Record<string, number | true>>): void {
    for (const [key, value] of entriesOf(values)) this.#gauge.inc(this.#labels(key), value)
  }

  decrement(values: Partial<Record<string, number | true>>): void {
    for (const [key, value] of entriesOf(values)) this.#gauge.dec(this.#labels(key), value)
  }

  reset(): void {
    this.#registration.values.clear()
    this.#gauge.reset()
  }

  timer(key: string): StopTimer {
    return this.#gauge.startTimer(this.#labels(key))
  }

  #labels(key: string): Record<string, string> {
    const { label, values } = this.#registration
    return { [label]: values.of(key) }
  }
}
