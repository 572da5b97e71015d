/** The value below which a share of `values` lies; 0 without values. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0
}

/** Resolves after a time. */
export function sleep(ms) {
  return new Promise(resolve => setTimeout(resolve, ms))
}

export const MIB = 1_048_576

export function mib(bytes) {
  return `${(bytes / MIB).toFixed(1)} MiB`
}
