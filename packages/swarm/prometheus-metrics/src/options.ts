import type { ComponentLogger, Metrics } from '@libp2p/interface'
import { anObject, flag, group, having, needed, type OptionTable, text, whole } from '@weft/errors'
import type { DefaultMetricsCollectorConfiguration, Registry, RegistryContentType } from 'prom-client'

/** Options, with js-libp2p's names, meaning and defaults; `listen`, `maxProtocols` and `maxLabelValues` are weft's own. */
export interface PrometheusMetricsInit {
  /** Where metrics are registered. @default prom-client's global registry */
  registry?: Registry
  /** Whether CPU, memory, event loop and garbage collection of the process are measured as well. @default true */
  collectDefaultMetrics?: boolean
  /** Given to prom-client's `collectDefaultMetrics()`. */
  defaultMetrics?: DefaultMetricsCollectorConfiguration<RegistryContentType>
  /**
   * Whether what is in the global registry stays there. Otherwise it is cleared, so that the names of an earlier node are
   * free again. A registry that is given as `registry` is never cleared. @default false
   */
  preserveExistingMetrics?: boolean
  /** A folder of the file system that `nodejs_fs_usage_bytes` is about. @default the working folder */
  statfsLocation?: string
  /** Where an endpoint answers `GET /metrics` while the node runs. @default none */
  listen?: ListenInit
  /** Protocols whose bytes are counted under their own name; the others are `other`. @default 64 */
  maxProtocols?: number
  /** Values of one label that have a time series of their own; the others are `other`. @default 256 */
  maxLabelValues?: number
}

/** The endpoint's address. */
export interface ListenInit {
  /** An address of this machine. Anyone who reaches it can read all metrics. @default '127.0.0.1' */
  host?: string
  /** 0 takes a free one: see `PrometheusMetrics.endpoint`. */
  port: number
}

/** What the metrics need of their node. */
export interface PrometheusMetricsComponents {
  /** Is told where the endpoint is, and what could not be calculated. */
  logger: ComponentLogger
}

/** The component `metrics`. */
export interface PrometheusMetrics extends Metrics {
  /** Where all metrics are, for a web server of your own. */
  readonly registry: Registry
  /** The address of the endpoint while the node runs, such as `http://127.0.0.1:9090/metrics`. */
  readonly endpoint: string | undefined
  /** Opens the endpoint; the node does it. Rejects with `ListenError` if the address cannot be listened on. */
  start(): Promise<void>
  /** Closes the endpoint; the node does it. */
  stop(): Promise<void>
}

export const defaultMaxProtocols = 64
// Directions of 64 protocols, and their errors: no metric of a node has more by itself.
export const defaultMaxLabelValues = 256

/** What the options of `prometheusMetrics()` may be. */
export const prometheusOptions: OptionTable<PrometheusMetricsInit> = {
  registry: having('a registry of prom-client', 'registerMetric'),
  collectDefaultMetrics: flag,
  defaultMetrics: anObject,
  preserveExistingMetrics: flag,
  statfsLocation: text,
  listen: group({ host: text, port: needed(whole(0, 65_535)) } satisfies OptionTable<ListenInit>),
  maxProtocols: whole(1),
  maxLabelValues: whole(1)
}
