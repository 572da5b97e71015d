/** Dials peers again that are tagged to be kept (`keep-alive`, with any suffix) and were lost. */
import type { Libp2pEvents, Logger, Peer, PeerId, PeerStore, TypedEventTarget } from '@libp2p/interface'
import { AbortError, TimeoutError } from '@weft/errors'
import { linkSignals } from '@weft/interface-node'
import { type ReconnectLimits, ReconnectSchedule } from '../core/reconnect/schedule.ts'
import { keepAliveTags } from '../keep-alive-tag.ts'

export interface ReconnectComponents {
  peerStore: PeerStore
  events: TypedEventTarget<Libp2pEvents>
}

/** What the queue asks of the connection manager. */
export interface ReconnectHost {
  isConnected(peer: PeerId): boolean
  /** Opens a connection, whatever failed before. */
  open(peer: PeerId, signal: AbortSignal): Promise<unknown>
}

// The largest delay of a timer.
const longestTimeout = 2 ** 31 - 1

interface Wanted {
  peer: PeerId
  /** It was connected in this run of the node: once it is given up, its tags go. */
  wasConnected: boolean
}

export class ReconnectQueue {
  private readonly _components: ReconnectComponents
  private readonly _host: ReconnectHost
  private readonly _log: Logger
  private readonly _limits: ReconnectLimits
  /** Milliseconds for one attempt. */
  private readonly _attemptTimeout: number
  private readonly _wanted = new Map<string, Wanted>()
  private _schedule: ReconnectSchedule
  private _stopping: AbortController | undefined
  private _timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    components: ReconnectComponents,
    host: ReconnectHost,
    log: Logger,
    limits: ReconnectLimits,
    attemptTimeout: number
  ) {
    this._components = components
    this._host = host
    this._log = log
    this._limits = limits
    this._attemptTimeout = attemptTimeout
    this._schedule = this._newSchedule()
  }

  start(): void {
    this._stopping = new AbortController()
    this._components.events.addEventListener('peer:disconnect', this._onDisconnect)
    this._components.events.addEventListener('peer:connect', this._onConnect)
  }

  /** Dials all peers that are tagged: the node has just started. */
  async dialTagged(): Promise<void> {
    const stopping = this._stopping
    const filters = [(peer: Peer): boolean => keepAliveTags(peer).length > 0]
    for (const { id } of await this._components.peerStore.all({ filters })) {
      if (this._stopping !== stopping) return
      if (!this._host.isConnected(id)) this._add(id, false)
    }
  }

  stop(): void {
    this._components.events.removeEventListener('peer:disconnect', this._onDisconnect)
    this._components.events.removeEventListener('peer:connect', this._onConnect)
    this._stopping?.abort(new AbortError('the node is stopping'))
    this._stopping = undefined
    clearTimeout(this._timer)
    this._timer = undefined
    this._wanted.clear()
    this._schedule = this._newSchedule()
  }

  private readonly _onDisconnect = ({ detail: peer }: CustomEvent<PeerId>): void => {
    const stopping = this._stopping
    this._tagsOf(peer).then(
      tags => {
        if (tags.length > 0 && this._stopping === stopping) this._add(peer, true)
      },
      (error: Error) => this._log.error('could not read the tags of %p - %e', peer, error)
    )
  }

  /** It came back by itself. An attempt that runs is left to end: it may be what has connected. */
  private readonly _onConnect = ({ detail: peer }: CustomEvent<PeerId>): void => this._forget(peer.toString())

  private _add(peer: PeerId, wasConnected: boolean): void {
    const key = peer.toString()
    if (!this._schedule.add(key, performance.now())) return
    this._wanted.set(key, { peer, wasConnected })
    this._run()
  }

  private _forget(key: string): void {
    this._wanted.delete(key)
    this._schedule.remove(key)
  }

  private _run(): void {
    const { signal } = this._stopping ?? {}
    if (signal === undefined) return
    clearTimeout(this._timer)
    for (const key of this._schedule.take(performance.now())) {
      void this._attempt(key, this._wanted.get(key)!, signal).finally(() => this._run())
    }
    const { wakeAt } = this._schedule
    if (wakeAt === undefined) return
    const delay = Math.min(longestTimeout, Math.max(1, wakeAt - performance.now()))
    this._timer = setTimeout(() => this._run(), delay)
  }

  /** Never rejects. */
  private async _attempt(key: string, wanted: Wanted, stopping: AbortSignal): Promise<void> {
    const { peer } = wanted
    const late = (): TimeoutError => new TimeoutError(`no connection within ${this._attemptTimeout} ms`)
    const signal = linkSignals([stopping], { after: this._attemptTimeout, reason: late })
    try {
      // It may have been untagged meanwhile.
      const tags = await this._tagsOf(peer)
      if (stopping.aborted) return
      if (tags.length > 0 && !this._host.isConnected(peer)) await this._host.open(peer, signal)
      // It may have come, gone and been added anew.
      if (this._wanted.get(key) === wanted) this._forget(key)
    } catch (error) {
      if (stopping.aborted || this._wanted.get(key) !== wanted) return
      this._log('could not connect to %p again - %e', peer, error)
      if (this._schedule.failed(key, performance.now())) return
      this._wanted.delete(key)
      if (wanted.wasConnected) await this._giveUp(peer)
    } finally {
      signal.clear()
    }
  }

  /** As js-libp2p: a peer that cannot be reached loses the tags by which it was kept. */
  private async _giveUp(peer: PeerId): Promise<void> {
    try {
      const tags = Object.fromEntries((await this._tagsOf(peer)).map(tag => [tag, undefined]))
      await this._components.peerStore.merge(peer, { tags })
    } catch (error) {
      this._log.error('could not take the keep-alive tags of %p away - %e', peer, error)
    }
    this._components.events.safeDispatchEvent('peer:reconnect-failure', { detail: peer })
  }

  private async _tagsOf(peer: PeerId): Promise<string[]> {
    const { peerStore } = this._components
    // Asked at the end of every connection, mostly of a peer that the store does not have: that is no error.
    if (!(await peerStore.has(peer))) return []
    try {
      return keepAliveTags(await peerStore.get(peer))
    } catch (error) {
      // It may have been deleted in between.
      if ((error as Error).name === 'NotFoundError') return []
      throw error
    }
  }

  private _newSchedule(): ReconnectSchedule {
    return new ReconnectSchedule(this._limits, Math.random)
  }
}
