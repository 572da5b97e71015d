/** Two numbers of connections: past the high one a node closes what it wants least, until the low one is left. */
export interface Watermarks {
  readonly low: number
  readonly high: number
  /** Milliseconds in which a new connection is not closed for the watermarks. */
  readonly gracePeriod: number
  /** Milliseconds between two prunings for the watermarks. */
  readonly silencePeriod: number
}

/** What is to be done about the number of connections. */
export type PruningNeed =
  | { kind: 'none' }
  /** Nothing now: look again then. */
  | { kind: 'wait'; until: number }
  /** So many are to be closed, new ones too. */
  | { kind: 'limit'; count: number }
  /** So many are to be closed, of those that are past their grace. */
  | { kind: 'watermark'; count: number }

/** `lastPruned` is when connections were last closed for the watermarks. All times are of one clock, in ms. */
export function pruningNeed(
  connections: number,
  maxConnections: number,
  watermarks: Watermarks | undefined,
  lastPruned: number | undefined,
  now: number
): PruningNeed {
  if (connections > maxConnections) return { kind: 'limit', count: connections - maxConnections }
  if (watermarks === undefined || connections <= watermarks.high) return { kind: 'none' }
  const until = lastPruned === undefined ? now : lastPruned + watermarks.silencePeriod
  if (now < until) return { kind: 'wait', until }
  return { kind: 'watermark', count: connections - watermarks.low }
}

/** When to look again, after a pruning that found too few past their grace. `opened` are the times of all others. */
export function nextLook(opened: readonly number[], watermarks: Watermarks, now: number): number | undefined {
  if (opened.length === 0) return undefined
  const oldest = opened.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY)
  return Math.max(now + watermarks.silencePeriod, oldest + watermarks.gracePeriod)
}
