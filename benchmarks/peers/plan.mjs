// What is measured between which peers, and how many bytes make a measurement long enough.

export const securities = ['noise', 'tls']

export const figures = {
  upload: { title: 'upload', unit: 'MB/s', digits: 0 },
  download: { title: 'download', unit: 'MB/s', digits: 0 },
  handshake: { title: 'first ping', unit: 'ms', digits: 1 },
  roundTrip: { title: 'round trip', unit: 'ms', digits: 2 }
}

/** `[client, server]`: each peer with itself, then the first with each other one in both directions. */
export function pairsOf(names) {
  const [first, ...others] = names
  return [
    ...names.map(name => [name, name]),
    ...others.flatMap(name => [
      [first, name],
      [name, first]
    ])
  ]
}

/** The key of one figure of a run. */
export const keyOf = (client, server, security, figure) => `${client} > ${server} ${security} ${figure}`

const BLOCK = 65_536
/** One try starts cold, and its rate says little about that of a long one: no step is larger. */
const MAX_GROWTH = 8

/** How many bytes to try next after `bytes` took `seconds`; undefined when that was long enough. Whole blocks of 64 KiB. */
export function nextBytes(bytes, seconds, wanted) {
  if (seconds >= wanted) return undefined
  const growth = Math.min(MAX_GROWTH, (1.2 * wanted) / seconds)
  return Math.ceil((bytes * growth) / BLOCK) * BLOCK
}

export const median = list => list.toSorted((a, b) => a - b)[list.length >> 1]
