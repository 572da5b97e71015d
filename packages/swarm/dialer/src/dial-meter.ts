/** What is measured of dials: how they end, how far their addresses come, and how long they wait for tokens. */
import type { CounterGroup, HistogramGroup, Metrics } from '@libp2p/interface'
import { type ConnectionTracer, type DialTracer, tracerOf } from '@weft/interface-metrics'
import type { DialTrace, TokenClass } from './core/model.ts'

/** How a caller's dial ended. */
export type DialOutcome = 'connected' | 'failed' | 'timeout' | 'refused' | 'aborted'

/** Where the numbers are that are read when they are asked for. */
export interface DialGauges {
  /** Dials that wait or run. */
  readonly dials: () => { running: number; queued: number }
  readonly tokens: (tokenClass: TokenClass) => { used: number; waiting: number }
}

const tokenClasses: readonly TokenClass[] = ['fd', 'webrtc', 'webtransport', 'relay']
// Seconds; the time limit of a dial is 10, that of an address 6.
const durations = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** One dial that is watched. */
interface Watched {
  readonly tracer: DialTracer | undefined
  /** Since when an address waits for a token, and for which. */
  readonly waits: Map<string, { since: number; token: string }>
  connected: boolean
  error: Error | undefined
}

/** There is one only where there are metrics. It is told of every step of every dial. */
export class DialMeter {
  private readonly _tracer: ConnectionTracer | undefined
  private readonly _watched = new Map<number, Watched>()
  private readonly _dials: CounterGroup<DialOutcome>
  private readonly _durations: HistogramGroup<DialOutcome>
  private readonly _addresses: CounterGroup
  private readonly _failures: CounterGroup
  private readonly _waits: HistogramGroup

  constructor(metrics: Metrics, gauges: DialGauges) {
    this._tracer = tracerOf(metrics)
    this._dials = metrics.registerCounterGroup('libp2p_dials_total', {
      label: 'outcome',
      help: 'Calls that needed a dial, by outcome: connected, failed, timeout, refused, aborted'
    })
    this._durations = metrics.registerHistogramGroup('libp2p_dial_duration_seconds', {
      label: 'outcome',
      help: 'Time from a call to its outcome',
      buckets: durations
    })
    this._addresses = metrics.registerCounterGroup('libp2p_dial_addresses_total', {
      label: 'outcome',
      help: 'Addresses of dials, by what became of them: connected, failed, cancelled, filtered, resolved'
    })
    this._failures = metrics.registerCounterGroup('libp2p_dial_failures_total', {
      label: 'stage',
      help: 'Addresses that failed, by the stage at which they did'
    })
    this._waits = metrics.registerHistogramGroup('libp2p_dial_token_wait_seconds', {
      label: 'token',
      help: 'Time that an address waited for a token, of its peer or of a class',
      buckets: durations
    })
    metrics.registerMetricGroup('libp2p_dial_queue', {
      help: 'Dials: size, running, queued',
      calculate: () => {
        const { running, queued } = gauges.dials()
        return { size: running + queued, running, queued }
      }
    })
    const tokens = (name: string, help: string, which: 'used' | 'waiting'): void =>
      metrics.registerMetricGroup(name, {
        label: 'class',
        help,
        calculate: () => Object.fromEntries(tokenClasses.map(kind => [kind, gauges.tokens(kind)[which]]))
      })
    tokens('libp2p_dial_tokens_used', 'Tokens that attempts hold, by class', 'used')
    tokens('libp2p_dial_tokens_waiting', 'Attempts that wait for a token of a class', 'waiting')
  }

  /** A dial begins. */
  began(dial: number, target: string): void {
    const tracer = this._tracer?.dial(target)
    this._watched.set(dial, { tracer, waits: new Map(), connected: false, error: undefined })
  }

  step(dial: number, step: DialTrace): void {
    const watched = this._watched.get(dial)
    if (watched === undefined) return
    watched.tracer?.step(step)
    if (step.kind === 'source' || step.kind === 'added') return
    this._endWait(watched, step.address, step.at)
    switch (step.kind) {
      case 'waiting': {
        const token = step.for === 'peer-token' ? 'peer' : step.for === 'class-token' ? step.tokenClass : undefined
        if (token !== undefined) watched.waits.set(step.address, { since: step.at, token })
        break
      }
      case 'connected':
        watched.connected = true
        this._addresses.increment({ connected: true })
        break
      case 'failed':
        watched.error = step.error
        this._addresses.increment({ failed: true })
        this._failures.increment({ [step.stage]: true })
        break
      case 'cancelled':
      case 'filtered':
      case 'resolved':
        this._addresses.increment({ [step.kind]: true })
    }
  }

  /** A caller has his answer, `seconds` after he called. */
  settled(outcome: DialOutcome, seconds: number): void {
    this._dials.increment({ [outcome]: true })
    this._durations.observe({ [outcome]: seconds })
  }

  /** A dial is over. */
  ended(dial: number): void {
    const watched = this._watched.get(dial)
    if (watched === undefined) return
    this._watched.delete(dial)
    if (watched.connected) watched.tracer?.end(undefined)
    else watched.tracer?.end(watched.error ?? new Error('it ended before an address connected or failed'))
  }

  private _endWait({ waits }: Watched, address: string, now: number): void {
    const wait = waits.get(address)
    if (wait === undefined) return
    waits.delete(address)
    this._waits.observe({ [wait.token]: (now - wait.since) / 1000 })
  }
}
