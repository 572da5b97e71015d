// What `npm run bench:gate -- --against REV` holds: no measure gets much worse than it is at another revision, both in one run.

/** How much of the other revision's figure has to be left: more than two runs of the same code differ by. */
export const KEPT_OF_REVISION = 0.92

/**
 * name -> how many times as good the new code is as the old: the median over the rounds, in each of which both were
 * measured one after the other. Where less is better the ratio is turned round, so that under 1 is worse everywhere.
 */
export function changesOf(values, catalogue, now, before) {
  return Object.fromEntries(
    Object.entries(values).map(([name, { [now]: is, [before]: was }]) => {
      const rounds = is.map((value, round) => (catalogue[name].less ? was[round] / value : value / was[round]))
      return [name, median(rounds)]
    })
  )
}

/** The measures that are too much worse. What has no figure is. */
export function worse(changes) {
  return Object.keys(changes).filter(name => !(changes[name] >= KEPT_OF_REVISION))
}

function median(list) {
  const sorted = list.filter(Number.isFinite).toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length % 2 === 1) return sorted[middle]
  return sorted.length === 0 ? undefined : (sorted[middle - 1] + sorted[middle]) / 2
}
