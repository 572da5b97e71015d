/** The contract's metrics on OpenTelemetry's instruments. */
import type {
  Counter,
  CounterGroup,
  Histogram,
  HistogramGroup,
  Metric,
  MetricGroup,
  StopTimer,
  Summary,
  SummaryGroup
} from '@libp2p/interface'
import type { LabelValues } from '@weft/interface-metrics'
import type { Attributes, Gauge, Counter as OTelCounter, Histogram as OTelHistogram } from '@opentelemetry/api'

/** The attribute of a group, with the values that it may have. */
export interface Label {
  readonly name: string
  readonly values: LabelValues
}

/** The entries of a group's values: attributes, and 1 where a key is there without a number. */
export function entriesOf(
  { name, values: known }: Label,
  values: Partial<Record<string, unknown>>
): Array<[Attributes, number]> {
  return Object.entries(values).map(([key, value]) => [
    { [name]: known.of(key) },
    typeof value === 'number' ? value : 1
  ])
}

/** A gauge that remembers: OpenTelemetry's knows no increments. */
class Level {
  private readonly _gauge: Gauge
  private readonly _last = new Map<string, { attributes: Attributes; value: number }>()

  constructor(gauge: Gauge) {
    this._gauge = gauge
  }

  set(attributes: Attributes, value: number): void {
    this._last.set(keyOf(attributes), { attributes, value })
    this._gauge.record(value, attributes)
  }

  add(attributes: Attributes, value: number): void {
    this.set(attributes, (this._last.get(keyOf(attributes))?.value ?? 0) + value)
  }

  reset(): void {
    for (const { attributes } of [...this._last.values()]) this.set(attributes, 0)
  }
}

export class OpenTelemetryMetric implements Metric {
  private readonly _level: Level

  constructor(gauge: Gauge) {
    this._level = new Level(gauge)
    this.update(0)
  }

  update(value: number): void {
    this._level.set({}, value)
  }

  increment(value: number = 1): void {
    this._level.add({}, value)
  }

  decrement(value: number = 1): void {
    this._level.add({}, -value)
  }

  reset(): void {
    this._level.reset()
  }

  timer(): StopTimer {
    return stopwatch(seconds => this.update(seconds))
  }
}

export class OpenTelemetryMetricGroup implements MetricGroup {
  private readonly _label: Label
  private readonly _level: Level

  constructor(gauge: Gauge, label: Label) {
    this._label = label
    this._level = new Level(gauge)
  }

  update(values: Partial<Record<string, number>>): void {
    for (const [attributes, value] of entriesOf(this._label, values)) this._level.set(attributes, value)
  }

  increment(values: Partial<Record<string, number | true>>): void {
    for (const [attributes, value] of entriesOf(this._label, values)) this._level.add(attributes, value)
  }

  decrement(values: Partial<Record<string, number | true>>): void {
    for (const [attributes, value] of entriesOf(this._label, values)) this._level.add(attributes, -value)
  }

  reset(): void {
    this._level.reset()
  }

  timer(key: string): StopTimer {
    return stopwatch(seconds => this.update({ [key]: seconds }))
  }
}

/** `reset()` does nothing: a counter of OpenTelemetry only goes up. */
export class OpenTelemetryCounter implements Counter {
  private readonly _counter: OTelCounter

  constructor(counter: OTelCounter) {
    this._counter = counter
  }

  increment(value: number = 1): void {
    this._counter.add(value)
  }

  reset(): void {}
}

/** `reset()` does nothing: a counter of OpenTelemetry only goes up. */
export class OpenTelemetryCounterGroup implements CounterGroup {
  private readonly _counter: OTelCounter
  private readonly _label: Label

  constructor(counter: OTelCounter, label: Label) {
    this._counter = counter
    this._label = label
  }

  increment(values: Partial<Record<string, number | true>>): void {
    for (const [attributes, value] of entriesOf(this._label, values)) this._counter.add(value, attributes)
  }

  reset(): void {}
}

/** Histograms and summaries: OpenTelemetry has histograms only. `reset()` does nothing. */
export class OpenTelemetryHistogram implements Histogram, Summary {
  private readonly _histogram: OTelHistogram

  constructor(histogram: OTelHistogram) {
    this._histogram = histogram
  }

  observe(value: number): void {
    this._histogram.record(value)
  }

  reset(): void {}

  timer(): StopTimer {
    return stopwatch(seconds => this.observe(seconds))
  }
}

/** Groups of histograms and summaries. `reset()` does nothing. */
export class OpenTelemetryHistogramGroup implements HistogramGroup, SummaryGroup {
  private readonly _histogram: OTelHistogram
  private readonly _label: Label

  constructor(histogram: OTelHistogram, label: Label) {
    this._histogram = histogram
    this._label = label
  }

  observe(values: Partial<Record<string, number>>): void {
    for (const [attributes, value] of entriesOf(this._label, values)) this._histogram.record(value, attributes)
  }

  reset(): void {}

  timer(key: string): StopTimer {
    return stopwatch(seconds => this.observe({ [key]: seconds }))
  }
}

/** In seconds, as the names of the metrics that are timed say. */
function stopwatch(stop: (seconds: number) => void): StopTimer {
  const began = performance.now()
  return () => stop((performance.now() - began) / 1000)
}

function keyOf(attributes: Attributes): string {
  return Object.values(attributes).join()
}
