/** All peer routers of a node as one. */
import type { ComponentLogger, Logger, Metrics, PeerId, PeerInfo, PeerRouting, RoutingOptions } from '@libp2p/interface'
import { RecentSet } from '@weft/collections'
import { NotFoundError } from '@weft/errors'
import { linkSignals } from '@weft/interface-node'
import { type TableFill, tableFillOf, tableFillSymbol } from '@weft/interface-peer-routing'
import { NoPeerRoutersError, QueriedForSelfError } from './errors.ts'
import { mapParallel, mergeSources, rememberedPeers } from './merge.ts'
import { type FoundComponents, storeFound } from './store-found.ts'

// Peers that a router yields without addresses and that are looked for at the same time.
const maxParallelLookups = 8

export interface PeerRoutingComponents extends FoundComponents {
  peerId: PeerId
  logger: ComponentLogger
  metrics?: Metrics
}

/** The component `peerRouting`. */
export class DefaultPeerRouting implements PeerRouting {
  private readonly _components: PeerRoutingComponents
  private readonly _routers: readonly Partial<PeerRouting>[]
  private readonly _log: Logger

  static {
    Object.defineProperty(this.prototype, tableFillSymbol, {
      value(this: DefaultPeerRouting) {
        return fillOf(this._routers)
      }
    })
  }

  /** `routers` is kept, not copied: services are added to it as they are made. */
  constructor(components: PeerRoutingComponents, init: { routers?: readonly Partial<PeerRouting>[] } = {}) {
    this._components = components
    this._routers = init.routers ?? []
    this._log = components.logger.forComponent('libp2p:peer-routing')
    const { metrics } = components
    if (metrics === undefined) return
    const trace = (name: string): string => `libp2p.peerRouting.${name}`
    this.findPeer = metrics.traceFunction(trace('findPeer'), this.findPeer.bind(this), { optionsIndex: 1 })
    this.getClosestPeers = metrics.traceFunction(trace('getClosestPeers'), this.getClosestPeers.bind(this), {
      optionsIndex: 1
    })
  }

  /** The name that it has in js-libp2p. */
  get [Symbol.toStringTag](): '@libp2p/peer-routing' {
    return '@libp2p/peer-routing'
  }

  /**
   * The first answer of a router; the others are then stopped. Throws `NoPeerRoutersError`, `QueriedForSelfError` or
   * `NotFoundError`.
   */
  async findPeer(id: PeerId, options: RoutingOptions = {}): Promise<PeerInfo> {
    if (this._routers.length === 0) throw new NoPeerRoutersError()
    if (id.equals(this._components.peerId)) throw new QueriedForSelfError()
    const done = new AbortController()
    const signal = linkSignals([options.signal, done.signal])
    try {
      const asked = this._routers
        .filter(router => typeof router.findPeer === 'function')
        .map(async router => {
          const found = await router.findPeer?.(id, { ...options, signal })
          if (found == null) throw new NotFoundError()
          return found
        })
      const peer = await Promise.any(asked)
      await storeFound(this._components, peer, this._log, options)
      return peer
    } catch (cause) {
      options.signal?.throwIfAborted()
      throw new NotFoundError(`no router found the peer ${id.toString()}`, { cause })
    } finally {
      done.abort()
      signal.clear()
    }
  }

  /**
   * Each peer once, with its addresses, which are looked up where the router gave none. When it ends, or the caller
   * leaves, routers that still look are told to stop. Throws `NoPeerRoutersError`, or
   * the first error if all routers fail.
   */
  async *getClosestPeers(key: Uint8Array, options: RoutingOptions = {}): AsyncGenerator<PeerInfo> {
    if (this._routers.length === 0) throw new NoPeerRoutersError()
    const seen = new RecentSet(rememberedPeers)
    const done = new AbortController()
    const signal = linkSignals([options.signal, done.signal])
    const complete = async (peer: PeerInfo): Promise<PeerInfo | undefined> => {
      if (seen.has(peer.id.toString()) || peer.multiaddrs.length > 0) return peer
      try {
        return await this.findPeer(peer.id, { ...options, signal, useCache: false })
      } catch (error) {
        this._log.trace('no addresses of %p - %e', peer.id, error)
        return undefined
      }
    }
    try {
      const sources = this._routers.flatMap(router => router.getClosestPeers?.(key, { ...options, signal }) ?? [])
      const merged = mergeSources(sources, error => this._log.error('a router failed - %e', error))
      for await (const peer of mapParallel(merged, maxParallelLookups, complete)) {
        if (!seen.add(peer.id.toString())) continue
        await storeFound(this._components, peer, this._log, options)
        yield peer
      }
    } finally {
      done.abort()
      signal.clear()
    }
  }
}

/** How full the tables of all routers are together; undefined where none has one. */
function fillOf(routers: readonly object[]): TableFill | undefined {
  const fills = routers.flatMap(router => tableFillOf(router) ?? [])
  if (fills.length === 0) return undefined
  const sum = (of: (fill: TableFill) => number): number => fills.reduce((total, fill) => total + of(fill), 0)
  return { peers: sum(({ peers }) => peers), emptyRegions: sum(({ emptyRegions }) => emptyRegions) }
}
