import { metrics, trace } from '@opentelemetry/api'
import { DataPointType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { Sample } from '@weft/interface-metrics/compliance'

class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** Makes an SDK of its own the global one, and reads what comes there. */
export function providers(): { read: () => Promise<Sample[]>; spans: InMemorySpanExporter; remove: () => void } {
  const reader = new Reader()
  const spans = new InMemorySpanExporter()
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }))
  const remove = (): void => {
    metrics.disable()
    trace.disable()
  }
  return { read: () => read(reader), spans, remove }
}

async function read(reader: MetricReader): Promise<Sample[]> {
  const { resourceMetrics, errors } = await reader.collect()
  if (errors.length > 0) throw errors[0]
  return resourceMetrics.scopeMetrics.flatMap(scope =>
    scope.metrics.flatMap(metric => {
      const { name } = metric.descriptor
      const samples: Sample[] = []
      for (const { attributes, value } of metric.dataPoints) {
        const labels = attributes as Record<string, string>
        if (metric.dataPointType === DataPointType.HISTOGRAM) {
          const { sum = 0, count } = value as { sum?: number; count: number }
          samples.push({ name: `${name}_sum`, labels, value: sum }, { name: `${name}_count`, labels, value: count })
        } else samples.push({ name, labels, value: value as number })
      }
      return samples
    })
  )
}
