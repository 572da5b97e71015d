import type {
  Histogram,
  HistogramGroup,
  HistogramOptions,
  StopTimer,
  Summary,
  SummaryGroup,
  SummaryOptions
} from '@libp2p/interface'
import { Histogram as PromHistogram, Summary as PromSummary } from 'prom-client'
import { type Context, entriesOf, type Registration, registration } from './registration.ts'

/** Both kinds of distribution, as far as they are the same. */
type PromDistribution = PromHistogram | PromSummary
type Collect = () => Promise<void>
type Config = Registration<unknown>['config'] & { labelNames: string[]; collect?: Collect }

// js-libp2p's, in seconds.
const defaultBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const defaultPercentiles = [0.01, 0.05, 0.5, 0.9, 0.95, 0.99, 0.999]
const defaultCompressCount = 1000

function histogram(config: Config, { buckets = defaultBuckets }: HistogramOptions): PromHistogram {
  return new PromHistogram({ ...config, buckets })
}

function summary(config: Config, options: SummaryOptions): PromSummary {
  const { percentiles = defaultPercentiles, compressCount = defaultCompressCount } = options
  const { maxAgeSeconds, ageBuckets, pruneAgedBuckets } = options
  return new PromSummary({
    ...config,
    percentiles,
    compressCount,
    ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
    ...(ageBuckets === undefined ? {} : { ageBuckets }),
    ...(pruneAgedBuckets === undefined ? {} : { pruneAgedBuckets })
  })
}

class Distribution<Options extends HistogramOptions | SummaryOptions> implements Histogram, Summary {
  readonly calculations: Registration<number>['calculations']
  private readonly _distribution: PromDistribution

  constructor(
    make: (config: Config, options: Options) => PromDistribution,
    name: string,
    options: Options,
    context: Context,
    calculated: boolean
  ) {
    const { config, calculations } = registration<number>(name, options, context)
    this.calculations = calculations
    const collect = async (): Promise<void> => {
      for (const value of await calculations.run()) this.observe(value)
    }
    this._distribution = make({ ...config, labelNames: [], ...(calculated ? { collect } : {}) }, options)
  }

  observe(value: number): void {
    this._distribution.observe(value)
  }

  reset(): void {
    this._distribution.reset()
  }

  timer(): StopTimer {
    return this._distribution.startTimer()
  }
}

class DistributionGroup<Options extends HistogramOptions | SummaryOptions> implements HistogramGroup, SummaryGroup {
  readonly calculations: Registration<Record<string, number>>['calculations']
  private readonly _distribution: PromDistribution
  private readonly _registration: Registration<Record<string, number>>

  constructor(
    make: (config: Config, options: Options) => PromDistribution,
    name: string,
    options: Options,
    context: Context,
    calculated: boolean
  ) {
    this._registration = registration(name, options, context)
    const { config, label, calculations } = this._registration
    this.calculations = calculations
    const collect = async (): Promise<void> => {
      for (const values of await calculations.run()) this.observe(values)
    }
    this._distribution = make({ ...config, labelNames: [label], ...(calculated ? { collect } : {}) }, options)
  }

  observe(values: Partial<Record<string, number>>): void {
    for (const [key, value] of entriesOf(values)) this._distribution.observe(this._labels(key), value)
  }

  reset(): void {
    this._registration.values.clear()
    this._distribution.reset()
  }

  timer(key: string): StopTimer {
    return this._distribution.startTimer(this._labels(key))
  }

  private _labels(key: string): Record<string, string> {
    const { label, values } = this._registration
    return { [label]: values.of(key) }
  }
}

type Make<Options, T> = (name: string, options: Options, context: Context, calculated: boolean) => T

export const prometheusHistogram: Make<HistogramOptions, Distribution<HistogramOptions>> = (...args) =>
  new Distribution(histogram, ...args)

export const prometheusHistogramGroup: Make<HistogramOptions, DistributionGroup<HistogramOptions>> = (...args) =>
  new DistributionGroup(histogram, ...args)

export const prometheusSummary: Make<SummaryOptions, Distribution<SummaryOptions>> = (...args) =>
  new Distribution(summary, ...args)

export const prometheusSummaryGroup: Make<SummaryOptions, DistributionGroup<SummaryOptions>> = (...args) =>
  new DistributionGroup(summary, ...args)
