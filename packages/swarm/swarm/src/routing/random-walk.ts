/** Random walks over the network, shared by all that want random peers. */
import type { ComponentLogger, Logger, PeerInfo, PeerRouting, Startable } from '@libp2p/interface'
import { AbortError } from '@weft/errors'
import { raceSignal } from '@weft/interface-connection'
import type { RandomWalk, WalkOptions } from '@weft/interface-node'
import { linkSignals } from '@weft/interface-node'

// After a query that found nobody; without it a node with an empty routing table would ask in a circle.
const emptyWalkDelay = 1_000

export interface RandomWalkComponents {
  peerRouting: PeerRouting
  logger: ComponentLogger
}

interface Waiter {
  /** Undefined: the look-ups that it wanted are over. */
  resolve: (peer: PeerInfo | undefined) => void
  reject: (error: unknown) => void
  /** Number of the last look-up that it wants. */
  last: number
}

/** The component `randomWalk`. */
export class DefaultRandomWalk implements RandomWalk, Startable {
  private readonly _routing: PeerRouting
  private readonly _log: Logger
  private readonly _waiters = new Set<Waiter>()
  private _wanted: (() => void) | undefined
  private _walkers = 0
  /** Look-ups that were begun. */
  private _lookups = 0
  private _isLookingUp = false
  private _walk: AbortController | undefined
  private _shutdown = new AbortController()

  constructor(components: RandomWalkComponents) {
    this._routing = components.peerRouting
    this._log = components.logger.forComponent('libp2p:random-walk')
  }

  /** The name that it has in js-libp2p. */
  get [Symbol.toStringTag](): '@libp2p/random-walk' {
    return '@libp2p/random-walk'
  }

  start(): void {
    if (this._shutdown.signal.aborted) this._shutdown = new AbortController()
  }

  stop(): void {
    this._shutdown.abort(new AbortError('the node stops'))
  }

  /** Walks only as fast as the callers take peers, and ends with the last of them. Throws what the routing throws. */
  async *walk(options: WalkOptions = {}): AsyncGenerator<PeerInfo> {
    const signal = linkSignals([options.signal, this._shutdown.signal])
    const last = this._lookups + (options.lookups ?? Number.POSITIVE_INFINITY)
    this._walkers++
    try {
      for (let peer = await this._next(signal, last); peer !== undefined; peer = await this._next(signal, last)) {
        yield peer
      }
    } finally {
      signal.clear()
      this._walkers--
      if (this._walkers === 0) this._walk?.abort(new AbortError('nobody wants random peers any more'))
    }
  }

  private async _next(signal: AbortSignal, last: number): Promise<PeerInfo | undefined> {
    signal.throwIfAborted()
    if (this._lookups >= last && !this._isLookingUp) return undefined
    let waiter: Waiter | undefined
    const peer = new Promise<PeerInfo | undefined>((resolve, reject) => {
      waiter = { resolve, reject, last }
      this._waiters.add(waiter)
    })
    this._wanted?.()
    if (this._walk === undefined) void this._run()
    try {
      return await raceSignal(peer, signal)
    } finally {
      this._waiters.delete(waiter!)
    }
  }

  private async _run(): Promise<void> {
    const walk = new AbortController()
    this._walk = walk
    const signal = linkSignals([walk.signal, this._shutdown.signal])
    try {
      while (!signal.aborted) {
        let found = 0
        this._lookups++
        this._isLookingUp = true
        for await (const peer of this._routing.getClosestPeers(randomKey(), { signal })) {
          signal.throwIfAborted()
          found++
          for (const waiter of this._waiters) waiter.resolve(peer)
          this._waiters.clear()
          await this._whenWanted(signal)
        }
        this._isLookingUp = false
        for (const waiter of this._waiters) {
          if (waiter.last > this._lookups) continue
          waiter.resolve(undefined)
          this._waiters.delete(waiter)
        }
        if (found === 0) await pause(emptyWalkDelay, signal)
        await this._whenWanted(signal)
      }
    } catch (error) {
      // Whoever waits although this walk was ended came too late for it, and gets the next one.
      if (!signal.aborted) {
        this._log.error('a random walk failed - %e', error)
        for (const waiter of this._waiters) waiter.reject(error)
        this._waiters.clear()
      }
    } finally {
      signal.clear()
      this._walk = undefined
      this._isLookingUp = false
      if (this._waiters.size > 0 && !this._shutdown.signal.aborted) void this._run()
    }
  }

  private async _whenWanted(signal: AbortSignal): Promise<void> {
    if (this._waiters.size > 0) return
    await raceSignal(new Promise<void>(resolve => (this._wanted = resolve)), signal)
    this._wanted = undefined
  }
}

function randomKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32))
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    await raceSignal(new Promise<void>(resolve => (timer = setTimeout(resolve, ms))), signal)
  } finally {
    clearTimeout(timer)
  }
}
