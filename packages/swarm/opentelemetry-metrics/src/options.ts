import type { ComponentLogger, NodeInfo } from '@libp2p/interface'
import { flag, type OptionTable, text, whole } from '@weft/errors'

/** Options, with js-libp2p's names, meaning and defaults; `spans`, `maxProtocols` and `maxLabelValues` are weft's own. */
export interface OpenTelemetryMetricsInit {
  /** The name of the tracer. @default the node's `nodeInfo.name` */
  appName?: string
  /** The version of the tracer. @default the node's `nodeInfo.version` */
  appVersion?: string
  /** The name of the meter. @default the node's `nodeInfo.name` */
  meterName?: string
  /** A folder of the file system that `nodejs_fs_usage_bytes` is about. @default the working folder */
  statfsLocation?: string
  /**
   * Whether each dial, and each handshake of who dials this node, is a span; js-libp2p's nodes make none. Attributes name
   * addresses and peers, which the backend then keeps. @default false
   */
  spans?: boolean
  /** Protocols whose bytes are counted under their own name; the others are `other`. @default 64 */
  maxProtocols?: number
  /** Values of one label that have a time series of their own; the others are `other`. @default 256 */
  maxLabelValues?: number
}

/** What the metrics need of their node. */
export interface OpenTelemetryComponents {
  /** Names the tracer and the meter. */
  nodeInfo: NodeInfo
  /** Is told what could not be calculated. */
  logger: ComponentLogger
}

export const defaultMaxProtocols = 64
export const defaultMaxLabelValues = 256

/** What the options of `openTelemetryMetrics()` may be. */
export const openTelemetryOptions: OptionTable<OpenTelemetryMetricsInit> = {
  appName: text,
  appVersion: text,
  meterName: text,
  statfsLocation: text,
  spans: flag,
  maxProtocols: whole(1),
  maxLabelValues: whole(1)
}
