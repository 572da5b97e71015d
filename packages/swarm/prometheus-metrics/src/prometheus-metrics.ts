/** js-libp2p's metrics component, on prom-client. */
import type {
  CalculateMetric,
  HistogramOptions,
  Logger,
  MetricOptions,
  Metrics,
  MultiaddrConnection,
  Startable,
  Stream,
  SummaryOptions
} from '@libp2p/interface'
import { checkOptions, InvalidParametersError } from '@weft/errors'
import { type Calculations, serviceCapabilities, TransferTally } from '@weft/interface-metrics'
import { type Registry, register as globalRegistry } from 'prom-client'
import { PrometheusCounter, PrometheusCounterGroup } from './counters.ts'
import {
  prometheusHistogram,
  prometheusHistogramGroup,
  prometheusSummary,
  prometheusSummaryGroup
} from './distributions.ts'
import { Endpoint } from './endpoint.ts'
import { PrometheusMetric, PrometheusMetricGroup } from './gauges.ts'
import { prometheusName } from './names.ts'
import {
  defaultMaxLabelValues,
  defaultMaxProtocols,
  type PrometheusMetrics,
  type PrometheusMetricsComponents,
  type PrometheusMetricsInit,
  prometheusOptions
} from './options.ts'
import { registerDefaultMetrics, registerProcessMetrics } from './process-metrics.ts'
import type { Context } from './registration.ts'

/**
 * A factory for the option `metrics`, weft's or js-libp2p's. Throws `InvalidParametersError`, which names the option; a
 * node whose endpoint cannot listen does not start.
 */
export function prometheusMetrics(
  init: PrometheusMetricsInit = {}
): (components: PrometheusMetricsComponents) => PrometheusMetrics {
  const tellNotices = checkOptions('prometheusMetrics', prometheusOptions, init)
  // The methods are the contract's overloads, which a class cannot spell without casts in each.
  return components => {
    tellNotices(components)
    return new Component(components, init) as unknown as PrometheusMetrics
  }
}

interface Registered {
  readonly kind: string
  readonly metric: { readonly calculations: Pick<Calculations<never>, 'add'> }
}

type Options = MetricOptions & { calculate?: CalculateMetric<never> }
type Make = (name: string, options: Options, context: Context, calculated: boolean) => Registered['metric']

// A registry outlives nodes, and several may share it: what it has is known here, by name.
const registered = new WeakMap<Registry, Map<string, Registered>>()

class Component implements Startable {
  readonly registry: Registry
  private readonly _log: Logger
  private readonly _context: Context
  private readonly _tally: TransferTally
  private readonly _endpoint: Endpoint | undefined

  static {
    Object.defineProperties(this.prototype, {
      [Symbol.toStringTag]: { value: '@libp2p/metrics-prometheus' },
      [serviceCapabilities]: { value: ['@libp2p/metrics'] }
    })
  }

  constructor({ logger }: PrometheusMetricsComponents, init: PrometheusMetricsInit) {
    this._log = logger.forComponent('libp2p:prometheus-metrics')
    this.registry = init.registry ?? globalRegistry
    this._context = {
      registry: this.registry,
      maxLabelValues: init.maxLabelValues ?? defaultMaxLabelValues,
      onError: (name, error) => this._log.error('could not calculate %s - %e', name, error)
    }
    this._tally = new TransferTally(init.maxProtocols ?? defaultMaxProtocols)
    if (init.registry === undefined && init.preserveExistingMetrics !== true) globalRegistry.clear()
    if (init.collectDefaultMetrics !== false) registerDefaultMetrics(this.registry, init.defaultMetrics)
    if (init.listen !== undefined) {
      const read = (): Promise<string> => this.registry.metrics()
      this._endpoint = new Endpoint(init.listen, { contentType: this.registry.contentType, read }, this._log)
    }
    this._registerTransfer()
    registerProcessMetrics(this as unknown as Metrics, init.statfsLocation)
  }

  get endpoint(): string | undefined {
    return this._endpoint?.url
  }

  async start(): Promise<void> {
    await this._endpoint?.start()
  }

  async stop(): Promise<void> {
    await this._endpoint?.stop()
  }

  trackMultiaddrConnection(connection: MultiaddrConnection): void {
    this._tally.trackConnection(connection)
  }

  trackProtocolStream(stream: Stream): void {
    this._tally.trackStream(stream)
  }

  registerMetric(name: string, options?: Options): unknown {
    return this._register('metric', (...args) => new PrometheusMetric(...args), name, options)
  }

  registerMetricGroup(name: string, options?: Options): unknown {
    return this._register('metric group', (...args) => new PrometheusMetricGroup(...args), name, options)
  }

  registerCounter(name: string, options?: Options): unknown {
    return this._register('counter', (...args) => new PrometheusCounter(...args), name, options)
  }

  registerCounterGroup(name: string, options?: Options): unknown {
    return this._register('counter group', (...args) => new PrometheusCounterGroup(...args), name, options)
  }

  registerHistogram(name: string, options?: Options & HistogramOptions): unknown {
    return this._register('histogram', prometheusHistogram, name, options)
  }

  registerHistogramGroup(name: string, options?: Options & HistogramOptions): unknown {
    return this._register('histogram group', prometheusHistogramGroup, name, options)
  }

  registerSummary(name: string, options?: Options & SummaryOptions): unknown {
    return this._register('summary', prometheusSummary, name, options)
  }

  registerSummaryGroup(name: string, options?: Options & SummaryOptions): unknown {
    return this._register('summary group', prometheusSummaryGroup, name, options)
  }

  /** Prometheus has no traces. */
  createTrace(): undefined {
    return undefined
  }

  traceFunction<F>(_name: string, fn: F): F {
    return fn
  }

  private _registerTransfer(): void {
    const options = {
      label: 'protocol',
      help: 'Bytes of all connections (global) and of the streams of each protocol, sent and received',
      calculate: (() => this._tally.take()) as CalculateMetric<never>
    }
    // The tally has its own limit: two values for each protocol.
    const context = { ...this._context, maxLabelValues: Number.POSITIVE_INFINITY }
    const make: Make = (name, given, _, calculated) => new PrometheusCounterGroup(name, given, context, calculated)
    this._register('counter group', make, 'libp2p_data_transfer_bytes_total', options)
  }

  private _register(kind: string, make: Make, name: string, options: Options = {}): unknown {
    const key = prometheusName(name ?? '')
    const { calculate } = options
    const full = calculate === undefined ? kind : `calculated ${kind}`
    const known = this._known(key)
    if (known !== undefined && known.kind !== full) {
      throw new InvalidParametersError(`${name} is registered as a ${known.kind}, and cannot be a ${full}`)
    }
    const metric = known?.metric ?? this._make(full, make, key, options)
    if (calculate === undefined) return metric
    metric.calculations.add(calculate)
    return undefined
  }

  /** What has this name, unless somebody has cleared the registry. */
  private _known(key: string): Registered | undefined {
    return this.registry.getSingleMetric(key) === undefined ? undefined : registered.get(this.registry)?.get(key)
  }

  private _make(kind: string, make: Make, key: string, options: Options): Registered['metric'] {
    let metric: Registered['metric']
    try {
      metric = make(key, options, this._context, options.calculate !== undefined)
    } catch (cause) {
      throw new InvalidParametersError(`${key} cannot be registered: ${(cause as Error).message}`, { cause })
    }
    const all = registered.get(this.registry) ?? new Map<string, Registered>()
    registered.set(this.registry, all.set(key, { kind, metric }))
    return metric
  }
}
