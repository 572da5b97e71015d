/** The contract suite of metrics. */
export { type MetricsSetup, metricsSuite, type Sample } from './metrics-suite.ts'
