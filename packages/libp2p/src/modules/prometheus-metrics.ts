// Written by scripts/facade-manifest.mjs.
export type {
  ListenInit,
  PrometheusMetrics,
  PrometheusMetricsComponents,
  PrometheusMetricsInit
} from '@weft/prometheus-metrics'
export { exponentialBuckets, linearBuckets, parseListen, prometheusMetrics } from '@weft/prometheus-metrics'
