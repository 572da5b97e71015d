import { metricsSuite } from '@weft/interface-metrics/compliance'
import { Gauge, Registry, register } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { parseExposition, samplesOf } from '../test/exposition.ts'
import { logger } from '../test/logger.ts'
import { type PrometheusMetricsInit, prometheusMetrics } from './index.ts'

const quiet = { collectDefaultMetrics: false } satisfies PrometheusMetricsInit

metricsSuite(
  { describe, it, expect },
  {
    async setup() {
      const registry = new Registry()
      const metrics = prometheusMetrics({ ...quiet, registry, maxProtocols: 3, maxLabelValues: 5 })({
        logger: logger()
      })
      return { metrics, read: async () => samplesOf(await registry.metrics()) }
    }
  }
)

describe('prometheusMetrics()', () => {
  it('measures the process', async () => {
    const registry = new Registry()
    prometheusMetrics({ registry })({ logger: logger() })
    const families = parseExposition(await registry.metrics())
    for (const name of [
      'nodejs_memory_usage_bytes',
      'nodejs_memory_total_bytes',
      'nodejs_fs_usage_bytes',
      'process_cpu_user_seconds_total',
      'nodejs_eventloop_lag_p99_seconds'
    ]) {
      expect(families.get(name)?.samples.length, name).toBeGreaterThan(0)
    }
    const space = Object.fromEntries(
      families.get('nodejs_fs_usage_bytes')!.samples.map(({ labels, value }) => [labels['filesystem'], value])
    )
    expect(space['used']! + space['free']!).toBe(space['total'])
  })

  it('clears the global registry for a new node, unless it is told not to, and never one of the user’s', async () => {
    const own = new Registry()
    for (const registry of [register, own]) {
      new Gauge({ name: 'of_the_user', help: 'x', registers: [registry] })
    }
    prometheusMetrics({ preserveExistingMetrics: true })({ logger: logger() })
    expect(register.getSingleMetric('of_the_user')).toBeDefined()
    // Its default metrics are there already.
    prometheusMetrics({ preserveExistingMetrics: true })({ logger: logger() })
    prometheusMetrics({ registry: own })({ logger: logger() })
    expect(register.getSingleMetric('of_the_user')).toBeDefined()
    expect(own.getSingleMetric('of_the_user')).toBeDefined()
    const metrics = prometheusMetrics()({ logger: logger() })
    expect(register.getSingleMetric('of_the_user')).toBeUndefined()
    expect(metrics.registry).toBe(register)
    metrics.registerMetric('some').update(1)
    register.clear()
    metrics.registerMetric('some').update(2)
    expect(samplesOf(await register.metrics())).toContainEqual({ name: 'some', labels: {}, value: 2 })
    register.clear()
  })

  it('adds up what two nodes of one registry calculate', async () => {
    const registry = new Registry()
    for (const value of [1, 2]) {
      const metrics = prometheusMetrics({ ...quiet, registry })({ logger: logger() })
      metrics.registerMetric('libp2p_some', { calculate: () => value })
    }
    expect(samplesOf(await registry.metrics())).toContainEqual({ name: 'libp2p_some', labels: {}, value: 3 })
  })

  it('makes names of what is none, as js-libp2p does, and keeps the help text', async () => {
    const registry = new Registry()
    const metrics = prometheusMetrics({ ...quiet, registry })({ logger: logger() })
    const help = 'What "it" is: a\nvalue.'
    metrics.registerMetricGroup('some-metric_0.0.0.0:1', { label: 'a--b', help }).update({ '/x/"1"': 1 })
    const family = parseExposition(await registry.metrics()).get('some_metric_0_0_0_0_1')
    expect(family?.help).toBe('What "it" is: a\\nvalue.')
    expect(family?.samples[0]?.labels).toEqual({ a_b: '/x/"1"' })
    expect(() => metrics.registerMetric('1st')).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
    new Gauge({ name: 'taken', help: 'x', registers: [registry] })
    expect(() => metrics.registerMetric('taken')).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
  })

  it('says in the log what could not be calculated', async () => {
    const errors: unknown[][] = []
    const registry = new Registry()
    const metrics = prometheusMetrics({ ...quiet, registry })({ logger: logger(errors) })
    const failure = new Error('gone')
    metrics.registerMetric('some', { calculate: () => Promise.reject(failure) })
    parseExposition(await registry.metrics())
    expect(errors).toEqual([['could not calculate %s - %e', 'some', failure]])
  })

  it('asks no more than 64 functions for one metric, the last ones', async () => {
    const registry = new Registry()
    const metrics = prometheusMetrics({ ...quiet, registry })({ logger: logger() })
    for (let i = 0; i < 70; i++) metrics.registerMetricGroup('some', { calculate: () => ({ [`k${i}`]: 1 }) })
    const keys = samplesOf(await registry.metrics()).filter(({ name }) => name === 'some')
    expect(keys.map(({ labels }) => labels['some'])).toEqual(Array.from({ length: 64 }, (_, i) => `k${i + 6}`))
  })

  it('refuses options that make no sense, by name', () => {
    for (const [option, init] of [
      ['maxProtocols', { maxProtocols: 0 }],
      ['maxLabelValues', { maxLabelValues: 1.5 }],
      ['listen.port', { listen: { port: 70_000 } }],
      ['listen.port', { listen: {} as { port: number } }]
    ] as const) {
      expect(() => prometheusMetrics(init)).toThrow(expect.objectContaining({ name: 'InvalidParametersError', option }))
    }
  })
})
