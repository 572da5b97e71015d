/**
 * The dials of a node: puts the scheduler, which decides what is dialed when and how it ends, together with its clock
 * (`scheduler-driver.ts`), the callers (`dial-callers.ts`), the transports and the sources of addresses (`dial-events.ts`,
 * `running-dial.ts`). A dial to a peer that is being dialed joins it, as does one to an address that is.
 */
import type {
  ComponentLogger,
  Connection,
  Libp2pEvents,
  Logger,
  Metrics,
  PeerId,
  PendingDial,
  TypedEventTarget
} from '@libp2p/interface'
import { AbortError } from '@weft/errors'
import { onAbort } from '@weft/interface-connection'
import { type OpenConnectionOptions, progress, progressEvent } from '@weft/interface-node'
import type { Multiaddr } from '@weft/multiaddr'
import { watcher } from './core/dial.ts'
import { defaultSchedulerLimits } from './core/limits.ts'
import type { Action } from './core/model.ts'
import { byRank } from './core/ranking.ts'
import { DialScheduler } from './core/scheduler.ts'
import type { DialTargetAddress } from './dial-address.ts'
import { DialAttempts } from './dial-attempts.ts'
import { type Caller, DialCallers } from './dial-callers.ts'
import { DialEvents } from './dial-events.ts'
import { DialMemory } from './dial-memory.ts'
import { DialMeter } from './dial-meter.ts'
import { type AddressComponents, isDialable, uncertified, withPeer } from './dial-sources.ts'
import { type DialRecord, traceEvent } from './dial-trace.ts'
import type { ConnectionLimits, DialerInit } from './options.ts'
import { nameOf, type PeerAddress } from './peer-address.ts'
import { type AddressSink, RunningDial } from './running-dial.ts'
import { SchedulerDriver } from './scheduler-driver.ts'
import { SimultaneousOpen } from './simultaneous-open.ts'

/** What dialing needs of the node. */
export interface DialComponents extends AddressComponents {
  /** The node's own id, which is never dialed. */
  peerId: PeerId
  /** Makes the logger of the dials. */
  logger: ComponentLogger
  /** Told of what is learnt of a peer. */
  events: TypedEventTarget<Libp2pEvents>
  /** Counts dials, where there is one. */
  metrics?: Metrics
}

/** Runs the scheduler of dials over the parts of a node: starts attempts, asks sources for addresses, tells callers. */
export class DialQueue {
  private readonly _components: DialComponents
  private readonly _limits: ConnectionLimits
  private readonly _init: DialerInit
  private readonly _log: Logger
  private readonly _driver: SchedulerDriver
  private readonly _dials = new Map<number, RunningDial>()
  /** The dials that others may join, by the peer or by an address that their caller named. */
  private readonly _joinable = new Map<string, RunningDial>()
  private readonly _callers: DialCallers
  private readonly _events: DialEvents
  private readonly _attempts: DialAttempts
  private readonly _memory: DialMemory
  private readonly _meter: DialMeter | undefined
  private readonly _simultaneous: SimultaneousOpen
  private _unknownPeers = 0

  /** @param connectionsTo - the node's connections to a peer */
  constructor(
    components: DialComponents,
    limits: ConnectionLimits,
    init: DialerInit,
    connectionsTo: (peer: PeerId) => readonly Connection[]
  ) {
    this._components = components
    this._limits = limits
    this._init = init
    this._log = components.logger.forComponent('libp2p:connection-manager:dial-queue')
    const { maxParallelDials, maxDialQueueLength, maxPeerAddrsToDial, addressDialTimeout } = limits
    const { classTokens } = defaultSchedulerLimits
    const scheduler = new DialScheduler<DialTargetAddress>(
      {
        maxParallelDials,
        maxDials: maxDialQueueLength,
        maxAddresses: maxPeerAddrsToDial,
        attemptTimeout: addressDialTimeout,
        // Who allows more dials by js-libp2p's option means them to run.
        classTokens: { ...classTokens, fd: Math.max(classTokens.fd, init.maxParallelDials ?? 0) }
      },
      init.addressSorter ?? byRank
    )
    this._driver = new SchedulerDriver(scheduler, action => this._act(action), this._log)
    if (components.metrics !== undefined) {
      this._meter = new DialMeter(components.metrics, {
        dials: () => this._countDials(),
        tokens: tokenClass => scheduler.usage(tokenClass)
      })
    }
    this._simultaneous = new SimultaneousOpen(components.peerId, connectionsTo)
    this._memory = new DialMemory(components.peerStore, this._log)
    this._attempts = new DialAttempts(
      components,
      this._memory,
      this._log,
      report => this._driver.tell(report),
      connection => this._simultaneous.closeRedundant(connection)
    )
    this._callers = new DialCallers({
      driver: this._driver,
      dials: this._dials,
      attempts: this._attempts,
      memory: this._memory,
      meter: this._meter,
      simultaneous: this._simultaneous,
      dialTimeout: limits.dialTimeout,
      log: this._log
    })
    const dialTo = (peer: string): RunningDial | undefined => this._joinable.get(peer)
    this._events = new DialEvents(components.events, dialTo, this._simultaneous, this._driver)
  }

