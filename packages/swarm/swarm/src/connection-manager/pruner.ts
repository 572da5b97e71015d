/** Closes the least wanted connections when there are too many. */
import type { Connection, Libp2pEvents, Logger, PeerId, PeerStore, TypedEventTarget } from '@libp2p/interface'
import { type Candidate, leastWanted } from '../core/pruning/least-wanted.ts'
import { nextLook, pruningNeed, type PruningNeed, type Watermarks } from '../core/pruning/watermarks.ts'
import { keepAliveTags } from '../keep-alive-tag.ts'
import { closeOrAbort } from './close-or-abort.ts'

export interface PrunerComponents {
  peerStore: PeerStore
  events: TypedEventTarget<Libp2pEvents>
}

/** What the pruner asks of the connection manager. */
export interface PrunerHost {
  getConnections(): Connection[]
  getMaxConnections(): number
  /** Whether a connection is never pruned, whatever its peer's tags. */
  isSpared(connection: Connection): boolean
}

interface Rated extends Candidate {
  connection: Connection
}

// The longest that a connection is waited for, in ms, as in js-libp2p.
const closeTimeout = 1000

export class Pruner {
  readonly #components: PrunerComponents
  readonly #host: PrunerHost
  readonly #watermarks: Watermarks | undefined
  readonly #log: Logger
  #running = false
  #started = false
  #lastPruned: number | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(components: PrunerComponents, host: PrunerHost, log: Logger, watermarks: Watermarks | undefined) {
    this.#components = components
    this.#host = host
    this.#log = log
    this.#watermarks = watermarks
  }

  start(): void {
    this.#started = true
  }

  stop(): void {
    this.#started = false
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** There may be too many connections. */
  check(connections: number): void {
    if (this.#running || !this.#started) return
    const need = this.#need(connections)
    if (need.kind === 'wait') this.#lookAgain(need.until)
    if (need.kind === 'none' || need.kind === 'wait') return
    this.#running = true
    void this.#run(need)
  }

  async #run(need: PruningNeed & { kind: 'limit' | 'watermark' }): Promise<void> {
    let closed = 0
    try {
      closed = await this.#prune(need)
    } catch (error) {
      this.#log.error('could not prune connections - %e', error)
    }
    this.#running = false
    // More may have come meanwhile.
    if (closed > 0) this.check(this.#host.getConnections().length)
  }

  #need(connections: number): PruningNeed {
    return pruningNeed(
      connections,
      this.#host.getMaxConnections(),
      this.#watermarks,
      this.#lastPruned,
      // Connections have their times of this clock.
      Date.now()
    )
  }

  /** Returns how many were closed. */
  async #prune(need: PruningNeed & { kind: 'limit' | 'watermark' }): Promise<number> {
    const all = this.#host.getConnections()
    const candidates = await this.#rate(all.filter(connection => !this.#host.isSpared(connection)))
    const now = Date.now()
    const isYoung = ({ openedAt }: Rated): boolean =>
      need.kind === 'watermark' && openedAt + this.#watermarks!.gracePeriod > now
    const outbound = all.filter(({ direction }) => direction === 'outbound').length
    const share = Math.floor(this.#host.getMaxConnections() / 2)
    const surplus = leastWanted(
      candidates.filter(candidate => !isYoung(candidate)),
      need.count,
      outbound,
      share
    )
    if (need.kind === 'watermark') {
      this.#lastPruned = now
      const young = candidates.filter(isYoung).map(({ openedAt }) => openedAt)
      if (surplus.length < need.count) this.#lookAgain(nextLook(young, this.#watermarks!, now))
    }
    const connections = surplus.map(({ connection }) => connection)
    if (connections.length === 0) return 0
    const signal = AbortSignal.timeout(closeTimeout)
    await Promise.all(connections.map(connection => closeOrAbort(connection, { signal })))
    this.#components.events.safeDispatchEvent('connection:prune', { detail: connections })
    return connections.length
  }

  /** What is known of connections, without those of peers that are tagged to be kept. */
  async #rate(connections: readonly Connection[]): Promise<Rated[]> {
    const values = new Map<string, number>()
    for (const { remotePeer } of connections) {
      const key = remotePeer.toString()
      if (!values.has(key)) values.set(key, await this.#valueOf(remotePeer))
    }
    return connections
      .map(connection => ({
        connection,
        value: values.get(connection.remotePeer.toString())!,
        streams: connection.streams.length,
        outbound: connection.direction === 'outbound',
        openedAt: connection.timeline.open
      }))
      .filter(({ value }) => value < Number.POSITIVE_INFINITY)
  }

  async #valueOf(id: PeerId): Promise<number> {
    try {
      const peer = await this.#components.peerStore.get(id)
      if (keepAliveTags(peer).length > 0) return Number.POSITIVE_INFINITY
      return [...peer.tags.values()].reduce((sum, { value }) => sum + value, 0)
    } catch (error) {
      if ((error as Error).name === 'NotFoundError') return 0
      throw error
    }
  }

  #lookAgain(at: number | undefined): void {
    if (at === undefined || this.#timer !== undefined || !this.#started) return
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        this.check(this.#host.getConnections().length)
      },
      Math.max(1, at - Date.now())
    )
    ;(this.#timer as { unref?: () => void }).unref?.()
  }
}
