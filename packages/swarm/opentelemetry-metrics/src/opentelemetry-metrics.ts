/** js-libp2p's metrics component, on OpenTelemetry's API. */
import type {
  CalculateMetric,
  HistogramOptions,
  Logger,
  MetricOptions,
  Metrics,
  MultiaddrConnection,
  Startable,
  Stream,
  TraceGeneratorFunctionOptions
} from '@libp2p/interface'
import { type Context, context, type Meter, metrics, type Tracer, trace } from '@opentelemetry/api'
import { InvalidParametersError } from '@weft/errors'
import {
  type ConnectionTracer,
  LabelValues,
  serviceCapabilities,
  TransferTally,
  tracerSymbol
} from '@weft/interface-metrics'
import { collectSystemMetrics } from '#system-metrics'
import { Calculated } from './calculated.ts'
import { connectionTracer } from './connection-tracer.ts'
import {
  type Label,
  OpenTelemetryCounter,
  OpenTelemetryCounterGroup,
  OpenTelemetryHistogram,
  OpenTelemetryHistogramGroup,
  OpenTelemetryMetric,
  OpenTelemetryMetricGroup
} from './instruments.ts'
import {
  checkOptions,
  defaultMaxLabelValues,
  defaultMaxProtocols,
  type OpenTelemetryComponents,
  type OpenTelemetryMetricsInit
} from './options.ts'
import { traceFunction } from './trace-function.ts'

/**
 * A factory for the option `metrics`, weft's or js-libp2p's. Measurements go to the global meter provider, spans to the
 * global tracer provider, as they are when the node is made. Throws `InvalidParametersError`, which names the option.
 */
export function openTelemetryMetrics(
  init: OpenTelemetryMetricsInit = {}
): (components: OpenTelemetryComponents) => Metrics {
  checkOptions(init)
  // The methods are the contract's overloads, which a class cannot spell without casts in each.
  return components => new Component(components, init) as unknown as Metrics
}

type Options = MetricOptions & HistogramOptions & { calculate?: CalculateMetric<never> }

interface Registered {
  readonly kind: string
  readonly metric: unknown
}

class Component implements Startable {
  readonly #log: Logger
  readonly #meter: Meter
  readonly #tracer: Tracer
  readonly #tally: TransferTally
  readonly #calculated: Calculated
  readonly #maxLabelValues: number
  readonly #registered = new Map<string, Registered>()
  readonly #system: Startable
  readonly #connectionTracer: ConnectionTracer | undefined

  static {
    Object.defineProperties(this.prototype, {
      [Symbol.toStringTag]: { value: '@libp2p/metrics-opentelemetry' },
      [serviceCapabilities]: { value: ['@libp2p/metrics'] },
      [tracerSymbol]: {
        get(this: Component) {
          return this.#connectionTracer
        }
      }
    })
  }

  constructor({ nodeInfo, logger }: OpenTelemetryComponents, init: OpenTelemetryMetricsInit) {
    this.#log = logger.forComponent('libp2p:open-telemetry-metrics')
    this.#meter = metrics.getMeter(init.meterName ?? nodeInfo.name)
    this.#tracer = trace.getTracer(init.appName ?? nodeInfo.name, init.appVersion ?? nodeInfo.version)
    this.#tally = new TransferTally(init.maxProtocols ?? defaultMaxProtocols)
    this.#maxLabelValues = init.maxLabelValues ?? defaultMaxLabelValues
    this.#calculated = new Calculated((name, error) => this.#log.error('could not calculate %s - %e', name, error))
    if (init.spans === true) this.#connectionTracer = connectionTracer(this.#tracer)
    this.#registerTransfer()
    this.#system = collectSystemMetrics(this as unknown as Metrics, init)
  }

  async start(): Promise<void> {
    this.#calculated.resume()
    await this.#system.start()
  }

  /** Afterwards a scrape does not ask the node any more, and nothing of it is held. */
  async stop(): Promise<void> {
    this.#calculated.pause()
    await this.#system.stop()
  }

  trackMultiaddrConnection(connection: MultiaddrConnection): void {
    this.#tally.trackConnection(connection)
  }

  trackProtocolStream(stream: Stream): void {
    this.#tally.trackStream(stream)
  }

