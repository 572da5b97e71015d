import type { PeerId, PeerInfo as Contract } from '@libp2p/interface'
import { InvalidParametersError } from '@weft/errors'
import { type Multiaddr, multiaddr } from '@weft/multiaddr'
import { isPeerId } from '@weft/peer-id'
import { maxAddresses, maxProtocols } from './limits.ts'

/** What a peer info begins with. */
export interface PeerInfoInit {
  /** Addresses or their text. Default none. */
  multiaddrs?: Iterable<Multiaddr | string>
  /** Names of protocols. Default none. */
  protocols?: Iterable<string>
}

/** A peer: its id, where it is reached and what it speaks. */
export interface PeerInfo extends Contract {
  readonly id: PeerId
  /** A copy, in the order in which they were added. */
  readonly multiaddrs: Multiaddr[]
  /** A copy, in the order in which they were added. */
  readonly protocols: string[]
  /** Adds an address or its text. False where it was there already, or where 64 are. */
  addMultiaddr(address: Multiaddr | string): boolean
  /** False where it was not there. */
  removeMultiaddr(address: Multiaddr | string): boolean
  /** Whether it is there, as the same bytes. */
  hasMultiaddr(address: Multiaddr | string): boolean
  /** Adds a protocol. False where it was there already, or where 512 are. */
  addProtocol(protocol: string): boolean
  /** False where it was not there. */
  removeProtocol(protocol: string): boolean
  /** Whether it is there. */
  hasProtocol(protocol: string): boolean
}

/**
 * The info of a peer. What is added beyond the bounds is left out.
 *
 * @throws InvalidParametersError for what is no peer id, InvalidMultiaddrError for what is no address
 */
export function peerInfo(id: PeerId, init: PeerInfoInit = {}): PeerInfo {
  return new BoundedPeerInfo(id, init)
}

class BoundedPeerInfo implements PeerInfo {
  readonly id: PeerId
  // By text, so that equal addresses of several objects are one.
  readonly #multiaddrs = new Map<string, Multiaddr>()
  readonly #protocols = new Set<string>()

  constructor(id: PeerId, { multiaddrs = [], protocols = [] }: PeerInfoInit) {
    if (!isPeerId(id)) throw new InvalidParametersError('id is not a peer id')
    this.id = id
    for (const address of multiaddrs) this.addMultiaddr(address)
    for (const protocol of protocols) this.addProtocol(protocol)
  }

  get multiaddrs(): Multiaddr[] {
    return [...this.#multiaddrs.values()]
  }

  get protocols(): string[] {
    return [...this.#protocols]
  }

  addMultiaddr(input: Multiaddr | string): boolean {
    const address = multiaddr(input)
    const key = address.toString()
    if (this.#multiaddrs.has(key) || this.#multiaddrs.size >= maxAddresses) return false
    this.#multiaddrs.set(key, address)
    return true
  }

  removeMultiaddr(address: Multiaddr | string): boolean {
    return this.#multiaddrs.delete(multiaddr(address).toString())
  }

  hasMultiaddr(address: Multiaddr | string): boolean {
    return this.#multiaddrs.has(multiaddr(address).toString())
  }

  addProtocol(protocol: string): boolean {
    if (this.#protocols.has(protocol) || this.#protocols.size >= maxProtocols) return false
    this.#protocols.add(protocol)
    return true
  }

  removeProtocol(protocol: string): boolean {
    return this.#protocols.delete(protocol)
  }

  hasProtocol(protocol: string): boolean {
    return this.#protocols.has(protocol)
  }
}
