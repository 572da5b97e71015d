import type { MetricOptions } from '@libp2p/interface'
import { Calculations, LabelValues } from '@weft/interface-metrics'
import type { Registry } from 'prom-client'
import { prometheusName } from './names.ts'

/** What all metrics of one registry have in common. */
export interface Context {
  readonly registry: Registry
  readonly maxLabelValues: number
  /** A metric could not be calculated. */
  readonly onError: (name: string, error: Error) => void
}

/** A metric on its way into the registry. */
export interface Registration<T> {
  /** For prom-client's constructors. */
  readonly config: { name: string; help: string; registers: Registry[] }
  readonly label: string
  readonly values: LabelValues
  readonly calculations: Calculations<T>
}

export function registration<T>(name: string, options: MetricOptions, context: Context): Registration<T> {
  return {
    config: { name: prometheusName(name), help: options.help ?? name, registers: [context.registry] },
    label: prometheusName(options.label ?? name),
    values: new LabelValues(context.maxLabelValues),
    calculations: new Calculations<T>(error => context.onError(name, error))
  }
}

/** The entries of a group's values, with 1 where a key is there without a number. */
export function entriesOf(values: Partial<Record<string, unknown>>): Array<[string, number]> {
  return Object.entries(values).map(([key, value]) => [key, typeof value === 'number' ? value : 1])
}
