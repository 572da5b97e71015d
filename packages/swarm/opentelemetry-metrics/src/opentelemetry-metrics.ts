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
import { checkOptions, InvalidParametersError } from '@weft/errors'
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
  defaultMaxLabelValues,
  defaultMaxProtocols,
  type OpenTelemetryComponents,
  type OpenTelemetryMetricsInit,
  openTelemetryOptions
} from './options.ts'
import { traceFunction } from './trace-function.ts'

/**
 * A factory for the option `metrics`, weft's or js-libp2p's. Measurements go to the global meter provider, spans to the
 * global tracer provider, as they are when the node is made. Throws `InvalidParametersError`, which names the option.
 */
export function openTelemetryMetrics(
  init: OpenTelemetryMetricsInit = {}
): (components: OpenTelemetryComponents) => Metrics {
  const tellNotices = checkOptions('openTelemetryMetrics', openTelemetryOptions, init)
  // The methods are the contract's overloads, which a class cannot spell without casts in each.
  return components => {
    tellNotices(components)
    return new Component(components, init) as unknown as Metrics
  }
}

type Options = MetricOptions & HistogramOptions & { calculate?: CalculateMetric<never> }

interface Registered {
  readonly kind: string
  readonly metric: unknown
}

class Component implements Startable {
  private readonly _log: Logger
  private readonly _meter: Meter
  private readonly _tracer: Tracer
  private readonly _tally: TransferTally
  private readonly _calculated: Calculated
  private readonly _maxLabelValues: number
  private readonly _registered = new Map<string, Registered>()
  private readonly _system: Startable
  private readonly _connectionTracer: ConnectionTracer | undefined

  static {
    Object.defineProperties(this.prototype, {
      [Symbol.toStringTag]: { value: '@libp2p/metrics-opentelemetry' },
      [serviceCapabilities]: { value: ['@libp2p/metrics'] },
      [tracerSymbol]: {
        get(this: Component) {
          return this._connectionTracer
        }
      }
    })
  }

  constructor({ nodeInfo, logger }: OpenTelemetryComponents, init: OpenTelemetryMetricsInit) {
    this._log = logger.forComponent('libp2p:open-telemetry-metrics')
    this._meter = metrics.getMeter(init.meterName ?? nodeInfo.name)
    this._tracer = trace.getTracer(init.appName ?? nodeInfo.name, init.appVersion ?? nodeInfo.version)
    this._tally = new TransferTally(init.maxProtocols ?? defaultMaxProtocols)
    this._maxLabelValues = init.maxLabelValues ?? defaultMaxLabelValues
    this._calculated = new Calculated((name, error) => this._log.error('could not calculate %s - %e', name, error))
    if (init.spans === true) this._connectionTracer = connectionTracer(this._tracer)
    this._registerTransfer()
    this._system = collectSystemMetrics(this as unknown as Metrics, init)
  }

  async start(): Promise<void> {
    this._calculated.resume()
    await this._system.start()
  }

  /** Afterwards a scrape does not ask the node any more, and nothing of it is held. */
  async stop(): Promise<void> {
    this._calculated.pause()
    await this._system.stop()
  }

  trackMultiaddrConnection(connection: MultiaddrConnection): void {
    this._tally.trackConnection(connection)
  }

  trackProtocolStream(stream: Stream): void {
    this._tally.trackStream(stream)
  }

  registerMetric(name: string, options: Options = {}): unknown {
    return this._register('metric', name, options, {
      make: () => new OpenTelemetryMetric(this._meter.createGauge(name, describe(name, options))),
      calculated: () =>
        this._calculated.value(name, this._meter.createObservableGauge(name, describe(name, options)), 'latest')
    })
  }

  registerMetricGroup(name: string, options: Options = {}): unknown {
    const label = this._label(name, options)
    return this._register('metric group', name, options, {
      make: () => new OpenTelemetryMetricGroup(this._meter.createGauge(name, describe(name, options)), label),
      calculated: () =>
        this._calculated.group(name, this._meter.createObservableGauge(name, describe(name, options)), 'latest', label)
    })
  }

  registerCounter(name: string, options: Options = {}): unknown {
    return this._register('counter', name, options, {
      make: () => new OpenTelemetryCounter(this._meter.createCounter(name, describe(name, options))),
      calculated: () =>
        this._calculated.value(name, this._meter.createObservableCounter(name, describe(name, options)), 'sum')
    })
  }

  registerCounterGroup(name: string, options: Options = {}): unknown {
    return this._registerCounterGroup(name, options, this._label(name, options))
  }

  registerHistogram(name: string, options: Options = {}): unknown {
    return this._registerHistogram('histogram', name, options)
  }

  registerHistogramGroup(name: string, options: Options = {}): unknown {
    return this._registerHistogramGroup('histogram group', name, options)
  }

  registerSummary(name: string, options: Options = {}): unknown {
    return this._registerHistogram('summary', name, options)
  }

  registerSummaryGroup(name: string, options: Options = {}): unknown {
    return this._registerHistogramGroup('summary group', name, options)
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
    return traceFunction(this._tracer, name, fn, options)
  }

  private _registerTransfer(): void {
    const options = {
      label: 'protocol',
      help: 'Bytes of all connections (global) and of the streams of each protocol, sent and received',
      calculate: (() => this._tally.take()) as CalculateMetric<never>
    }
    // The tally has its own limit: two values for each protocol.
    const label = { name: options.label, values: new LabelValues(Number.POSITIVE_INFINITY) }
    this._registerCounterGroup('libp2p_data_transfer_bytes_total', options, label)
  }

  private _registerCounterGroup(name: string, options: Options, label: Label): unknown {
    return this._register('counter group', name, options, {
      make: () => new OpenTelemetryCounterGroup(this._meter.createCounter(name, describe(name, options)), label),
      calculated: () =>
        this._calculated.group(name, this._meter.createObservableCounter(name, describe(name, options)), 'sum', label)
    })
  }

  private _registerHistogram(kind: string, name: string, options: Options): unknown {
    const make = (): OpenTelemetryHistogram =>
      new OpenTelemetryHistogram(this._meter.createHistogram(name, describe(name, options)))
    return this._register(kind, name, options, {
      make,
      calculated: () => {
        const histogram = make()
        return this._calculated.observed<number>(name, value => histogram.observe(value))
      }
    })
  }

  private _registerHistogramGroup(kind: string, name: string, options: Options): unknown {
    const label = this._label(name, options)
    const make = (): OpenTelemetryHistogramGroup =>
      new OpenTelemetryHistogramGroup(this._meter.createHistogram(name, describe(name, options)), label)
    return this._register(kind, name, options, {
      make,
      calculated: () => {
        const histogram = make()
        return this._calculated.observed<Record<string, number>>(name, values => histogram.observe(values))
      }
    })
  }

  private _label(name: string, options: Options): Label {
    return { name: options.label ?? name, values: new LabelValues(this._maxLabelValues) }
  }

  private _register(
    kind: string,
    name: string,
    { calculate }: Options,
    { make, calculated }: { make: () => unknown; calculated: () => { add(calculate: CalculateMetric<never>): void } }
  ): unknown {
    if (name == null || name.trim() === '') throw new InvalidParametersError('a metric needs a name')
    const full = calculate === undefined ? kind : `calculated ${kind}`
    let known = this._registered.get(name)
    if (known !== undefined && known.kind !== full) {
      throw new InvalidParametersError(`${name} is registered as a ${known.kind}, and cannot be a ${full}`)
    }
    if (known === undefined) {
      known = { kind: full, metric: calculate === undefined ? make() : calculated() }
      this._registered.set(name, known)
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
