import type { PeerDiscovery, PeerDiscoveryEvents, Startable } from '@libp2p/interface'
import { EventEmitter } from '@weft/events'
import { peerDiscoverySymbol } from '@weft/interface-discovery'
import { serviceCapabilities } from '@weft/interface-node'
import type { PresentPeer } from './core/peer-table.ts'
import { type Heard, type MulticastDNSComponents, type Neighbourhood, neighbourhoodOf } from './neighbours.ts'
import { checkInit, type MulticastDNSInit } from './options.ts'

/**
 * A discovery for `peerDiscovery: [mdns()]`: the peers of the same local network. Throws `InvalidParametersError`, which
 * names the option, when it is called.
 *
 * @see https://github.com/libp2p/specs/blob/master/discovery/mdns.md
 */
export function mdns(init: MulticastDNSInit = {}): (components: MulticastDNSComponents) => MulticastDNS {
  const tellNotices = checkInit('mdns', init)
  return components => {
    tellNotices(components)
    return new MulticastDNS(components, init)
  }
}

/** Milliseconds after which a peer that is still there is announced again. */
const againAfter = 10_000
/** Peers whose last announcement is remembered: as many as are kept. */
const maxRemembered = 1024

/** Discovery by multicast DNS. Made by `mdns()`. */
export class MulticastDNS extends EventEmitter<PeerDiscoveryEvents> implements PeerDiscovery, Startable {
  private readonly _neighbours: Neighbourhood
  private readonly _announced = new Map<string, number>()
  private _end: (() => void) | undefined

  static {
    Object.defineProperties(this.prototype, {
      [peerDiscoverySymbol]: {
        get(this: MulticastDNS) {
          return this
        }
      },
      [serviceCapabilities]: { value: ['@libp2p/peer-discovery'] },
      [Symbol.toStringTag]: { value: '@weft/mdns' }
    })
  }

  constructor(components: MulticastDNSComponents, init: MulticastDNSInit) {
    super()
    this._neighbours = neighbourhoodOf(components, init)
  }

  /** The service under which nodes find each other. */
  get service(): string {
    return this._neighbours.service
  }

  /** Who is present. */
  get peers(): PresentPeer[] {
    return this._neighbours.peers
  }

  /** What was heard last, and why it was or was not used: at most 128. */
  get heard(): readonly Heard[] {
    return this._neighbours.heard
  }

  /** Whether it announces peers. */
  isStarted(): boolean {
    return this._end !== undefined
  }

  async start(): Promise<void> {
    if (this._end !== undefined) return
    this._end = this._neighbours.listen({
      found: (peer, news) => this._found(peer, news),
      gone: id => void this._announced.delete(id.toString())
    })
    // Whom another user has found already.
    for (const peer of this.peers) this._found(peer, 'new')
    try {
      await this._neighbours.hold()
    } catch (error) {
      this._end?.()
      this._end = undefined
      throw error
    }
  }

  async stop(): Promise<void> {
    if (this._end === undefined) return
    this._end()
    this._end = undefined
    this._announced.clear()
    await this._neighbours.release()
  }

  private _found({ id, multiaddrs }: PresentPeer, news: 'new' | 'changed' | 'same'): void {
    const now = performance.now()
    const key = id.toString()
    if (news === 'same' && now < (this._announced.get(key) ?? Number.NEGATIVE_INFINITY) + againAfter) return
    this._announced.delete(key)
    if (this._announced.size >= maxRemembered) this._announced.delete(this._announced.keys().next().value!)
    this._announced.set(key, now)
    this.safeDispatchEvent('peer', { detail: { id, multiaddrs } })
  }
}
