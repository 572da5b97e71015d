// What `npm run bench:gate` holds: no ratio weft/js gets much worse than the committed one (../ratios.json).

/** How much of a committed ratio has to be left. Less would not show, more is what two runs on one machine differ by. */
export const KEPT = 0.8

/** measure -> weft/js. A measure that one of them has no figure of is left out. */
export function ratiosOf(medians) {
  const both = Object.entries(medians).filter(([, { weft, js }]) => weft > 0 && js > 0)
  return Object.fromEntries(both.map(([name, { weft, js }]) => [name, weft / js]))
}

/**
 * One `{ name, less, committed, limit, measured, ok }` for each committed ratio. What was not measured is not ok. `catalogue`
 * says of which measures less is better.
 */
export function compare(committed, measured, catalogue) {
  return Object.entries(committed).map(([name, ratio]) => {
    const { less = false } = catalogue[name]
    const limit = less ? ratio / KEPT : ratio * KEPT
    const ok = less ? measured[name] <= limit : measured[name] >= limit
    return { name, less, committed: ratio, limit, measured: measured[name], ok }
  })
}
