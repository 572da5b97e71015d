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
  private readonly _components: PrunerComponents
  private readonly _host: PrunerHost
  private readonly _watermarks: Watermarks | undefined
  private readonly _log: Logger
  private _running = false
  private _started = false
  private _lastPruned: number | undefined
  private _timer: ReturnType<typeof setTimeout> | undefined

  constructor(components: PrunerComponents, host: PrunerHost, log: Logger, watermarks: Watermarks | undefined) {
    this._components = components
    this._host = host
    this._log = log
    this._watermarks = watermarks
  }

  start(): void {
    this._started = true
  }

  stop(): void {
    this._started = false
    clearTimeout(this._timer)
    this._timer = undefined
  }

  /** There may be too many connections. */
  check(connections: number): void {
    if (this._running || !this._started) return
    const need = this._need(connections)
    if (need.kind === 'wait') this._lookAgain(need.until)
    if (need.kind === 'none' || need.kind === 'wait') return
    this._running = true
    void this._run(need)
  }

  private async _run(need: PruningNeed & { kind: 'limit' | 'watermark' }): Promise<void> {
    let closed = 0
    try {
      closed = await this._prune(need)
    } catch (error) {
      this._log.error('could not prune connections - %e', error)
    }
    this._running = false
    // More may have come meanwhile.
    if (closed > 0) this.check(this._host.getConnections().length)
  }

  private _need(connections: number): PruningNeed {
    return pruningNeed(
      connections,
      this._host.getMaxConnections(),
      this._watermarks,
      this._lastPruned,
      // Connections have their times of this clock.
      Date.now()
    )
  }

  /** Returns how many were closed. */
  private async _prune(need: PruningNeed & { kind: 'limit' | 'watermark' }): Promise<number> {
    const all = this._host.getConnections()
    const candidates = await this._rate(all.filter(connection => !this._host.isSpared(connection)))
    const now = Date.now()
    const isYoung = ({ openedAt }: Rated): boolean =>
      need.kind === 'watermark' && openedAt + this._watermarks!.gracePeriod > now
    const outbound = all.filter(({ direction }) => direction === 'outbound').length
    const share = Math.floor(this._host.getMaxConnections() / 2)
    const surplus = leastWanted(
      candidates.filter(candidate => !isYoung(candidate)),
      need.count,
      outbound,
      share
    )
    if (need.kind === 'watermark') {
      this._lastPruned = now
      const young = candidates.filter(isYoung).map(({ openedAt }) => openedAt)
      if (surplus.length < need.count) this._lookAgain(nextLook(young, this._watermarks!, now))
    }
    const connections = surplus.map(({ connection }) => connection)
    if (connections.length === 0) return 0
    const signal = AbortSignal.timeout(closeTimeout)
    await Promise.all(connections.map(connection => closeOrAbort(connection, { signal })))
    this._components.events.safeDispatchEvent('connection:prune', { detail: connections })
    return connections.length
  }

  /** What is known of connections, without those of peers that are tagged to be kept. */
  private async _rate(connections: readonly Connection[]): Promise<Rated[]> {
    const values = new Map<string, number>()
    for (const { remotePeer } of connections) {
      const key = remotePeer.toString()
      if (!values.has(key)) values.set(key, await this._valueOf(remotePeer))
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

  private async _valueOf(id: PeerId): Promise<number> {
    try {
      const peer = await this._components.peerStore.get(id)
      if (keepAliveTags(peer).length > 0) return Number.POSITIVE_INFINITY
      return [...peer.tags.values()].reduce((sum, { value }) => sum + value, 0)
    } catch (error) {
      if ((error as Error).name === 'NotFoundError') return 0
      throw error
    }
  }

  private _lookAgain(at: number | undefined): void {
    if (at === undefined || this._timer !== undefined || !this._started) return
    this._timer = setTimeout(
      () => {
        this._timer = undefined
        this.check(this._host.getConnections().length)
      },
      Math.max(1, at - Date.now())
    )
    ;(this._timer as { unref?: () => void }).unref?.()
  }
}
