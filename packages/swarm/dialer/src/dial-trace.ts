/** The live trace of a dial, among the events of its progress. */

import { progressEvent } from '@weft/interface-node'
import type { DialTrace } from './core/model.ts'

/** A step of a dial, as its `onProgress` hears of it beside js-libp2p's events. */
export interface DialTraceEvent {
  /** Its name among the events of a dial's progress. */
  type: 'dial:trace'
  /** The step. */
  detail: DialTrace
}

/** A dial that waits or is under way, and how it came to where it is. */
export interface DialRecord {
  /** Its name in `getDialQueue()`. */
  id: string
  /** Milliseconds since it began. */
  elapsed: number
  /** The steps of its open sources and of its addresses; those that were undone are left out. */
  steps: DialTrace[]
}

/**
 * Makes an `onProgress` for dials that hears of each address's steps, as they happen, until the dial settles. One who
 * joins a dial first hears, at once, how its addresses came to where they are.
 *
 *     await node.dial(peer, { onProgress: dialTrace(step => console.log(step.at, step.kind)) })
 *
 * @param listener - if it throws, its caller's dial rejects with that
 */
export function dialTrace(listener: (step: DialTrace) => void): (event: { type: string; detail?: unknown }) => void {
  return event => {
    if (event.type === 'dial:trace') listener((event as DialTraceEvent).detail)
  }
}

/** The event of a step, for a listener of js-libp2p's types. */
export function traceEvent(step: DialTrace): never {
  return progressEvent('dial:trace', step)
}
