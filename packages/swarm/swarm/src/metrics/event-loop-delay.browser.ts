import type { EventLoopDelay } from './event-loop-delay.ts'

/** Browsers do not tell. */
export function eventLoopDelay(): EventLoopDelay | undefined {
  return undefined
}
