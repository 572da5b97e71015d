/** Dials and inbound handshakes as spans. */
import { type Attributes, context, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import type { ConnectionTracer, DialTracer, DialTracerStep, HandshakeTracer } from '@weft/interface-metrics'

// A dial tries 100 addresses at most; its record has so many others.
const maxEvents = 256

/** What ends the span of an address. */
const ends = new Set(['connected', 'failed', 'cancelled'])

/**
 * A dial is a span below the one that is active where it was asked for; each address that is dialed is a span below that,
 * with an event for each stage. What becomes of the other addresses is told by events of the dial.
 */
export function connectionTracer(tracer: Tracer): ConnectionTracer {
  return {
    dial: target => new DialSpan(tracer, target),
    handshake: remoteAddr => new HandshakeSpan(tracer, remoteAddr)
  }
}

class DialSpan implements DialTracer {
  private readonly _tracer: Tracer
  private readonly _span: Span
  private readonly _began = Date.now()
  private readonly _addresses = new Map<string, Span>()
  private _events = 0

  constructor(tracer: Tracer, target: string) {
    this._tracer = tracer
    const attributes = { 'libp2p.target': target }
    this._span = tracer.startSpan('libp2p.dial', { kind: SpanKind.CLIENT, attributes, startTime: this._began })
  }

  step(step: DialTracerStep): void {
    const at = this._began + step.at
    const { kind, address } = step
    const span = address === undefined ? undefined : this._addresses.get(address)
    if (address !== undefined && kind === 'started') {
      const parent = trace.setSpan(context.active(), this._span)
      const options = { kind: SpanKind.CLIENT, attributes: { 'libp2p.address': address }, startTime: at }
      this._addresses.set(address, this._tracer.startSpan('libp2p.dial.address', options, parent))
    } else if (address !== undefined && span !== undefined && ends.has(kind)) {
      this._addresses.delete(address)
      endAddress(span, step, at)
    } else if (span !== undefined && kind === 'stage') {
      span.addEvent(step.stage ?? kind, undefined, at)
    } else if (this._events++ < maxEvents) {
      this._span.addEvent(kind, attributesOf(step), at)
    }
  }

  end(error: Error | undefined): void {
    for (const span of this._addresses.values()) span.end()
    this._addresses.clear()
    endSpan(this._span, error)
  }
}

class HandshakeSpan implements HandshakeTracer {
  private readonly _span: Span

  constructor(tracer: Tracer, remoteAddr: string) {
    const attributes = { 'libp2p.address': remoteAddr }
    this._span = tracer.startSpan('libp2p.handshake', { kind: SpanKind.SERVER, attributes })
  }

  stage(stage: string): void {
    this._span.addEvent(stage)
  }

  end(result: { peer: string } | { error: Error }): void {
    if ('peer' in result) this._span.setAttribute('libp2p.peer', result.peer)
    endSpan(this._span, 'error' in result ? result.error : undefined)
  }
}

function endAddress(span: Span, { kind, stage, reason, error }: DialTracerStep, at: number): void {
  span.setAttribute('libp2p.outcome', kind)
  if (stage !== undefined) span.setAttribute('libp2p.stage', stage)
  if (reason !== undefined) span.setAttribute('libp2p.reason', reason)
  // One that another address has overtaken has not failed.
  if (kind === 'cancelled') span.end(at)
  else endSpan(span, kind === 'failed' ? (error ?? new Error('it failed')) : undefined, at)
}

function endSpan(span: Span, error: Error | undefined, at?: number): void {
  if (error === undefined) span.setStatus({ code: SpanStatusCode.OK })
  else {
    span.recordException(error, at)
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
  }
  span.end(at)
}

function attributesOf({ address, source, stage, for: waitsFor, reason }: DialTracerStep): Attributes {
  const attributes: Attributes = {}
  if (address !== undefined) attributes['libp2p.address'] = address
  if (source !== undefined) attributes['libp2p.source'] = source
  if (stage !== undefined) attributes['libp2p.stage'] = stage
  if (waitsFor !== undefined) attributes['libp2p.waits_for'] = waitsFor
  if (reason !== undefined) attributes['libp2p.reason'] = reason
  return attributes
}
