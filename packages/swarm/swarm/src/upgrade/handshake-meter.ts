/** What is measured of handshakes, in both directions. */
import type {
  CounterGroup,
  HistogramGroup,
  MessageStreamDirection,
  Metrics,
  MultiaddrConnection
} from '@libp2p/interface'
import { type ConnectionTracer, type HandshakeTracer, tracerOf } from '@weft/interface-metrics'

// Seconds; the time limit of a handshake is 10.
const durations = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

// What the upgrader says on its way, and the stage that begins with it.
const stages = new Map(
  (['inbound', 'outbound'] as const).flatMap(direction => [
    [`upgrader:negotiate-${direction}-connection`, 'negotiate'],
    [`upgrader:encrypt-${direction}-connection`, 'secure'],
    [`upgrader:multiplex-${direction}-connection`, 'mux']
  ])
)

/** There is one only where there are metrics. */
export class HandshakeMeter {
  private readonly _tracer: ConnectionTracer | undefined
  private readonly _begun: CounterGroup<MessageStreamDirection>
  private readonly _failed: CounterGroup<MessageStreamDirection>
  private readonly _errors: Record<MessageStreamDirection, CounterGroup>
  private readonly _stages: CounterGroup
  private readonly _durations: HistogramGroup<MessageStreamDirection>

  constructor(metrics: Metrics) {
    this._tracer = tracerOf(metrics)
    const counters = (name: string, help: string, label?: string): CounterGroup =>
      metrics.registerCounterGroup(name, { help, ...(label === undefined ? {} : { label }) })
    this._begun = counters('libp2p_connection_manager_dials_total', 'Handshakes, by direction')
    this._failed = counters('libp2p_connection_manager_dial_errors_total', 'Handshakes that failed, by direction')
    this._errors = {
      inbound: counters('libp2p_connection_manager_dials_inbound_errors_total', 'Failed inbound handshakes, by error'),
      outbound: counters(
        'libp2p_connection_manager_dials_outbound_errors_total',
        'Failed outbound handshakes, by error'
      )
    }
    this._stages = counters(
      'libp2p_inbound_handshake_failures_total',
      'Failed inbound handshakes, by the stage at which they did: accept, negotiate, secure, mux',
      'stage'
    )
    this._durations = metrics.registerHistogramGroup('libp2p_handshake_duration_seconds', {
      label: 'direction',
      help: 'Time of a handshake that went well',
      buckets: durations
    })
  }

  /** A handshake begins. */
  begin(direction: MessageStreamDirection, { remoteAddr }: MultiaddrConnection): MeasuredHandshake {
    this._begun.increment({ [direction]: true })
    const tracer = direction === 'inbound' ? this._tracer?.handshake(remoteAddr.toString()) : undefined
    const began = performance.now()
    return new MeasuredHandshake(tracer, (error, stage) => {
      if (error === undefined) {
        this._durations.observe({ [direction]: (performance.now() - began) / 1000 })
        return
      }
      this._failed.increment({ [direction]: true })
      this._errors[direction].increment({ [error.name]: true })
      if (direction === 'inbound') this._stages.increment({ [stage]: true })
    })
  }
}

/** One handshake, until it ends. */
export class MeasuredHandshake {
  private readonly _tracer: HandshakeTracer | undefined
  private readonly _onEnd: (error: Error | undefined, stage: string) => void
  private _stage = 'accept'

  constructor(tracer: HandshakeTracer | undefined, onEnd: (error: Error | undefined, stage: string) => void) {
    this._tracer = tracer
    this._onEnd = onEnd
  }

  /** An event of the upgrader's progress. */
  onProgress(type: string): void {
    const stage = stages.get(type)
    if (stage === undefined) return
    this._stage = stage
    this._tracer?.stage(stage)
  }

  succeeded(peer: { toString(): string }): void {
    this._onEnd(undefined, this._stage)
    this._tracer?.end({ peer: peer.toString() })
  }

  failed(error: Error): void {
    this._onEnd(error, this._stage)
    this._tracer?.end({ error })
  }
}
