/** What js-libp2p measures of the process, under prom-client's names. */
import { readdirSync, readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { totalmem } from 'node:os'
import {
  constants,
  type EntryType,
  type IntervalHistogram,
  monitorEventLoopDelay,
  PerformanceObserver
} from 'node:perf_hooks'
import { getHeapSpaceStatistics } from 'node:v8'
import type { Metrics, Startable } from '@libp2p/interface'

/** Registers all; what costs something while nobody reads it, the clock of the event loop and that of the collector, runs between `start()` and `stop()`. */
export function collectSystemMetrics(metrics: Metrics, { statfsLocation }: { statfsLocation?: string }): Startable {
  memory(metrics)
  fileSystem(metrics, statfsLocation)
  cpu(metrics)
  files(metrics)
  heapSpaces(metrics)
  resources(metrics)
  const parts = [eventLoop(metrics), garbageCollector(metrics)]
  return {
    start: () => parts.forEach(part => part.start()),
    stop: () => parts.forEach(part => part.stop())
  }
}

interface Clock {
  start(): void
  stop(): void
}

function gauge(metrics: Metrics, name: string, help: string, calculate: () => number): void {
  metrics.registerMetric(name, { help, calculate })
}

function memory(metrics: Metrics): void {
  metrics.registerMetricGroup('nodejs_memory_usage_bytes', {
    label: 'memory',
    help: 'Memory of the process by kind',
    calculate: () => ({ ...process.memoryUsage() })
  })
  metrics.registerMetric('nodejs_memory_total_bytes', { help: 'Memory of the machine' }).update(totalmem())
  const of = (kind: keyof NodeJS.MemoryUsage) => (): number => process.memoryUsage()[kind]
  gauge(metrics, 'process_resident_memory_bytes', 'Resident memory', of('rss'))
  gauge(metrics, 'process_heap_bytes', 'Heap of the process', of('heapTotal'))
  gauge(metrics, 'nodejs_heap_size_total_bytes', 'Heap of Node.js', of('heapTotal'))
  gauge(metrics, 'nodejs_heap_size_used_bytes', 'Used heap of Node.js', of('heapUsed'))
  gauge(metrics, 'nodejs_external_memory_bytes', 'Memory of Node.js outside its heap', of('external'))
}

function fileSystem(metrics: Metrics, location: string | undefined): void {
  metrics.registerMetricGroup('nodejs_fs_usage_bytes', {
    label: 'filesystem',
    help: 'Space of the file system: total, free, available to this user, used',
    calculate: async () => {
      const { bsize, blocks, bfree, bavail } = await statfs(location ?? process.cwd())
      return { total: bsize * blocks, free: bsize * bfree, available: bsize * bavail, used: bsize * (blocks - bfree) }
    }
  })
}

function cpu(metrics: Metrics): void {
  // Each counter is given what came since it was last read.
  const since = (part: (usage: NodeJS.CpuUsage) => number): (() => number) => {
    let last = 0
    return () => {
      const now = part(process.cpuUsage())
      const added = (now - last) / 1e6
      last = now
      return added
    }
  }
  const counter = (name: string, help: string, part: (usage: NodeJS.CpuUsage) => number): void =>
    metrics.registerCounter(name, { help, calculate: since(part) })
  counter('process_cpu_user_seconds_total', 'CPU time of the process in its own code', ({ user }) => user)
  counter('process_cpu_system_seconds_total', 'CPU time of the process in the system', ({ system }) => system)
  counter('process_cpu_seconds_total', 'CPU time of the process', ({ user, system }) => user + system)
  metrics
    .registerMetric('process_start_time_seconds', { help: 'When the process started, in seconds since 1970' })
    .update(Math.round(Date.now() / 1000 - process.uptime()))
  const [major, minor, patch] = process.version.slice(1).split('.')
  metrics
    .registerMetricGroup('nodejs_version_info', { label: 'version', help: 'The version of Node.js' })
    .update({ [`${major}.${minor}.${patch}`]: 1 })
}

/** Only Linux says how many there are. */
function files(metrics: Metrics): void {
  if (process.platform !== 'linux') return
  const max = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
  if (max !== undefined) {
    metrics.registerMetric('process_max_fds', { help: 'File descriptors that may be open' }).update(Number(max))
  }
  // Without the one that reading the folder takes.
  gauge(metrics, 'process_open_fds', 'Open file descriptors', () => readdirSync('/proc/self/fd').length - 1)
}

function heapSpaces(metrics: Metrics): void {
  const by = (field: 'space_size' | 'space_used_size' | 'space_available_size') => (): Record<string, number> =>
    Object.fromEntries(getHeapSpaceStatistics().map(space => [space.space_name.replace(/_space$/, ''), space[field]]))
  const group = (kind: string, calculate: () => Record<string, number>): void =>
    metrics.registerMetricGroup(`nodejs_heap_space_size_${kind}_bytes`, {
      label: 'space',
      help: `Spaces of the heap: ${kind}`,
      calculate
    })
  group('total', by('space_size'))
  group('used', by('space_used_size'))
  group('available', by('space_available_size'))
}

function resources(metrics: Metrics): void {
  metrics.registerMetricGroup('nodejs_active_resources', {
    label: 'type',
    help: 'What keeps the event loop alive, by type',
    calculate: () => {
      const counts: Record<string, number> = {}
      for (const type of process.getActiveResourcesInfo()) counts[type] = (counts[type] ?? 0) + 1
      return counts
    }
  })
  gauge(metrics, 'nodejs_active_resources_total', 'What keeps the event loop alive', () => {
    return process.getActiveResourcesInfo().length
  })
}

function eventLoop(metrics: Metrics): Clock {
  const histogram = monitorEventLoopDelay()
  const lag = (name: string, help: string, read: (from: IntervalHistogram) => number): void =>
    gauge(metrics, `nodejs_eventloop_lag_${name}_seconds`, help, () => {
      const nanoseconds = read(histogram)
      return Number.isFinite(nanoseconds) && histogram.count > 0 ? nanoseconds / 1e9 : 0
    })
  lag('min', 'Least delay of the event loop', ({ min }) => min)
  lag('max', 'Greatest delay of the event loop', ({ max }) => max)
  lag('mean', 'Mean delay of the event loop', ({ mean }) => mean)
  lag('stddev', 'Standard deviation of the delay of the event loop', ({ stddev }) => stddev)
  for (const percentile of [50, 90, 99]) {
    lag(`p${percentile}`, `Percentile ${percentile} of the delay of the event loop`, from =>
      from.percentile(percentile)
    )
  }
  metrics.registerMetric('nodejs_eventloop_lag_seconds', {
    help: 'Delay of the event loop now',
    calculate: async () => {
      const began = performance.now()
      await new Promise(resolve => setImmediate(resolve))
      // What was measured since the last reading is read.
      histogram.reset()
      return (performance.now() - began) / 1000
    }
  })
  return { start: () => void histogram.enable(), stop: () => void histogram.disable() }
}

const collections = new Map([
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb']
])

interface Collection {
  readonly detail: { readonly kind: number }
  /** Milliseconds. */
  readonly duration: number
}

function garbageCollector(metrics: Metrics): Clock {
  const histogram = metrics.registerHistogramGroup('nodejs_gc_duration_seconds', {
    label: 'kind',
    help: 'Time that garbage collection takes, by kind',
    buckets: [0.001, 0.01, 0.1, 1, 2, 5]
  })
  const observer = new PerformanceObserver(list => {
    // Node's types say nothing of the details of an entry.
    for (const { detail, duration } of list.getEntries() as unknown as Collection[]) {
      histogram.observe({ [collections.get(detail.kind) ?? 'other']: duration / 1000 })
    }
  })
  return {
    start: () => observer.observe({ entryTypes: ['gc' satisfies EntryType] }),
    stop: () => observer.disconnect()
  }
}