  registerMetric(name: string, options: Options = {}): unknown {
    return this.#register('metric', name, options, {
      make: () => new OpenTelemetryMetric(this.#meter.createGauge(name, describe(name, options))),
      calculated: () =>
        this.#calculated.value(name, this.#meter.createObservableGauge(name, describe(name, options)), 'latest')
    })
  }

  registerMetricGroup(name: string, options: Options = {}): unknown {
    const label = this.#label(name, options)
    return this.#register('metric group', name, options, {
      make: () => new OpenTelemetryMetricGroup(this.#meter.createGauge(name, describe(name, options)), label),
      calculated: () =>
        this.#calculated.group(name, this.#meter.createObservableGauge(name, describe(name, options)), 'latest', label)
    })
  }

  registerCounter(name: string, options: Options = {}): unknown {
    return this.#register('counter', name, options, {
      make: () => new OpenTelemetryCounter(this.#meter.createCounter(name, describe(name, options))),
      calculated: () =>
        this.#calculated.value(name, this.#meter.createObservableCounter(name, describe(name, options)), 'sum')
    })
  }

  registerCounterGroup(name: string, options: Options = {}): unknown {
    return this.#registerCounterGroup(name, options, this.#label(name, options))
  }

  registerHistogram(name: string, options: Options = {}): unknown {
    return this.#registerHistogram('histogram', name, options)
  }

  registerHistogramGroup(name: string, options: Options = {}): unknown {
    return this.#registerHistogramGroup('histogram group', name, options)
  }

  registerSummary(name: string, options: Options = {}): unknown {
    return this.#registerHistogram('summary', name, options)
  }

  registerSummaryGroup(name: string, options: Options = {}): unknown {
    return this.#registerHistogramGroup('summary group', name, options)
  }

  /** The context that is active: spans of functions that are given it as `trace` are children of its span. */
  createTrace(): Context {
    return context.active()
  }

  traceFunction<F extends (...args: unknown[]) => unknown>(
    name: string,
    fn: F,
    options?: TraceGeneratorFunctionOptions<unknown[], unknown, unknown>
  ): F {
    return traceFunction(this.#tracer, name, fn, options)
  }

  #registerTransfer(): void {
    const options = {
      label: 'protocol',
      help: 'Bytes of all connections (global) and of the streams of each protocol, sent and received',
      calculate: (() => this.#tally.take()) as CalculateMetric<never>
    }
    // The tally has its own limit: two values for each protocol.
    const label = { name: options.label, values: new LabelValues(Number.POSITIVE_INFINITY) }
    this.#registerCounterGroup('libp2p_data_transfer_bytes_total', options, label)
  }

  #registerCounterGroup(name: string, options: Options, label: Label): unknown {
    return this.#register('counter group', name, options, {
      make: () => new OpenTelemetryCounterGroup(this.#meter.createCounter(name, describe(name, options)), label),
      calculated: () =>
        this.#calculated.group(name, this.#meter.createObservableCounter(name, describe(name, options)), 'sum', label)
    })
  }

  #registerHistogram(kind: string, name: string, options: Options): unknown {
    const make = (): OpenTelemetryHistogram =>
      new OpenTelemetryHistogram(this.#meter.createHistogram(name, describe(name, options)))
    return this.#register(kind, name, options, {
      make,
      calculated: () => {
        const histogram = make()
        return this.#calculated.observed<number>(name, value => histogram.observe(value))
      }
    })
  }

  #registerHistogramGroup(kind: string, name: string, options: Options): unknown {
    const label = this.#label(name, options)
    const make = (): OpenTelemetryHistogramGroup =>
      new OpenTelemetryHistogramGroup(this.#meter.createHistogram(name, describe(name, options)), label)
    return this.#register(kind, name, options, {
      make,
      calculated: () => {
        const histogram = make()
        return this.#calculated.observed<Record<string, number>>(name, values => histogram.observe(values))
      }
    })
  }

  #label(name: string, options: Options): Label {
    return { name: options.label ?? name, values: new LabelValues(this.#maxLabelValues) }
  }

  #register(
    kind: string,
    name: string,
    { calculate }: Options,
    { make, calculated }: { make: () => unknown; calculated: () => { add(calculate: CalculateMetric<never>): void } }
  ): unknown {
    if (name == null || name.trim() === '') throw new InvalidParametersError('a metric needs a name')
    const full = calculate === undefined ? kind : `calculated ${kind}`
    let known = this.#registered.get(name)
    if (known !== undefined && known.kind !== full) {
      throw new InvalidParametersError(`${name} is registered as a ${known.kind}, and cannot be a ${full}`)
    }
    if (known === undefined) {
      known = { kind: full, metric: calculate === undefined ? make() : calculated() }
      this.#registered.set(name, known)
    }
    if (calculate === undefined) return known.metric
    ;(known.metric as ReturnType<typeof calculated>).add(calculate)
    return undefined
  }
}

function describe(name: string, { help, buckets }: Options): { description: string; advice?: object } {
  return {
    description: help ?? name,
    ...(buckets === undefined ? {} : { advice: { explicitBucketBoundaries: buckets } })
  }
}
