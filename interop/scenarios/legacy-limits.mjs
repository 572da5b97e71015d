// What an early peer cannot do: its cells show the reason in place of a result.

const limits = [
  { stack: 's05', cell: 'identify', why: 'libp2p of 2015 has an identify of its own, /ipfs/identify/1.0.0' },
  { stack: 's05', cell: 'ping', why: 'libp2p of 2015 has no ping' },
  { stack: 'go', cell: 'identify', why: 'spdystream is a muxer alone' }
]

/** Why the peer of a row cannot do what a cell asks, or undefined. */
export function limitOf({ stack }, cell) {
  return limits.find(limit => limit.stack === stack && limit.cell === cell)?.why
}
