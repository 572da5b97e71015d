/** What tells which of several connections to a peer is best. */
export interface ConnectionFacts {
  /** Ends by itself after some time or bytes. */
  readonly limited: boolean
  /** Not over a relay. */
  readonly direct: boolean
  /** Streams on it. */
  readonly streams: number
  /** When it was opened, ms. */
  readonly openedAt: number
}

/**
 * BestConnToPeer of the specification, which leaves open what best is. go-libp2p's order: unlimited before limited,
 * direct before relayed, more streams, then the newest. Sorts the best first.
 */
export function compareConnections(a: ConnectionFacts, b: ConnectionFacts): number {
  return (
    Number(a.limited) - Number(b.limited) ||
    Number(b.direct) - Number(a.direct) ||
    b.streams - a.streams ||
    b.openedAt - a.openedAt
  )
}
