import type { Metrics, Startable } from '@libp2p/interface'

/** A browser tells nothing of its process. */
export function collectSystemMetrics(_metrics: Metrics, _options: { statfsLocation?: string }): Startable {
  return { start() {}, stop() {} }
}
