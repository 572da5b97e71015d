import type { Metrics, MultiaddrConnection, Stream } from '@libp2p/interface'
import { messageStreamPair, settled, type TestRunner } from '@weft/interface-connection/compliance'

/** One value of one time series. A histogram or summary gives `<name>_sum` and `<name>_count`. */
export interface Sample {
  /** As the reader sees it. */
  readonly name: string
  /** Empty for a metric without a label. */
  readonly labels: Readonly<Record<string, string>>
  /** At the time of the reading. */
  readonly value: number
}

/** Makes the metrics under test. */
export interface MetricsSetup {
  /** Called at the beginning of each test. Metrics give 3 protocols, and 5 values of a group, a label of their own. */
  readonly setup: () => Promise<{
    metrics: Metrics
    /** Scrapes. */
    read: () => Promise<Sample[]>
  }>
}

/** What every implementation of metrics does. */
export function metricsSuite({ describe, it, expect }: TestRunner, { setup }: MetricsSetup): void {
  /** Values by their label; `''` where there is none. */
  const valuesOf = (samples: Sample[], name: string): Record<string, number> =>
    Object.fromEntries(
      samples
        .filter(sample => sample.name === name)
        .map(({ labels, value }) => [Object.values(labels).join(), value])
        .sort(([a], [b]) => (a! < b! ? -1 : 1))
    )

  describe('metrics', () => {
    it('keeps a value that goes up and down', async () => {
      const { metrics, read } = await setup()
      const metric = metrics.registerMetric('some_value', { help: 'a value' })
      metric.update(5)
      metric.increment()
      metric.increment(3)
      metric.decrement(2)
      metric.decrement()
      expect(valuesOf(await read(), 'some_value')).toEqual({ '': 6 })
      metric.reset()
      expect(valuesOf(await read(), 'some_value')).toEqual({ '': 0 })
    })

    it('keeps a group of values by their label', async () => {
      const { metrics, read } = await setup()
      const group = metrics.registerMetricGroup('some_values', { label: 'kind' })
      group.update({ a: 1, b: 2 })
      group.increment({ a: 3, c: true })
      group.decrement({ b: true })
      const samples = await read()
      expect(valuesOf(samples, 'some_values')).toEqual({ a: 4, b: 1, c: 1 })
      expect(Object.keys(samples.find(({ name }) => name === 'some_values')!.labels)).toEqual(['kind'])
    })

    it('counts', async () => {
      const { metrics, read } = await setup()
      const counter = metrics.registerCounter('some_total')
      counter.increment()
      counter.increment(4)
      const group = metrics.registerCounterGroup('some_events_total', { label: 'event' })
      group.increment({ open: true })
      group.increment({ open: 2, close: true })
      const samples = await read()
      expect(valuesOf(samples, 'some_total')).toEqual({ '': 5 })
      expect(valuesOf(samples, 'some_events_total')).toEqual({ close: 1, open: 3 })
    })

    it('observes distributions', async () => {
      const { metrics, read } = await setup()
      metrics.registerHistogram('some_seconds', { buckets: [1, 10] }).observe(2)
      metrics.registerHistogramGroup('some_group_seconds', { label: 'kind' }).observe({ a: 3, b: 4 })
      metrics.registerSummary('some_size').observe(5)
      metrics.registerSummaryGroup('some_group_size', { label: 'kind' }).observe({ a: 6 })
      const samples = await read()
      expect(valuesOf(samples, 'some_seconds_sum')).toEqual({ '': 2 })
      expect(valuesOf(samples, 'some_seconds_count')).toEqual({ '': 1 })
      expect(valuesOf(samples, 'some_group_seconds_sum')).toEqual({ a: 3, b: 4 })
      expect(valuesOf(samples, 'some_size_sum')).toEqual({ '': 5 })
      expect(valuesOf(samples, 'some_group_size_sum')).toEqual({ a: 6 })
    })

    it('times in seconds', async () => {
      const { metrics, read } = await setup()
      const stops = [
        metrics.registerMetric('timed').timer(),
        metrics.registerMetricGroup('timed_group').timer('a'),
        metrics.registerHistogram('timed_histogram').timer(),
        metrics.registerHistogramGroup('timed_histogram_group').timer('a'),
        metrics.registerSummary('timed_summary').timer(),
        metrics.registerSummaryGroup('timed_summary_group').timer('a')
      ]
      const began = performance.now()
      await settled()
      const atLeast = (performance.now() - began) / 1000
      for (const stop of stops) stop()
      const atMost = atLeast + 60
      const samples = await read()
      for (const [name, label] of [
        ['timed', ''],
        ['timed_group', 'a'],
        ['timed_histogram_sum', ''],
        ['timed_histogram_group_sum', 'a'],
        ['timed_summary_sum', ''],
        ['timed_summary_group_sum', 'a']
      ] as const) {
        const value = valuesOf(samples, name)[label]!
        expect(value).toBeGreaterThan(0)
        // Milliseconds would be a thousand times as much.
        expect(value).toBeLessThanOrEqual(atMost)
      }
    })

    it('calculates when it is scraped; a counter adds up what it is given', async () => {
      const { metrics, read } = await setup()
      let value = 1
      metrics.registerMetric('calculated', { calculate: () => value })
      metrics.registerMetricGroup('calculated_group', {
        label: 'kind',
        calculate: async () => ({ [`k${value}`]: value })
      })
      metrics.registerCounter('calculated_total', { calculate: () => value })
      metrics.registerCounterGroup('calculated_group_total', { calculate: async () => ({ a: value }) })
      metrics.registerHistogram('calculated_histogram', { calculate: () => value })
      metrics.registerHistogramGroup('calculated_histogram_group', { calculate: () => ({ a: value }) })
      metrics.registerSummary('calculated_summary', { calculate: async () => value })
      metrics.registerSummaryGroup('calculated_summary_group', { calculate: () => ({ a: value }) })
      await read()
      value = 2
      const samples = await read()
      expect(valuesOf(samples, 'calculated')).toEqual({ '': 2 })
      // What is gone does not stay at its last value.
      expect({ k1: 0, ...valuesOf(samples, 'calculated_group') }).toEqual({ k1: 0, k2: 2 })
      expect(valuesOf(samples, 'calculated_total')).toEqual({ '': 3 })
      expect(valuesOf(samples, 'calculated_group_total')).toEqual({ a: 3 })
      expect(valuesOf(samples, 'calculated_histogram_sum')).toEqual({ '': 3 })
      expect(valuesOf(samples, 'calculated_histogram_group_sum')).toEqual({ a: 3 })
      expect(valuesOf(samples, 'calculated_summary_sum')).toEqual({ '': 3 })
      expect(valuesOf(samples, 'calculated_summary_group_sum')).toEqual({ a: 3 })
    })

    it('asks everyone who calculates under one name, and survives one who fails', async () => {
      const { metrics, read } = await setup()
      metrics.registerMetricGroup('listeners', { label: 'address', calculate: () => ({ a: 1, b: 1 }) })
      metrics.registerMetricGroup('listeners', {
        label: 'address',
        calculate: () => {
          throw new Error('gone')
        }
      })
      metrics.registerMetricGroup('listeners', { label: 'address', calculate: () => ({ b: 2 }) })
      metrics.registerMetric('sum', { calculate: () => 1 })
      metrics.registerMetric('sum', { calculate: () => Promise.reject(new Error('gone')) })
      metrics.registerMetric('sum', { calculate: () => 2 })
      const samples = await read()
      expect(valuesOf(samples, 'listeners')).toEqual({ a: 1, b: 3 })
      expect(valuesOf(samples, 'sum')).toEqual({ '': 3 })
    })

    it('gives the same metric for the same name, and refuses a name of another kind or none', async () => {
      const { metrics } = await setup()
      expect(metrics.registerCounterGroup('events') === metrics.registerCounterGroup('events')).toBe(true)
      const refused = (register: () => void): string => {
        try {
          register()
          return 'nothing'
        } catch (error) {
          return (error as Error).name
        }
      }
      expect(refused(() => metrics.registerMetric('events'))).toBe('InvalidParametersError')
      for (const register of [
        'registerMetric',
        'registerMetricGroup',
        'registerCounter',
        'registerCounterGroup',
        'registerHistogram',
        'registerHistogramGroup',
        'registerSummary',
        'registerSummaryGroup'
      ] as const) {
        expect(refused(() => (metrics[register] as (name: string) => unknown)(' '))).toBe('InvalidParametersError')
      }
    })

    it('gives the first values of a label a series of their own, and counts the others together', async () => {
      const { metrics, read } = await setup()
      const seven = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
      const ones = Object.fromEntries(seven.map(key => [key, 1]))
      metrics.registerCounterGroup('many_total').increment(ones)
      metrics.registerMetricGroup('many').increment(ones)
      metrics.registerMetricGroup('many_calculated', { calculate: () => ones })
      metrics.registerHistogramGroup('many_seconds').observe(ones)
      metrics.registerSummaryGroup('many_sizes').observe(ones)
      const samples = await read()
      const expected = { a: 1, b: 1, c: 1, d: 1, e: 1, other: 2 }
      for (const name of ['many_total', 'many', 'many_calculated', 'many_seconds_count', 'many_sizes_count']) {
        expect(valuesOf(samples, name)).toEqual(expected)
      }
    })

    it('counts the bytes of connections, and of streams by protocol', async () => {
      const { metrics, read } = await setup()
      const send = async (track: (near: MultiaddrConnection) => void): Promise<void> => {
        const [near, far] = messageStreamPair()
        track(near)
        near.send(new Uint8Array(5))
        far.send(new Uint8Array(3))
        await settled()
      }
      await send(near => metrics.trackMultiaddrConnection(near))
      for (const protocol of ['/a', '/b', '/c', '/d', '/e', '/a', '']) {
        await send(near => metrics.trackProtocolStream(Object.assign(near, { protocol }) as unknown as Stream))
      }
      expect(valuesOf(await read(), 'libp2p_data_transfer_bytes_total')).toEqual({
        '/a received': 6,
        '/a sent': 10,
        '/b received': 3,
        '/b sent': 5,
        '/c received': 3,
        '/c sent': 5,
        'global received': 3,
        'global sent': 5,
        'other received': 6,
        'other sent': 10
      })
      await send(near => metrics.trackMultiaddrConnection(near))
      expect(valuesOf(await read(), 'libp2p_data_transfer_bytes_total')).toMatchObject({ 'global sent': 10 })
    })

    it('traces functions without changing what they give, throw or yield', async () => {
      const { metrics } = await setup()
      const trace = metrics.createTrace()
      const add = metrics.traceFunction('add', (a: number, b: number, _options?: object) => a + b, { optionsIndex: 2 })
      expect(add(1, 2)).toBe(3)
      expect(add(1, 2, { trace })).toBe(3)
      const failing = metrics.traceFunction('fail', async (_options?: object): Promise<void> => {
        throw new Error('no')
      })
      for (const options of [undefined, { trace }]) {
        await expect(failing(options)).rejects.toMatchObject({ message: 'no' })
      }
      const throwing = metrics.traceFunction('throw', (_options?: object): void => {
        throw new Error('no')
      })
      expect(() => throwing({ trace })).toThrow('no')
      const counting = metrics.traceFunction('count', function* (_options?: object) {
        yield 1
        yield 2
      })
      expect([...counting({ trace })]).toEqual([1, 2])
      const later = metrics.traceFunction('count later', async function* (_options?: object) {
        yield 1
        yield 2
      })
      const seen: number[] = []
      for await (const value of later({ trace })) seen.push(value)
      expect(seen).toEqual([1, 2])
    })
  })
}
