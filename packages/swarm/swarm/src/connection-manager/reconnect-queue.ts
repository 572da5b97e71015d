/** Dials peers again that are tagged to be kept (`keep-alive`, with any suffix) and were lost. */
import type { Libp2pEvents, Logger, Peer, PeerId, PeerStore, TypedEventTarget } from '@libp2p/interface'
import { AbortError, TimeoutError } from '@weft/errors'
import { type ReconnectLimits, ReconnectSchedule } from '../core/reconnect/schedule.ts'
import { keepAliveTags } from '../keep-alive-tag.ts'
import { linkSignals } from '../signals.ts'

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
  readonly #components: ReconnectComponents
  readonly #host: ReconnectHost
  readonly #log: Logger
  readonly #limits: ReconnectLimits
  /** Milliseconds for one attempt. */
  readonly #attemptTimeout: number
  readonly #wanted = new Map<string, Wanted>()
  #schedule: ReconnectSchedule
  #stopping: AbortController | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    components: ReconnectComponents,
    host: ReconnectHost,
    log: Logger,
    limits: ReconnectLimits,
    attemptTimeout: number
  ) {
    this.#components = components
    this.#host = host
    this.#log = log
    this.#limits = limits
    this.#attemptTimeout = attemptTimeout
    this.#schedule = this.#newSchedule()
  }

  start(): void {
    this.#stopping = new AbortController()
    this.#components.events.addEventListener('peer:disconnect', this.#onDisconnect)
    this.#components.events.addEventListener('peer:connect', this.#onConnect)
  }

  /** Dials all peers that are tagged: the node has just started. */
  async dialTagged(): Promise<void> {
    const stopping = this.#stopping
    const filters = [(peer: Peer): boolean => keepAliveTags(peer).length > 0]
    for (const { id } of await this.#components.peerStore.all({ filters })) {
      if (this.#stopping !== stopping) return
      if (!this.#host.isConnected(id)) this.#add(id, false)
    }
  }

  stop(): void {
    this.#components.events.removeEventListener('peer:disconnect', this.#onDisconnect)
    this.#components.events.removeEventListener('peer:connect', this.#onConnect)
    this.#stopping?.abort(new AbortError('the node is stopping'))
    this.#stopping = undefined
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#wanted.clear()
    this.#schedule = this.#newSchedule()
  }

  readonly #onDisconnect = ({ detail: peer }: CustomEvent<PeerId>): void => {
    const stopping = this.#stopping
    this.#tagsOf(peer).then(
      tags => {
        if (tags.length > 0 && this.#stopping === stopping) this.#add(peer, true)
      },
      (error: Error) => this.#log.error('could not read the tags of %p - %e', peer, error)
    )
  }

  /** It came back by itself. An attempt that runs is left to end: it may be what has connected. */
  readonly #onConnect = ({ detail: peer }: CustomEvent<PeerId>): void => this.#forget(peer.toString())

  #add(peer: PeerId, wasConnected: boolean): void {
    const key = peer.toString()
    if (!this.#schedule.add(key, performance.now())) return
    this.#wanted.set(key, { peer, wasConnected })
    this.#run()
  }

  #forget(key: string): void {
    this.#wanted.delete(key)
    this.#schedule.remove(key)
  }

  #run(): void {
    const { signal } = this.#stopping ?? {}
    if (signal === undefined) return
    clearTimeout(this.#timer)
    for (const key of this.#schedule.take(performance.now())) {
      void this.#attempt(key, this.#wanted.get(key)!, signal).finally(() => this.#run())
    }
    const { wakeAt } = this.#schedule
    if (wakeAt === undefined) return
    const delay = Math.min(longestTimeout, Math.max(1, wakeAt - performance.now()))
    this.#timer = setTimeout(() => this.#run(), delay)
  }

  /** Never rejects. */
  async #attempt(key: string, wanted: Wanted, stopping: AbortSignal): Promise<void> {
    const { peer } = wanted
    const late = (): TimeoutError => new TimeoutError(`no connection within ${this.#attemptTimeout} ms`)
    const signal = linkSignals([stopping], { after: this.#attemptTimeout, reason: late })
    try {
      // It may have been untagged meanwhile.
      const tags = await this.#tagsOf(peer)
      if (stopping.aborted) return
      if (tags.length > 0 && !this.#host.isConnected(peer)) await this.#host.open(peer, signal)
      // It may have come, gone and been added anew.
      if (this.#wanted.get(key) === wanted) this.#forget(key)
    } catch (error) {
      if (stopping.aborted || this.#wanted.get(key) !== wanted) return
      this.#log('could not connect to %p again - %e', peer, error)
      if (this.#schedule.failed(key, performance.now())) return
      this.#wanted.delete(key)
      if (wanted.wasConnected) await this.#giveUp(peer)
    } finally {
      signal.clear()
    }
  }

  /** As js-libp2p: a peer that cannot be reached loses the tags by which it was kept. */
  async #giveUp(peer: PeerId): Promise<void> {
    try {
      const tags = Object.fromEntries((await this.#tagsOf(peer)).map(tag => [tag, undefined]))
      await this.#components.peerStore.merge(peer, { tags })
    } catch (error) {
      this.#log.error('could not take the keep-alive tags of %p away - %e', peer, error)
    }
    this.#components.events.safeDispatchEvent('peer:reconnect-failure', { detail: peer })
  }

  async #tagsOf(peer: PeerId): Promise<string[]> {
    const { peerStore } = this.#components
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

  #newSchedule(): ReconnectSchedule {
    return new ReconnectSchedule(this.#limits, Math.random)
  }
}
