/**
 * Metrics and spans for OpenTelemetry: a drop-in for `@libp2p/opentelemetry-metrics`. It runs in weft's nodes and in
 * js-libp2p's.
 *
 * Differences from js-libp2p's: a traced function that rejects rejects for its caller too, and a generator that is left
 * ends its span; `timer()` gives seconds, as the names of the metrics say; summaries are histograms, and calculated
 * distributions are measured; bytes are counted without wrapping weft's streams; labels have a bounded number of values; a
 * node that was stopped is asked no more. `process_virtual_memory_bytes`, `nodejs_active_handles` and
 * `nodejs_active_requests`, which Node does not document, are left out.
 */
export { openTelemetryMetrics } from './opentelemetry-metrics.ts'
export type { OpenTelemetryComponents, OpenTelemetryMetricsInit } from './options.ts'
