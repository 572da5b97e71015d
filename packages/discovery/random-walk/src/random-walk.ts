/** The adapter: timer, the node's walker and its events around `core/schedule.ts`. */
import type {
  ComponentLogger,
  Libp2pEvents,
  Logger,
  PeerDiscovery,
  PeerDiscoveryEvents,
  PeerInfo,
  PeerRouting,
  Startable,
  TypedEventTarget
} from '@libp2p/interface'
import { AbortError, TimeoutError } from '@weft/errors'
import { EventEmitter } from '@weft/events'
import { peerDiscoverySymbol } from '@weft/interface-discovery'
import { type RandomWalk as Walker, serviceCapabilities } from '@weft/interface-node'
import { tableFillOf } from '@weft/interface-peer-routing'
import { WalkSchedule } from './core/schedule.ts'
import { checkInit, type RandomWalkInit, type Settings, settingsOf } from './options.ts'

/** What it needs of a node. */
export interface RandomWalkComponents {
  /** The node's walker, which others walk with too. */
  randomWalk: Walker
  /** Tells how full the tables of the routers are, if one of them does. */
  peerRouting: PeerRouting
  /** Tell of connections. */
  events: TypedEventTarget<Libp2pEvents>
  /** Makes its logger. */
  logger: ComponentLogger
}

/**
 * A discovery for `peerDiscovery: [randomWalk()]`: looks up random keys, so that the tables of the routers fill and stay
 * filled, and announces whom it meets. Throws `InvalidParametersError`, which names the option, when it is called.
 */
export function randomWalk(init: RandomWalkInit = {}): (components: RandomWalkComponents) => RandomWalkDiscovery {
  const tellNotices = checkInit(init)
  return components => {
    tellNotices(components)
    return new RandomWalkDiscovery(components, settingsOf(init))
  }
}

/** Peers of one walk, whatever a walker of another make yields: a look-up gives 20. */
const maxPeersOfWalk = 100
/** Peers that are remembered, to know what a walk has brought. */
const maxKnown = 4096

/** Discovery by random walks. Made by `randomWalk()`. */
export class RandomWalkDiscovery extends EventEmitter<PeerDiscoveryEvents> implements PeerDiscovery, Startable {
  private readonly _components: RandomWalkComponents
  private readonly _log: Logger
  private readonly _timeout: number
  private readonly _schedule: WalkSchedule
  private readonly _known = new Set<string>()
  private readonly _onConnection = (): void => {
    this._schedule.connected(performance.now())
    this._arm()
  }
  private _timer: ReturnType<typeof setTimeout> | undefined
  private _running: AbortController | undefined

  static {
    Object.defineProperties(this.prototype, {
      [peerDiscoverySymbol]: {
        get(this: RandomWalkDiscovery) {
          return this
        }
      },
      [serviceCapabilities]: { value: ['@libp2p/peer-discovery'] },
      [Symbol.toStringTag]: { value: '@weft/random-walk' }
    })
  }

  constructor(components: RandomWalkComponents, { timeout, ...intervals }: Settings) {
    super()
    this._components = components
    this._log = components.logger.forComponent('libp2p:random-walk')
    this._timeout = timeout
    this._schedule = new WalkSchedule({ ...intervals, random: Math.random })
  }

  /** Whether it walks from time to time. */
  isStarted(): boolean {
    return this._running !== undefined
  }

  async start(): Promise<void> {
    if (this._running !== undefined) return
    this._running = new AbortController()
    this._components.events.addEventListener('connection:open', this._onConnection)
    this._schedule.start(performance.now())
    this._arm()
  }

  async stop(): Promise<void> {
    if (this._running === undefined) return
    this._running.abort(new AbortError('the node stops'))
    this._running = undefined
    this._components.events.removeEventListener('connection:open', this._onConnection)
    this._schedule.stop()
    this._known.clear()
    clearTimeout(this._timer)
  }

  private _arm(): void {
    clearTimeout(this._timer)
    const { wakeAt } = this._schedule
    if (wakeAt === Number.POSITIVE_INFINITY) return
    this._timer = setTimeout(() => void this._tick(), Math.max(0, Math.ceil(wakeAt - performance.now())))
  }

  /** Never rejects. */
  private async _tick(): Promise<void> {
    const running = this._running
    if (running === undefined) return
    const { peerRouting } = this._components
    if (this._schedule.tick(tableFillOf(peerRouting), performance.now())) {
      const found = await this._walk(running.signal)
      // Stopped, and perhaps started again, in the meantime.
      if (this._running !== running) return
      this._schedule.done(found, tableFillOf(peerRouting), performance.now())
    }
    this._arm()
  }

  /** One look-up. How many peers it has met for the first time. */
  private async _walk(stopped: AbortSignal): Promise<number> {
    const controller = new AbortController()
    const end = (): void => controller.abort(stopped.reason)
    stopped.addEventListener('abort', end)
    const timer = setTimeout(() => {
      controller.abort(new TimeoutError(`a random walk took more than ${this._timeout} ms`))
    }, this._timeout)
    let news = 0
    let met = 0
    try {
      for await (const peer of this._components.randomWalk.walk({ signal: controller.signal, lookups: 1 })) {
        if (stopped.aborted) break
        if (this._meet(peer)) news++
        if (++met >= maxPeersOfWalk) break
      }
      this._log('a random walk met %d peers, %d for the first time', met, news)
    } catch (error) {
      if (!stopped.aborted) this._log.error('a random walk failed - %e', error)
    } finally {
      clearTimeout(timer)
      stopped.removeEventListener('abort', end)
    }
    return news
  }

  private _meet({ id, multiaddrs }: PeerInfo): boolean {
    const key = id.toString()
    const isNew = !this._known.has(key)
    this._known.delete(key)
    if (this._known.size >= maxKnown) this._known.delete(this._known.keys().next().value!)
    this._known.add(key)
    this.safeDispatchEvent('peer', { detail: { id, multiaddrs } })
    return isNew
  }
}
