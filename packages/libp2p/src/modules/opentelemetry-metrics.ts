// Written by scripts/facade-manifest.mjs.
export type { OpenTelemetryComponents, OpenTelemetryMetricsInit } from '@weft/opentelemetry-metrics'
export { openTelemetryMetrics } from '@weft/opentelemetry-metrics'
