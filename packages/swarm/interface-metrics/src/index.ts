/**
 * The contract of metrics: what `@libp2p/interface` 3.3 calls `Metrics`, with what its implementations share. A node
 * without the option `metrics` has no such component, and nothing is measured.
 */
export type {
  CalculatedHistogramOptions,
  CalculatedMetricOptions,
  CalculatedSummaryOptions,
  CalculateMetric,
  Counter,
  CounterGroup,
  Histogram,
  HistogramGroup,
  HistogramOptions,
  Metric,
  MetricGroup,
  MetricOptions,
  Metrics,
  StopTimer,
  Summary,
  SummaryGroup,
  SummaryOptions
} from '@libp2p/interface'
export { Calculations } from './calculations.ts'
export { LabelValues, otherValue } from './label-values.ts'
export { serviceCapabilities } from './symbols.ts'
export {
  type ConnectionTracer,
  type DialTracer,
  type DialTracerStep,
  type HandshakeTracer,
  tracerOf,
  tracerSymbol
} from './tracer.ts'
export { TransferTally } from './transfer-tally.ts'
