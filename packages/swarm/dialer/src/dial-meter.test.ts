import type { Metrics } from '@libp2p/interface'
import { type DialTracerStep, tracerSymbol } from '@weft/interface-metrics'
import { describe, expect, it } from 'vitest'
import { DialMeter } from './dial-meter.ts'

/** Metrics that write down what they are told. */
function recorder(tracer?: object): {
  metrics: Metrics
  told: Array<[string, unknown]>
  read: Map<string, () => unknown>
} {
  const told: Array<[string, unknown]> = []
  const read = new Map<string, () => unknown>()
  const register = (name: string, { calculate }: { calculate?: () => unknown }): object => {
    if (calculate !== undefined) read.set(name, calculate)
    const note = (values: unknown): void => void told.push([name, values])
    return { increment: note, observe: note }
  }
  const metrics = {
    [tracerSymbol]: tracer,
    registerCounterGroup: register,
    registerHistogramGroup: register,
    registerMetricGroup: register
  }
  return { metrics: metrics as unknown as Metrics, told, read }
}

const gauges = { dials: () => ({ running: 2, queued: 3 }), tokens: () => ({ used: 4, waiting: 5 }) }
const waiting = (at: number, reason: 'stagger' | 'peer-token' | 'class-token'): never =>
  ({ kind: 'waiting', at, address: 'a', for: reason, tokenClass: 'fd' }) as never

describe('DialMeter', () => {
  it('measures how long an address waits for each token', () => {
    const { metrics, told } = recorder()
    const meter = new DialMeter(metrics, gauges)
    meter.began(1, 'peer')
    meter.step(1, waiting(5, 'stagger'))
    meter.step(1, waiting(10, 'peer-token'))
    meter.step(1, waiting(30, 'class-token'))
    meter.step(1, { kind: 'started', at: 80, address: 'a' })
    expect(told).toEqual([
      ['libp2p_dial_token_wait_seconds', { peer: 0.02 }],
      ['libp2p_dial_token_wait_seconds', { fd: 0.05 }]
    ])
  })

  it('counts what becomes of addresses, and nothing of a dial that has ended', () => {
    const { metrics, told } = recorder()
    const meter = new DialMeter(metrics, gauges)
    meter.began(1, 'peer')
    meter.step(1, { kind: 'source', at: 0, source: 'caller', open: true })
    meter.step(1, { kind: 'added', at: 0, address: 'a', source: 'caller' })
    meter.step(1, { kind: 'failed', at: 1, address: 'a', stage: 'secure', elapsed: 1, error: new Error('no') })
    meter.step(1, { kind: 'filtered', at: 1, address: 'b', reason: 'why not' })
    meter.step(1, { kind: 'connected', at: 1, address: 'c', elapsed: 1 })
    meter.ended(1)
    meter.step(1, { kind: 'cancelled', at: 2, address: 'd', stage: 'wait', elapsed: 1, reason: 'late' })
    meter.settled('connected', 0.5)
    expect(told).toEqual([
      ['libp2p_dial_addresses_total', { failed: true }],
      ['libp2p_dial_failures_total', { secure: true }],
      ['libp2p_dial_addresses_total', { filtered: true }],
      ['libp2p_dial_addresses_total', { connected: true }],
      ['libp2p_dials_total', { connected: true }],
      ['libp2p_dial_duration_seconds', { connected: 0.5 }]
    ])
  })

  it('reads dials and tokens when it is asked', () => {
    const { metrics, read } = recorder()
    void new DialMeter(metrics, gauges)
    expect(read.get('libp2p_dial_queue')!()).toEqual({ size: 5, running: 2, queued: 3 })
    expect(read.get('libp2p_dial_tokens_waiting')!()).toEqual({ fd: 5, webrtc: 5, webtransport: 5, relay: 5 })
  })

  it('tells a tracer of every step, and how the dial ended', () => {
    const steps: string[] = []
    const ends: unknown[] = []
    const tracer = {
      dial: (target: string) => ({
        step: ({ kind }: DialTracerStep) => void steps.push(`${target} ${kind}`),
        end: (error: unknown) => void ends.push(error)
      })
    }
    const { metrics } = recorder(tracer)
    const meter = new DialMeter(metrics, gauges)
    const error = new Error('no')
    for (const [dial, last] of [
      { kind: 'connected', at: 1, address: 'a', elapsed: 1 },
      { kind: 'failed', at: 1, address: 'a', stage: 'mux', elapsed: 1, error },
      { kind: 'cancelled', at: 1, address: 'a', stage: 'mux', elapsed: 1, reason: 'late' }
    ].entries()) {
      meter.began(dial, 'peer')
      meter.step(dial, last as never)
      meter.ended(dial)
    }
    expect(steps).toEqual(['peer connected', 'peer failed', 'peer cancelled'])
    expect(ends).toEqual([undefined, error, expect.any(Error)])
  })
})
