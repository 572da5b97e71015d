/** Dials, and tells each step of it as plain data. */
import type { Connection, DialTarget, Libp2p } from '@libp2p/interface'
import { dialTrace } from '@weft/libp2p'
import type { Services } from '../make-node.ts'
import { type TraceStep, traceStep } from './step.ts'

/** A connection, and how long it took, in ms. */
export interface TracedDial {
  connection: Connection
  time: number
  /** How long identify took then. Undefined where the peer does not answer it. */
  identified?: number
}

/**
 * Dials. A watcher hears of each step of the dial, and identify is waited for; there is no step where the peer is
 * connected already. Past `maxSteps` it hears of no more: peers may publish as many addresses as they like,
 * and each joiner of a dial brings more.
 */
export async function traceDial(
  node: Libp2p<Services>,
  target: DialTarget,
  signal: AbortSignal,
  watcher?: { step(step: TraceStep): void }
): Promise<TracedDial> {
  let steps = 0
  const onProgress = dialTrace(step => {
    if (++steps <= maxSteps) watcher?.step(traceStep(step))
  })
  const began = performance.now()
  const connection = await node.dial(target, { signal, onProgress })
  const connected = performance.now()
  const time = connected - began
  if (watcher === undefined || steps === 0) return { connection, time }
  try {
    // It runs by itself: this waits for it.
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(identifyTimeout)])
    await node.services.identify.identify(connection, { signal: bounded })
    return { connection, time, identified: performance.now() - connected }
  } catch {
    signal.throwIfAborted()
    return { connection, time }
  }
}

// A hundred addresses take eight each.
const maxSteps = 4_096
// Milliseconds, as identify takes at most by itself.
const identifyTimeout = 5_000
