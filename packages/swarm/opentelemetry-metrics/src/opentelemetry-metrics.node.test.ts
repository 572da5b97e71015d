import type { Metrics, Startable } from '@libp2p/interface'
import { context, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api'
import { metricsSuite } from '@weft/interface-metrics/compliance'
import { afterEach, describe, expect, it } from 'vitest'
import { logger } from '../test/logger.ts'
import { providers } from '../test/providers.ts'
import { type OpenTelemetryMetricsInit, openTelemetryMetrics } from './index.ts'

const nodeInfo = { name: 'test', version: '1.2.3', userAgent: 'test/1.2.3' }
let remove = (): void => {}

function setup(): ReturnType<typeof providers> {
  const made = providers()
  remove = made.remove
  return made
}

afterEach(() => remove())

metricsSuite(
  { describe, it, expect },
  {
    async setup() {
      const { read } = setup()
      const init = { maxProtocols: 3, maxLabelValues: 5 }
      return { metrics: openTelemetryMetrics(init)({ nodeInfo, logger: logger() }), read }
    }
  }
)

function make(init?: OpenTelemetryMetricsInit): Metrics & Required<Startable> {
  return openTelemetryMetrics(init)({ nodeInfo, logger: logger() }) as Metrics & Required<Startable>
}

describe('openTelemetryMetrics()', () => {
  it('measures the process', async () => {
    const { read } = setup()
    const metrics = make()
    await metrics.start()
    const names = new Set((await read()).map(({ name }) => name))
    for (const name of [
      'nodejs_memory_usage_bytes',
      'nodejs_fs_usage_bytes',
      'process_cpu_seconds_total',
      'process_open_fds',
      'process_max_fds',
      'nodejs_heap_space_size_used_bytes',
      'nodejs_active_resources',
      'nodejs_eventloop_lag_p99_seconds',
      'nodejs_version_info'
    ]) {
      expect([...names]).toContain(name)
    }
    await metrics.stop()
  })

  it('asks nobody while it is stopped, and asks again when it is started again', async () => {
    const { read } = setup()
    const metrics = make()
    let asked = 0
    metrics.registerMetric('some', { calculate: () => ++asked })
    await metrics.start()
    await read()
    await metrics.stop()
    await metrics.stop()
    await read()
    expect(asked).toBe(1)
    await metrics.start()
    await read()
    expect(asked).toBe(2)
    await metrics.stop()
  })

  it('works without an SDK', async () => {
    const metrics = make()
    await metrics.start()
    metrics.registerCounter('some').increment()
    expect(metrics.traceFunction('add', (a: number) => a + 1)(1)).toBe(2)
    await metrics.stop()
  })

  it('refuses options that make no sense, by name', () => {
    for (const option of ['maxProtocols', 'maxLabelValues']) {
      expect(() => openTelemetryMetrics({ [option]: 0 })).toThrow(
        expect.objectContaining({ name: 'InvalidParametersError', option })
      )
    }
  })
})

describe('traceFunction()', () => {
  it('is a span of its name and tracer, with the attributes of arguments and result, below the span of its caller', async () => {
    const { spans } = setup()
    const metrics = make({ appName: 'app', appVersion: '2' })
    const inner = metrics.traceFunction('inner', async (_id: number, _options?: { trace?: unknown }) => 'result', {
      optionsIndex: 1,
      getAttributesFromArgs: ([id], attributes) => ({ ...attributes, id }),
      getAttributesFromReturnValue: (_, attributes) => ({ ...attributes, done: true })
    })
    const outer = metrics.traceFunction('outer', async (options?: { trace?: unknown }) => inner(7, options))
    expect(await outer({ trace: metrics.createTrace() })).toBe('result')
    expect(await outer()).toBe('result')
    const [first, second, ...more] = spans.getFinishedSpans()
    expect(more).toEqual([])
    expect(first).toMatchObject({
      name: 'inner',
      attributes: { id: 7 },
      status: { code: SpanStatusCode.OK },
      instrumentationScope: { name: 'app', version: '2' }
    })
    expect(second).toMatchObject({ name: 'outer', parentSpanContext: undefined })
    expect(first!.parentSpanContext?.spanId).toBe(second!.spanContext().spanId)
  })

  it('takes a context of the caller’s, and leaves the caller’s options alone', async () => {
    const { spans } = setup()
    const metrics = make()
    const parent = trace.getTracer('x').startSpan('parent')
    const options = Object.freeze({ trace: trace.setSpan(ROOT_CONTEXT, parent) })
    let active: unknown
    const traced = metrics.traceFunction('child', (given: { trace: unknown }) => {
      active = given.trace
    })
    traced(options)
    const [child] = spans.getFinishedSpans()
    expect(child!.parentSpanContext?.spanId).toBe(parent.spanContext().spanId)
    expect(trace.getSpan(active as typeof ROOT_CONTEXT)?.spanContext()).toEqual(child!.spanContext())
    expect(context.active()).toBe(ROOT_CONTEXT)
  })

  it('ends the span with the error of what throws, rejects or breaks off', async () => {
    const { spans } = setup()
    const metrics = make()
    const options = { trace: metrics.createTrace() }
    const error = new Error('no')
    const fail = (): never => {
      throw error
    }
    const calls: Record<string, (given: object) => unknown> = {
      throws: fail,
      rejects: async () => fail(),
      generator: function* () {
        yield 1
        fail()
      },
      'async generator': async function* () {
        yield 1
        fail()
      }
    }
    for (const [name, call] of Object.entries(calls)) {
      const traced = metrics.traceFunction(name, call)
      await expect(
        (async () => {
          const result = await traced(options)
          for await (const _ of result as AsyncIterable<unknown>) {
            // Until it breaks off.
          }
        })()
      ).rejects.toBe(error)
    }
    const seen = spans.getFinishedSpans()
    expect(seen.map(({ name, status: { code, message } }) => [name, code, message])).toEqual(
      Object.keys(calls).map(name => [name, SpanStatusCode.ERROR, 'no'])
    )
    for (const { events } of seen) expect(events.map(({ name }) => name)).toEqual(['exception'])
  })

  it('ends the span of a generator that is left, and lets the generator clean up', async () => {
    const { spans } = setup()
    const metrics = make()
    const cleaned: string[] = []
    const sync = metrics.traceFunction(
      'sync',
      function* (_options: object) {
        try {
          yield 1
          yield 2
        } finally {
          cleaned.push('sync')
        }
      },
      { getAttributesFromYieldedValue: (value, attributes, index) => ({ ...attributes, [`value ${index}`]: value }) }
    )
    const later = metrics.traceFunction('async', async function* (_options: object) {
      try {
        yield 1
        yield 2
      } finally {
        cleaned.push('async')
      }
    })
    const options = { trace: metrics.createTrace() }
    for (const value of sync(options)) if (value === 1) break
    for await (const value of later(options)) if (value === 1) break
    expect(cleaned).toEqual(['sync', 'async'])
    expect(spans.getFinishedSpans().map(({ name, attributes }) => [name, attributes])).toEqual([
      ['sync', { 'value 1': 1 }],
      ['async', {}]
    ])
  })
})
