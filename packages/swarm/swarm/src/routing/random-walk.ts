/** Random walks over the network, shared by all that want random peers. */
import type { AbortOptions, ComponentLogger, Logger, PeerInfo, PeerRouting, Startable } from '@libp2p/interface'
import { AbortError } from '@weft/errors'
import { raceSignal } from '@weft/interface-connection'
import type { RandomWalk } from '../contracts.ts'
import { linkSignals } from '../signals.ts'

// After a query that found nobody; without it a node with an empty routing table would ask in a circle.
const emptyWalkDelay = 1_000

export interface RandomWalkComponents {
  peerRouting: PeerRouting
  logger: ComponentLogger
}

interface Waiter {
  resolve: (peer: PeerInfo) => void
  reject: (error: unknown) => void
}

/** The component `randomWalk`. */
export class DefaultRandomWalk implements RandomWalk, Startable {
  readonly #routing: PeerRouting
  readonly #log: Logger
  readonly #waiters = new Set<Waiter>()
  #wanted: (() => void) | undefined
  #walkers = 0
  #walk: AbortController | undefined
  #shutdown = new AbortController()

  constructor(components: RandomWalkComponents) {
    this.#routing = components.peerRouting
    this.#log = components.logger.forComponent('libp2p:random-walk')
  }

  /** The name that it has in js-libp2p. */
  get [Symbol.toStringTag](): '@libp2p/random-walk' {
    return '@libp2p/random-walk'
  }

  start(): void {
    if (this.#shutdown.signal.aborted) this.#shutdown = new AbortController()
  }

  stop(): void {
    this.#shutdown.abort(new AbortError('the node stops'))
  }

  /** Walks only as fast as the callers take peers, and ends with the last of them. Throws what the routing throws. */
  async *walk(options: AbortOptions = {}): AsyncGenerator<PeerInfo> {
    const signal = linkSignals([options.signal, this.#shutdown.signal])
    this.#walkers++
    try {
      while (true) yield await this.#next(signal)
    } finally {
      signal.clear()
      this.#walkers--
      if (this.#walkers === 0) this.#walk?.abort(new AbortError('nobody wants random peers any more'))
    }
  }

  async #next(signal: AbortSignal): Promise<PeerInfo> {
    signal.throwIfAborted()
    let waiter: Waiter | undefined
    const peer = new Promise<PeerInfo>((resolve, reject) => {
      waiter = { resolve, reject }
      this.#waiters.add(waiter)
    })
    this.#wanted?.()
    if (this.#walk === undefined) void this.#run()
    try {
      return await raceSignal(peer, signal)
    } finally {
      this.#waiters.delete(waiter!)
    }
  }

  async #run(): Promise<void> {
    const walk = new AbortController()
    this.#walk = walk
    const signal = linkSignals([walk.signal, this.#shutdown.signal])
    try {
      while (!signal.aborted) {
        let found = 0
        for await (const peer of this.#routing.getClosestPeers(randomKey(), { signal })) {
          signal.throwIfAborted()
          found++
          for (const waiter of this.#waiters) waiter.resolve(peer)
          this.#waiters.clear()
          await this.#whenWanted(signal)
        }
        if (found === 0) await pause(emptyWalkDelay, signal)
      }
    } catch (error) {
      // Whoever waits although this walk was ended came too late for it, and gets the next one.
      if (!signal.aborted) {
        this.#log.error('a random walk failed - %e', error)
        for (const waiter of this.#waiters) waiter.reject(error)
        this.#waiters.clear()
      }
    } finally {
      signal.clear()
      this.#walk = undefined
      if (this.#waiters.size > 0 && !this.#shutdown.signal.aborted) void this.#run()
    }
  }

  async #whenWanted(signal: AbortSignal): Promise<void> {
    if (this.#waiters.size > 0) return
    await raceSignal(new Promise<void>(resolve => (this.#wanted = resolve)), signal)
    this.#wanted = undefined
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
