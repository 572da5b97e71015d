/**
 * Metrics for Prometheus: a drop-in for `@libp2p/prometheus-metrics`, with an HTTP endpoint. It runs in weft's nodes and
 * in js-libp2p's.
 *
 * Differences from js-libp2p's: bytes are counted without wrapping weft's streams; a calculated metric asks everyone who
 * registered under its name, drops values that are gone, and survives one who throws; labels have a bounded number of
 * values; `timer()` of a group of histograms or summaries works; the help text stays as it is; `nodejs_fs_usage_bytes`
 * says of `used` how many bytes are used; a registry of the user's is never cleared.
 */
export { exponentialBuckets, linearBuckets } from 'prom-client'
export { parseListen } from './endpoint.ts'
export type { ListenInit, PrometheusMetrics, PrometheusMetricsComponents, PrometheusMetricsInit } from './options.ts'
export { prometheusMetrics } from './prometheus-metrics.ts'
