// What an early peer cannot do: its cells show the reason in place of a result.

const limits = [
  {
    stack: 's05',
    earlyDials: true,
    why: 'a dialer of 2015 waits for the listener to speak first, a listener of weft for the dialer'
  },
  { stack: 's05', cell: 'identify', why: 'libp2p of 2015 has an identify of its own, /ipfs/identify/1.0.0' },
  { stack: 's05', cell: 'ping', why: 'libp2p of 2015 has no ping' },
  { stack: 'go', cell: 'identify', why: 'spdystream is a muxer alone' }
]

/** Why the peer of a row cannot do what a cell asks, or undefined. */
export function limitOf({ stack }, cell, earlyDials) {
  const applies = limit =>
    limit.stack === stack && (limit.cell ?? cell) === cell && (limit.earlyDials ?? earlyDials) === earlyDials
  return limits.find(applies)?.why
}
