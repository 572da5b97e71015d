import type { Multiaddr } from '@multiformats/multiaddr'
import { InvalidParametersError } from '@weft/errors'
import type { AcceptPrivate } from '@weft/interface-node'
import { multiaddr } from '@weft/multiaddr'

/** Takes the addresses that would be announced and gives those that are. */
export type AddressFilter = (addrs: Multiaddr[]) => Multiaddr[]

/** Own addresses, as text of multiaddrs. */
export interface AddressManagerInit {
  /** To listen on. The same one may stand there twice, if its port is 0. */
  listen?: string[] | undefined
  /** To announce instead of those that are listened on. */
  announce?: string[] | undefined
  /** To announce as well. */
  appendAnnounce?: string[] | undefined
  /** Never to be announced; with the own `/p2p/...` at the end or without it. */
  noAnnounce?: string[] | undefined
  /**
   * Which private addresses are kept that remotes tell of peers: `from-private`, if the remote is in a private network too,
   * behind this node's router or behind a relay (32 of those, then one a second); `always`; `never`. With `always` anyone
   * can have this node dial addresses of its own network. Those of this machine are kept only from remotes on it. What the
   * user names is not asked for. Default `from-private`.
   */
  acceptPrivate?: AcceptPrivate | undefined
  /** The last word on what is announced. */
  announceFilter?: AddressFilter | undefined
  /** Reported addresses that are kept: peers report them, so they are few. Default 10. */
  maxObservedAddresses?: number | undefined
  /** How long an address that could be dialed counts as verified, in ms. Default 10 minutes. */
  addressVerificationTTL?: number | undefined
  /** When one that could not be dialed is tried again, in ms. Default 5 minutes. */
  addressVerificationRetry?: number | undefined
}

export interface AddressSettings {
  listen: readonly Multiaddr[]
  announce: readonly Multiaddr[]
  appendAnnounce: readonly Multiaddr[]
  noAnnounce: readonly Multiaddr[]
  announceFilter: AddressFilter
  acceptPrivate: AcceptPrivate
  maxObservedAddresses: number
  addressVerificationTTL: number
  addressVerificationRetry: number
}

const minute = 60_000
const acceptances: readonly AcceptPrivate[] = ['from-private', 'always', 'never']

/** Options with their defaults, read. Throws `InvalidParametersError`, which names the option. */
export function addressSettings(init: AddressManagerInit): AddressSettings {
  return {
    listen: readAll('listen', init.listen),
    announce: unique(readAll('announce', init.announce)),
    appendAnnounce: unique(readAll('appendAnnounce', init.appendAnnounce)),
    noAnnounce: readAll('noAnnounce', init.noAnnounce),
    announceFilter: init.announceFilter ?? (addrs => addrs),
    acceptPrivate: readAcceptPrivate(init.acceptPrivate),
    maxObservedAddresses: init.maxObservedAddresses ?? 10,
    addressVerificationTTL: init.addressVerificationTTL ?? 10 * minute,
    addressVerificationRetry: init.addressVerificationRetry ?? 5 * minute
  }
}

function readAcceptPrivate(given: AcceptPrivate = 'from-private'): AcceptPrivate {
  if (acceptances.includes(given)) return given
  throw new InvalidParametersError(`addresses.acceptPrivate is one of ${acceptances.join(', ')}`, {
    facts: { option: 'addresses.acceptPrivate' }
  })
}

function readAll(option: string, texts: readonly string[] = []): Multiaddr[] {
  return texts.map((text, i) => {
    try {
      return multiaddr(text.toString())
    } catch (cause) {
      throw new InvalidParametersError(`addresses.${option}[${i}] is no multiaddr: ${String(text)}`, {
        cause,
        facts: { option: `addresses.${option}[${i}]` }
      })
    }
  })
}

function unique(addresses: readonly Multiaddr[]): Multiaddr[] {
  return [...new Map(addresses.map(ma => [ma.toString(), ma])).values()]
}
