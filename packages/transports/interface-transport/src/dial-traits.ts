/** Properties of a transport's addresses for the dialer. Without them the dialer derives them from the address. */
import type { Transport } from '@libp2p/interface'
import type { Multiaddr } from '@weft/multiaddr'

/** The symbol of a transport's `DialTraits`, or of a function that returns those of an address. */
export const dialTraitsSymbol: unique symbol = Symbol.for('@weft/dial-traits') as never

/**
 * The scarce resource that an attempt takes: `fd`, a file descriptor; `webrtc`, a peer connection with its sockets and
 * threads; `webtransport`, a session of the browser; `none`, as it shares an open socket.
 */
export type DialResource = 'fd' | 'webrtc' | 'webtransport' | 'none'

/** Properties of a transport for the dialer. */
export interface DialTraits {
  /** A short name for display and metrics, such as `tcp`: at most 32 lower case letters, digits and hyphens. */
  readonly name: string
  /** The resource that an attempt takes. */
  readonly tokenClass: DialResource
  /**
   * Round trips until streams can be opened, 0 to 15; addresses with fewer are dialed first. TCP with Noise has 3, QUIC
   * 1.
   */
  readonly roundTrips: number
}

const classes: ReadonlySet<unknown> = new Set<DialResource>(['fd', 'webrtc', 'webtransport', 'none'])

/** The traits of an address; `undefined` if the transport has none, or invalid ones. */
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
