import { statfs } from 'node:fs/promises'
import { totalmem } from 'node:os'
import type { Metrics } from '@libp2p/interface'
import { collectDefaultMetrics, type Registry } from 'prom-client'
import type { PrometheusMetricsInit } from './options.ts'

/** prom-client's metrics of the process, unless this registry has them. */
export function registerDefaultMetrics(registry: Registry, config: PrometheusMetricsInit['defaultMetrics'] = {}): void {
  const register = (config.register as Registry | undefined) ?? registry
  if (register.getSingleMetric(`${config.prefix ?? ''}process_cpu_user_seconds_total`) !== undefined) return
  collectDefaultMetrics({ ...config, register })
}

/** What js-libp2p measures of the process beside prom-client's own. */
export function registerProcessMetrics(metrics: Metrics, statfsLocation: string | undefined): void {
  metrics.registerMetricGroup('nodejs_memory_usage_bytes', {
    label: 'memory',
    help: 'Memory of the process by kind',
    calculate: () => ({ ...process.memoryUsage() })
  })
  metrics.registerMetric('nodejs_memory_total_bytes', { help: 'Memory of the machine' }).update(totalmem())
  metrics.registerMetricGroup('nodejs_fs_usage_bytes', {
    label: 'filesystem',
    help: 'Space of the file system: total, free, available to this user, used',
    calculate: async () => {
      const { bsize, blocks, bfree, bavail } = await statfs(statfsLocation ?? process.cwd())
      return {
        total: bsize * blocks,
        free: bsize * bfree,
        available: bsize * bavail,
        used: bsize * (blocks - bfree)
      }
    }
  })
}
