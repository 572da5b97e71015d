/** What a transport says of its addresses to whoever orders dials. A transport that says nothing is known by its addresses. */
import type { Transport } from '@libp2p/interface'
import type { Multiaddr } from '@weft/multiaddr'

/** Under this a transport has its `DialTraits`, or a function that gives those of an address. */
export const dialTraitsSymbol: unique symbol = Symbol.for('@weft/dial-traits') as never

/**
 * What an attempt takes, of which a node has few: `fd`, a file descriptor; `webrtc`, a peer connection with its sockets and
 * threads; `webtransport`, a session of the browser; `none`, as it shares a socket that is open anyway.
 */
export type DialResource = 'fd' | 'webrtc' | 'webtransport' | 'none'

/** What matters of a transport to the order of dials. */
export interface DialTraits {
  /** A short name for people and metrics, such as `tcp`: at most 32 lower case letters, digits and hyphens. */
  readonly name: string
  /** What an attempt takes. */
  readonly tokenClass: DialResource
  /** Round trips until streams can be opened, 0 to 15: fewer are dialed first. TCP with Noise has 3, QUIC 1. */
  readonly roundTrips: number
}

const classes: ReadonlySet<unknown> = new Set<DialResource>(['fd', 'webrtc', 'webtransport', 'none'])

/** What a transport says of an address; `undefined` if it says nothing, or what cannot be. */
export function dialTraitsOf(transport: Transport | undefined, address: Multiaddr): DialTraits | undefined {
  const said = (transport as { [dialTraitsSymbol]?: unknown } | undefined)?.[dialTraitsSymbol]
  let traits: unknown
  try {
    traits = typeof said === 'function' ? (said as (address: Multiaddr) => unknown)(address) : said
  } catch {
    return undefined
  }
  return isTraits(traits) ? traits : undefined
}

function isTraits(value: unknown): value is DialTraits {
  const { name, tokenClass, roundTrips } = Object(value) as Partial<DialTraits>
  if (typeof name !== 'string' || !/^[a-z0-9-]{1,32}$/.test(name)) return false
  return classes.has(tokenClass) && Number.isInteger(roundTrips) && roundTrips! >= 0 && roundTrips! <= 15
}