  /** Dials that wait or run. */
  pending(): PendingDial[] {
    return [...this._dials.values()].map(({ id, active, target: { peerId, multiaddrs } }) => ({
      id: `dial-${id}`,
      status: active ? 'active' : 'queued',
      multiaddrs,
      ...(peerId === undefined ? {} : { peerId })
    }))
  }

  /** The same dials, and what is known of their addresses. */
  records(): DialRecord[] {
    const now = performance.now()
    return [...this._dials.keys()].flatMap(id => {
      const progress = this._driver.scheduler.progress(id, now)
      return progress === undefined ? [] : [{ id: `dial-${id}`, ...progress }]
    })
  }

  /** Dials, or joins a dial to the same peer. Rejects with a `DialFailure` (`isDialError`) or the signal's reason. */
  async dial(target: PeerAddress, options: OpenConnectionOptions): Promise<Connection> {
    const { signal } = options
    signal?.throwIfAborted()
    this._events.listen()
    let forget = (): void => {}
    try {
      return await new Promise<Connection>((resolve, reject) => {
        const caller = this._enter({ target, options, since: performance.now(), resolve, reject })
        if (signal != null) {
          forget = onAbort(signal, () => {
            reject(signal.reason)
            this._driver.tell((scheduler, now) => scheduler.leave(caller, now))
          })
        }
        this._driver.pump()
      })
    } finally {
      forget()
    }
  }

  /** Lets addresses that failed lately be tried again: all, those of a peer, or one of them. Returns how many. */
  clearBackoff(peer?: PeerId, address?: Multiaddr): number {
    const text = address === undefined ? undefined : withPeer(uncertified(address), peer).multiaddr.toString()
    return this._driver.scheduler.clearBackoff(peer?.toString(), text)
  }

  /** Connections to one peer without those that give way to another of them. */
  kept(connections: readonly Connection[]): Connection[] {
    return this._simultaneous.kept(connections)
  }

  /** Whether this node dials the peer, and that connection will be kept rather than one that the peer dials. */
  willKeepOwn(peer: PeerId): boolean {
    return this._joinable.has(peer.toString()) && !this._simultaneous.givesWayTo(peer)
  }

  /** Ends all dials. Resolves when the peer store is as it is to be left. */
  async stop(): Promise<void> {
    this._events.stop()
    this._simultaneous.stop()
    for (const id of [...this._dials.keys()]) {
      this._driver.scheduler.endDial(id, new AbortError('the node is stopping'), performance.now())
    }
    this._driver.pump()
    await this._memory.stop()
  }

  /** Whether any address could be dialed. Names are looked up. */
  isDialable(
    multiaddrs: Multiaddr[],
    signal: AbortSignal | undefined,
    accept: (address: Multiaddr) => boolean
  ): Promise<boolean> {
    const options = { log: this._log, ...(signal === undefined ? {} : { signal }) }
    return isDialable(this._components, Object.values(this._init.resolvers ?? {}), multiaddrs, accept, options)
  }

