import type { DialAddress, Reach } from './model.ts'

/** What the order of addresses is made from. */
export interface RankInputs {
  /** The outermost transport: `quic`, `tcp`, `ws`, ... */
  readonly transport: string
  /** Round trips until its connection has streams, 0 to 15. */
  readonly roundTrips: number
  /** IP version, `undefined` for a name. */
  readonly ip: 4 | 6 | undefined
  /** The peer signed for the address. */
  readonly certified?: boolean
}

// The order among those of as many round trips. At most 15; others come behind them.
const transports: readonly string[] = [
  'memory',
  'unix',
  'quic',
  'tcp',
  'webtransport',
  'ws',
  'wss',
  'webrtc-direct',
  'webrtc'
]
const reaches: readonly Reach[] = ['private', 'public', 'relay']

/**
 * The rank of an address among those of one reach, 0 to 1,023, lower first: fewer round trips, then the transport, then IPv6
 * before IPv4, then signed ones.
 */
export function rankOf({ transport, roundTrips, ip, certified }: RankInputs): number {
  const index = transports.indexOf(transport)
  const place = roundTrips * 16 + (index < 0 ? 15 : index)
  return place * 4 + (ip === 6 ? 0 : 2) + (certified === true ? 0 : 1)
}

/** The order in which addresses start: private, public, relayed; then by rank. */
export function byRank(a: DialAddress, b: DialAddress): number {
  return reaches.indexOf(a.reach) - reaches.indexOf(b.reach) || a.rank - b.rank
}
