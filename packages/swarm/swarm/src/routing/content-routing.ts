/** All content routers of a node as one. */
import type {
  AbortOptions,
  ComponentLogger,
  ContentRouting,
  Logger,
  Metrics,
  PeerStore,
  Provider,
  RoutingOptions,
  Startable
} from '@libp2p/interface'
import { NotStartedError } from '@weft/errors'
import type { CID } from 'multiformats/cid'
import { NoContentRoutersError } from './errors.ts'
import { mergeSources } from './merge.ts'
import { RecentPeers } from './recent-peers.ts'

export interface ContentRoutingComponents {
  peerStore: PeerStore
  logger: ComponentLogger
  metrics?: Metrics
}

type Method = keyof ContentRouting

/** The component `contentRouting`. */
export class DefaultContentRouting implements ContentRouting, Startable {
  readonly #components: ContentRoutingComponents
  readonly #routers: readonly Partial<ContentRouting>[]
  readonly #log: Logger
  #started = false

  /** `routers` is kept, not copied: services are added to it as they are made. */
  constructor(components: ContentRoutingComponents, init: { routers?: readonly Partial<ContentRouting>[] } = {}) {
    this.#components = components
    this.#routers = init.routers ?? []
    this.#log = components.logger.forComponent('libp2p:content-routing')
    const { metrics } = components
    if (metrics === undefined) return
    const name = (method: Method): string => `libp2p.contentRouting.${method}`
    const second = { optionsIndex: 1 }
    this.findProviders = metrics.traceFunction(name('findProviders'), this.findProviders.bind(this), second)
    this.provide = metrics.traceFunction(name('provide'), this.provide.bind(this), second)
    this.cancelReprovide = metrics.traceFunction(name('cancelReprovide'), this.cancelReprovide.bind(this), second)
    this.put = metrics.traceFunction(name('put'), this.put.bind(this), { optionsIndex: 2 })
    this.get = metrics.traceFunction(name('get'), this.get.bind(this), second)
  }

  /** The name that it has in js-libp2p. */
  get [Symbol.toStringTag](): '@libp2p/content-routing' {
    return '@libp2p/content-routing'
  }

  /** Whether values can be put and got. */
  isStarted(): boolean {
    return this.#started
  }

  start(): void {
    this.#started = true
  }

  stop(): void {
    this.#started = false
  }

  /** Each provider once. Throws `NoContentRoutersError`, or the first error if all routers fail. */
  async *findProviders(key: CID, options: RoutingOptions = {}): AsyncGenerator<Provider> {
    const seen = new RecentPeers()
    const sources = this.#having('findProviders').flatMap(router => router.findProviders?.(key, options) ?? [])
    for await (const provider of mergeSources(sources, error => this.#log.error('a router failed - %e', error))) {
      if (provider == null || !seen.add(provider.id)) continue
      await this.#store(provider, options)
      yield provider
    }
  }

  /** Resolves when all routers have done it; rejects with the first error. */
  async provide(key: CID, options: AbortOptions = {}): Promise<void> {
    await all(this.#having('provide').map(async router => router.provide?.(key, options)))
  }

  async cancelReprovide(key: CID, options: AbortOptions = {}): Promise<void> {
    await all(this.#having('cancelReprovide').map(async router => router.cancelReprovide?.(key, options)))
  }

  async put(key: Uint8Array, value: Uint8Array, options?: AbortOptions): Promise<void> {
    this.#checkStarted()
    await all(this.#having('put').map(async router => router.put?.(key, value, options)))
  }

  /** The first value that a router finds. Rejects with an `AggregateError` if none does. */
  async get(key: Uint8Array, options?: AbortOptions): Promise<Uint8Array> {
    this.#checkStarted()
    return Promise.any(this.#having('get').map(async router => router.get!(key, options)))
  }

  #having(method: Method): Partial<ContentRouting>[] {
    if (this.#routers.length === 0) throw new NoContentRoutersError()
    return this.#routers.filter(router => typeof router[method] === 'function')
  }

  #checkStarted(): void {
    if (!this.#started) throw new NotStartedError('content routing is not started')
  }

  async #store({ id, multiaddrs }: Provider, options: AbortOptions): Promise<void> {
    if (multiaddrs.length === 0) return
    try {
      await this.#components.peerStore.merge(id, { multiaddrs }, options)
    } catch (error) {
      options.signal?.throwIfAborted()
      this.#log.error('could not store the addresses of %p - %e', id, error)
    }
  }
}

/** Waits for all before it rejects, so that nothing goes on behind the caller's back. */
async function all(tasks: ReadonlyArray<Promise<unknown>>): Promise<void> {
  const failed = (await Promise.allSettled(tasks)).find(result => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
