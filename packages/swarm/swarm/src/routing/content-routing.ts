/** All content routers of a node as one. */
import type {
  AbortOptions,
  ComponentLogger,
  ContentRouting,
  Logger,
  Metrics,
  Provider,
  RoutingOptions,
  Startable
} from '@libp2p/interface'
import { RecentSet } from '@weft/collections'
import { NotStartedError, throwIfAborted } from '@weft/errors'
import { linkSignals } from '@weft/interface-node'
import type { CID } from 'multiformats/cid'
import { NoContentRoutersError } from './errors.ts'
import { mergeSources, rememberedPeers } from './merge.ts'
import { type FoundComponents, storeFound } from './store-found.ts'

export interface ContentRoutingComponents extends FoundComponents {
  logger: ComponentLogger
  metrics?: Metrics
}

type Method = keyof ContentRouting

/** The component `contentRouting`. */
export class DefaultContentRouting implements ContentRouting, Startable {
  private readonly _components: ContentRoutingComponents
  private readonly _routers: readonly Partial<ContentRouting>[]
  private readonly _log: Logger
  private _started = false

  /** `routers` is kept, not copied: services are added to it as they are made. */
  constructor(components: ContentRoutingComponents, init: { routers?: readonly Partial<ContentRouting>[] } = {}) {
    this._components = components
    this._routers = init.routers ?? []
    this._log = components.logger.forComponent('libp2p:content-routing')
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
    return this._started
  }

  start(): void {
    this._started = true
  }

  stop(): void {
    this._started = false
  }

  /**
   * Each provider once. When it ends, or the caller leaves, routers that still look are told to stop. Throws
   * `NoContentRoutersError`, or the first error if all routers fail.
   */
  async *findProviders(key: CID, options: RoutingOptions = {}): AsyncGenerator<Provider> {
    const seen = new RecentSet(rememberedPeers)
    const routers = this._having('findProviders')
    const done = new AbortController()
    const signal = linkSignals([options.signal, done.signal])
    try {
      const sources = routers.flatMap(router => router.findProviders?.(key, { ...options, signal }) ?? [])
      for await (const provider of mergeSources(sources, error => this._log.error('a router failed - %e', error))) {
        if (provider == null || !seen.add(provider.id.toString())) continue
        await storeFound(this._components, provider, this._log, options)
        yield provider
      }
    } finally {
      done.abort()
      signal.clear()
    }
  }

  /**
   * Resolves when all routers that can have done it; rejects with the first error, or with `NoContentRoutersError` if
   * none can.
   */
  async provide(key: CID, options: AbortOptions = {}): Promise<void> {
    await all(this._able('provide').map(async router => router.provide?.(key, options)))
  }

  async cancelReprovide(key: CID, options: AbortOptions = {}): Promise<void> {
    await all(this._having('cancelReprovide').map(async router => router.cancelReprovide?.(key, options)))
  }

  async put(key: Uint8Array, value: Uint8Array, options?: AbortOptions): Promise<void> {
    this._checkStarted()
    await all(this._able('put').map(async router => router.put?.(key, value, options)))
  }

  /**
   * The first value that a router finds; the others are then told to stop. Rejects with an `AggregateError` if none finds
   * one, with `NoContentRoutersError` if none can look.
   */
  async get(key: Uint8Array, options: AbortOptions = {}): Promise<Uint8Array> {
    this._checkStarted()
    const routers = this._able('get')
    const done = new AbortController()
    const signal = linkSignals([options.signal, done.signal])
    try {
      return await Promise.any(routers.map(async router => router.get!(key, { ...options, signal })))
    } catch (error) {
      throwIfAborted(options.signal)
      throw error
    } finally {
      done.abort()
      signal.clear()
    }
  }

  /** The routers that have the method: at least one. */
  private _able(method: Method): Partial<ContentRouting>[] {
    const routers = this._having(method)
    if (routers.length === 0) throw new NoContentRoutersError(`no content router of this node has ${method}()`)
    return routers
  }

  private _having(method: Method): Partial<ContentRouting>[] {
    if (this._routers.length === 0) throw new NoContentRoutersError()
    return this._routers.filter(router => typeof router[method] === 'function')
  }

  private _checkStarted(): void {
    if (!this._started) throw new NotStartedError('content routing is not started')
  }
}

/** Waits for all before it rejects, so that nothing goes on behind the caller's back. */
async function all(tasks: ReadonlyArray<Promise<unknown>>): Promise<void> {
  const failed = (await Promise.allSettled(tasks)).find(result => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
