/** What a metrics component may offer beside the contract, so that a node's dials and handshakes become spans. */
import type { Metrics } from '@libp2p/interface'

/** Under this symbol a metrics component offers its `ConnectionTracer`. A node that finds none tells nobody. */
export const tracerSymbol: unique symbol = Symbol.for('@weft/connection-tracer') as never

/** Is told of each dial, and of each handshake of who dials this node. Its methods must not throw. */
export interface ConnectionTracer {
  /** A dial begins, inside the call that asked for it. `target`: a peer id, or addresses. */
  dial(target: string): DialTracer
  /** A connection was accepted, and its handshake begins. */
  handshake(remoteAddr: string): HandshakeTracer
}

/** The tracer of a metrics component, if it offers one. */
export function tracerOf(metrics: Metrics): ConnectionTracer | undefined {
  const tracer = (metrics as Metrics & { [tracerSymbol]?: Partial<ConnectionTracer> })[tracerSymbol]
  return typeof tracer?.dial === 'function' ? (tracer as ConnectionTracer) : undefined
}

/** One dial. Its steps are those of `dial:trace`, with `at` in ms since it began. */
export interface DialTracer {
  /** What became of an address, or of a source of addresses. */
  step(step: DialTracerStep): void
  /** It is over; without an error if it connected. */
  end(error: Error | undefined): void
}

/** A step of a dial: the fields that its kind has. */
export interface DialTracerStep {
  /** `added`, `filtered`, `waiting`, `started`, `stage`, `resolved`, `failed`, `cancelled`, `connected` or `source`. */
  readonly kind: string
  /** Milliseconds since the dial began. */
  readonly at: number
  /** The address that it is about; without one it is about a source. */
  readonly address?: string
  /** Who brought the address, or the source itself. */
  readonly source?: string
  /** How far it came. */
  readonly stage?: string
  /** What it waits for. */
  readonly for?: string
  /** Why it was left out or given up. */
  readonly reason?: string
  /** Why it failed. */
  readonly error?: Error
}

/** One handshake. */
export interface HandshakeTracer {
  /** It has come so far: `negotiate`, `secure`, `mux`. */
  stage(stage: string): void
  /** It is over, with the peer that is there now or with the reason why there is none. */
  end(result: { peer: string } | { error: Error }): void
}
