/** What decides which connections go first. */
export interface Candidate {
  /** Sum of the values of its peer's tags. */
  readonly value: number
  /** Open streams; with none it is idle. */
  readonly streams: number
  readonly outbound: boolean
  /** In ms, of any clock. */
  readonly openedAt: number
}

/**
 * The `count` least wanted: lowest value first, then fewest streams, then inbound before outbound, then newest.
 *
 * Remotes decide how many inbound connections there are and how many streams they have. So that they cannot drive out
 * those that this side chose: while no more than `share` of the outbound connections are left, inbound ones of the same
 * value go first.
 *
 * @param outbound - outbound connections in all, also those that are no candidates
 */
export function leastWanted<C extends Candidate>(
  candidates: readonly C[],
  count: number,
  outbound: number,
  share: number
): C[] {
  const sorted = [...candidates].sort((a, b) => a.value - b.value || compare(a, b))
  const chosen: C[] = []
  let left = outbound
  for (let from = 0; from < sorted.length && chosen.length < count; ) {
    const { value } = sorted[from]!
    let to = from
    while (sorted[to]?.value === value) to++
    const same = sorted.slice(from, to)
    const [theirs, ours] = [same.filter(candidate => !candidate.outbound), same.filter(candidate => candidate.outbound)]
    for (let i = 0, j = 0; i + j < same.length && chosen.length < count; ) {
      const [inbound, own] = [theirs[i], ours[j]]
      if (own === undefined || (inbound !== undefined && (left <= share || compare(inbound, own) < 0))) {
        chosen.push(inbound!)
        i++
      } else {
        chosen.push(own)
        j++
        left--
      }
    }
    from = to
  }
  return chosen
}

function compare(a: Candidate, b: Candidate): number {
  return a.streams - b.streams || Number(a.outbound) - Number(b.outbound) || b.openedAt - a.openedAt
}