  /** Joins a dial or starts one; returns the caller's number. */
  private _enter(caller: Caller): number {
    const { target, options } = caller
    const { force = false, priority } = options
    const now = performance.now()
    const deadline = options.signal == null ? now + this._limits.dialTimeout : undefined
    const traced = options.onProgress !== undefined
    const running = force ? undefined : this._findJoinable(target)
    progress(options, `dial-queue:${running === undefined ? 'add-to' : 'already-in'}-dial-queue`)
    if (running !== undefined) {
      const id = this._driver.scheduler.join(running.id, {
        deadline,
        traced,
        ...(priority === undefined ? {} : { priority })
      })
      this._callers.register(id, running.id, caller)
      running.join(target.multiaddrs)
      return id
    }
    // Whoever is not named may be anyone: his dials share no tokens.
    const key = target.peerId?.toString() ?? `unknown peer ${++this._unknownPeers}`
    const init = { forced: force, traced, sources: ['caller'], ...(priority === undefined ? {} : { priority }) }
    const { caller: id, dial, joined } = this._driver.scheduler.dialPeer(key, deadline, init, now)
    if (dial !== undefined && !joined) this._begin(dial, target, options)
    this._callers.register(id, dial, caller)
    return id
  }

  private _begin(id: number, target: PeerAddress, options: OpenConnectionOptions): void {
    const resolvers = Object.values(this._init.resolvers ?? {})
    const dial = new RunningDial(id, target, options, this._components, resolvers, this._sink(id), this._log)
    this._dials.set(id, dial)
    if (this._log.enabled) this._log('dialing %s', nameOf(target))
    if (this._meter !== undefined) {
      this._meter.began(id, nameOf(target))
      this._driver.scheduler.watch(id)
    }
    if (options.force === true) return
    for (const key of joinKeys(target)) if (!this._joinable.has(key)) this._joinable.set(key, dial)
  }

  private _findJoinable(target: PeerAddress): RunningDial | undefined {
    for (const key of joinKeys(target)) {
      const dial = this._joinable.get(key)
      if (dial !== undefined && this._driver.scheduler.has(dial.id)) return dial
    }
    return undefined
  }

  private _sink(id: number): AddressSink {
    const tell: SchedulerDriver['tell'] = event => this._driver.tell(event)
    return {
      add: addresses => {
        const dial = this._dials.get(id)
        if (dial === undefined) return
        const found = addresses.map(({ multiaddr, isCertified }) => ({ multiaddr, isCertified }))
        this._callers.tellAll(id, progressEvent('dial-queue:calculated-addresses', found))
        tell((s, now) => s.addAddresses(id, addresses, now))
      },
      record: (text, source, state) => tell((s, now) => s.addRecord(id, text, source, state, now)),
      isIdle: () => this._driver.scheduler.isIdle(id),
      began: source => tell((s, now) => s.sourceBegan(id, source, now)),
      ended: source => tell((s, now) => s.sourceEnded(id, source, now)),
      fail: error => tell((s, now) => s.endDial(id, error, now))
    }
  }

  private _act(action: Action<DialTargetAddress>): void {
    switch (action.type) {
      case 'open': {
        const dial = this._dials.get(action.dial)
        if (dial === undefined) return
        this._callers.tellAll(dial.id, progressEvent('dial-queue:start-dial'))
        dial.open()
        break
      }
      case 'ask-deferred':
        this._dials.get(action.dial)?.askDeferred()
        break
      case 'start': {
        const options = this._dials.get(action.dial)?.options ?? {}
        this._attempts.start(action.attempt, action.address, options, event =>
          this._callers.tellAll(action.dial, event)
        )
        break
      }
      case 'trace':
        if (action.caller === watcher) this._meter?.step(action.dial, action.trace)
        else this._callers.tell(action.caller, traceEvent(action.trace))
        break
      case 'abort':
        this._attempts.abort(action.attempt, action.reason)
        break
      case 'close':
        this._attempts.close(action.attempt)
        break
      case 'settle':
        this._callers.settle(action.caller, action.outcome)
        break
      case 'end':
        this._end(action.dial)
    }
  }

  private _end(id: number): void {
    const dial = this._dials.get(id)
    if (dial === undefined) return
    this._dials.delete(id)
    this._meter?.ended(id)
    for (const key of joinKeys(dial.target)) if (this._joinable.get(key) === dial) this._joinable.delete(key)
    dial.end()
  }

  private _countDials(): { running: number; queued: number } {
    const counts = { running: 0, queued: 0 }
    for (const { active } of this._dials.values()) counts[active ? 'running' : 'queued']++
    return counts
  }
}

function joinKeys({ peerId, multiaddrs }: PeerAddress): string[] {
  const keys = multiaddrs.map(address => address.toString())
  return peerId === undefined ? keys : [peerId.toString(), ...keys]
}
