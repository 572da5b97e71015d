/**
 * Which addresses that remotes tell of peers are kept. Whoever is told an address dials it some day, so a remote could have
 * a node knock at the services of its own machine and network. What the user names is not asked for here.
 */
import type { Multiaddr } from '@multiformats/multiaddr'
import { TokenBucket } from '@weft/collections'
import { type AddressClass, addressClassOf, CODE_P2P, CODE_P2P_CIRCUIT, tryGetNetConfig } from '@weft/multiaddr'

/**
 * `from-private`: private addresses are kept if who tells them is in a private network too, behind the same router, or at
 * the other end of a relay. `always`, `never`: whoever tells them.
 */
export type AcceptPrivate = 'from-private' | 'always' | 'never'

/** Who told addresses: the remote of a connection, a neighbour by multicast, or routers that this node asked. */
export type Teller =
  | { readonly kind: 'connection'; readonly remoteAddr: Multiaddr }
  | { readonly kind: 'mdns' }
  /** `connections`: the remote addresses of this node's connections; one of them has told the router. */
  | { readonly kind: 'routers'; readonly connections: readonly Multiaddr[] }

/** What is kept of the addresses that were told. */
export interface ToldAddresses {
  /** Those that are kept, in their order. */
  accept(addresses: readonly Multiaddr[], teller: Teller): Multiaddr[]
}

/** Under this an address manager has the rule of its node. */
export const toldAddressesSymbol: unique symbol = Symbol.for('@weft/told-addresses') as never

/** The part of an address manager that is asked here. */
interface OwnAddresses {
  getAddresses(): Multiaddr[]
}

// Private addresses of peers behind relays, for the whole node: anyone can have a peer behind a relay.
const relayedBurst = 32
const relayedRate = 1

const near: ReadonlySet<AddressClass> = new Set(['memory', 'unix', 'loopback', 'link-local', 'private'])
const defaults = new WeakMap<OwnAddresses, ToldAddresses>()

/** The rule of a node, by its address manager: that of js-libp2p has none, and gets the default. */
export function toldAddressesOf(addressManager: OwnAddresses): ToldAddresses {
  const own = (addressManager as { [toldAddressesSymbol]?: ToldAddresses })[toldAddressesSymbol]
  if (own !== undefined) return own
  const known = defaults.get(addressManager) ?? new ToldAddressFilter(addressManager)
  defaults.set(addressManager, known)
  return known
}

/**
 * The rule. Addresses of this process, machine and link are kept only if they were told over a connection of the same kind;
 * private ones as `acceptPrivate` says; public ones, and the address of the connection itself, always.
 */
export class ToldAddressFilter implements ToldAddresses {
  private readonly _own: OwnAddresses
  private readonly _acceptPrivate: AcceptPrivate
  private readonly _now: () => number
  private readonly _relayed: TokenBucket

  /** @param own - has the verified addresses of this node */
  constructor(
    own: OwnAddresses,
    acceptPrivate: AcceptPrivate = 'from-private',
    now: () => number = () => performance.now()
  ) {
    this._own = own
    this._acceptPrivate = acceptPrivate
    this._now = now
    this._relayed = new TokenBucket(relayedRate, relayedBurst, now())
  }

  accept(addresses: readonly Multiaddr[], teller: Teller): Multiaddr[] {
    // Judged once for all of them, and only if one needs it.
    let isPrivateTeller: boolean | undefined
    return addresses.filter(address => {
      const kind = addressClassOf(address)
      if (kind === 'public' || isItself(address, teller)) return true
      if (kind !== 'private') return isOfKind(kind, teller)
      if (this._acceptPrivate !== 'from-private') return this._acceptPrivate === 'always'
      if (teller.kind === 'connection' && isRelayed(teller.remoteAddr)) return this._relayed.take(this._now())
      isPrivateTeller ??= this._mayTellPrivate(teller)
      return isPrivateTeller
    })
  }

  private _mayTellPrivate(teller: Teller): boolean {
    if (teller.kind === 'mdns') return true
    if (teller.kind === 'routers') return teller.connections.some(isNear)
    return isNear(teller.remoteAddr) || this._isBehindOwnRouter(teller.remoteAddr)
  }

  /** Two nodes behind one router see each other at its public address, which is this node's own. */
  private _isBehindOwnRouter(remoteAddr: Multiaddr): boolean {
    const host = tryGetNetConfig(remoteAddr)?.host
    return (
      host !== undefined && this._own.getAddresses().some(own => !isRelayed(own) && tryGetNetConfig(own)?.host === host)
    )
  }
}

function isNear(remoteAddr: Multiaddr): boolean {
  return !isRelayed(remoteAddr) && near.has(addressClassOf(remoteAddr))
}

function isOfKind(kind: AddressClass, teller: Teller): boolean {
  if (teller.kind === 'mdns') return kind === 'link-local'
  const connections = teller.kind === 'routers' ? teller.connections : [teller.remoteAddr]
  return connections.some(remoteAddr => !isRelayed(remoteAddr) && addressClassOf(remoteAddr) === kind)
}

/** The address at which the teller was reached: it is known already. */
function isItself(address: Multiaddr, teller: Teller): boolean {
  return teller.kind === 'connection' && withoutPeer(address).equals(withoutPeer(teller.remoteAddr))
}

function withoutPeer(address: Multiaddr): Multiaddr {
  const components = address.getComponents()
  return components.at(-1)?.code === CODE_P2P ? address.decapsulateCode(CODE_P2P) : address
}

/** Its own address is that of the relay, and says nothing of the peer at its end. */
function isRelayed(address: Multiaddr): boolean {
  return address.getComponents().some(({ code }) => code === CODE_P2P_CIRCUIT)
}
