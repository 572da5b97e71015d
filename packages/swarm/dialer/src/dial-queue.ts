/**
 * Drives the dial scheduler: it has the clock, the timer, the transports and the callers' promises; what is dialed when,
 * and how it ends, the core decides. A dial to a peer that is being dialed joins it, as does one to an address that is.
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
import { AbortError, ConnectionClosedError, type DialFailure, lineOf } from '@weft/errors'
import { guarded, onAbort } from '@weft/interface-connection'
import type { OpenConnectionOptions } from '@weft/interface-node'
import { progress, progressEvent, tellProgress } from '@weft/interface-node'
import type { Multiaddr } from '@weft/multiaddr'
import { watcher } from './core/dial.ts'
import { defaultSchedulerLimits } from './core/limits.ts'
import type { Action, Outcome } from './core/model.ts'
import { byRank } from './core/ranking.ts'
import { DialScheduler } from './core/scheduler.ts'
import type { DialTargetAddress } from './dial-address.ts'
import { DialMemory } from './dial-memory.ts'
import { DialAttempts, type DialProgress } from './dial-attempts.ts'
import { dialEnded, dialFailed, dialTooSlow, tooManyDials } from './dial-errors.ts'
import { DialMeter, type DialOutcome } from './dial-meter.ts'
import { type AddressComponents, isDialable, uncertified, withPeer } from './dial-sources.ts'
import { type DialRecord, traceEvent } from './dial-trace.ts'
import type { ConnectionLimits, DialerInit } from './options.ts'
import type { PeerAddress } from './peer-address.ts'
import { type AddressSink, RunningDial } from './running-dial.ts'
import { isPlain, SimultaneousOpen } from './simultaneous-open.ts'

/**
 * How long a dial goes on when the peer has connected to this node and that connection would be the one to give way, ms:
 * then it has to do. While an attempt is in its handshake the peer may have its end of that one already, and may have
 * given up its own for it: then it is waited for again.
 */
const answerDelay = 1000

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

interface Caller {
  target: PeerAddress
  options: OpenConnectionOptions
  dial: number | undefined
  since: number
  resolve: (connection: Connection | Promise<Connection>) => void
  reject: (error: unknown) => void
}

/** Runs the scheduler of dials over the parts of a node: starts attempts, asks sources for addresses, tells callers. */
export class DialQueue {
  private readonly _components: DialComponents
  private readonly _limits: ConnectionLimits
  private readonly _init: DialerInit
  private readonly _log: Logger
  private readonly _scheduler: DialScheduler<DialTargetAddress>
  private readonly _dials = new Map<number, RunningDial>()
  /** The dials that others may join, by the peer or by an address that their caller named. */
  private readonly _joinable = new Map<string, RunningDial>()
  private readonly _callers = new Map<number, Caller>()
  private readonly _attempts: DialAttempts
  private readonly _memory: DialMemory
  private readonly _meter: DialMeter | undefined
  private readonly _simultaneous: SimultaneousOpen
  private _listens = false
  private _unknownPeers = 0
  private _timer: ReturnType<typeof setTimeout> | undefined
  private _timerAt = Number.POSITIVE_INFINITY
  private _pumping = false

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
    this._scheduler = new DialScheduler<DialTargetAddress>(
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
    if (components.metrics !== undefined) {
      this._meter = new DialMeter(components.metrics, {
        dials: () => this._countDials(),
        tokens: tokenClass => this._scheduler.usage(tokenClass)
      })
    }
    this._simultaneous = new SimultaneousOpen(components.peerId, connectionsTo)
    this._memory = new DialMemory(components.peerStore, this._log)
    this._attempts = new DialAttempts(
      components,
      this._memory,
      this._log,
      report => {
        report(this._scheduler, performance.now())
        this._pump()
      },
      connection => this._simultaneous.closeRedundant(connection)
    )
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
      const progress = this._scheduler.progress(id, now)
      return progress === undefined ? [] : [{ id: `dial-${id}`, ...progress }]
    })
  }

  /** Dials, or joins a dial to the same peer. Rejects with a `DialFailure` (`isDialError`) or the signal's reason. */
  async dial(target: PeerAddress, options: OpenConnectionOptions): Promise<Connection> {
    const { signal } = options
    signal?.throwIfAborted()
    this._listen()
    let forget = (): void => {}
    try {
      return await new Promise<Connection>((resolve, reject) => {
        const caller = this._enter({ target, options, dial: undefined, since: performance.now(), resolve, reject })
        if (signal != null) {
          forget = onAbort(signal, () => {
            reject(signal.reason)
            this._scheduler.leave(caller, performance.now())
            this._pump()
          })
        }
        this._pump()
      })
    } finally {
      forget()
    }
  }

  /** Lets addresses that failed lately be tried again: all, those of a peer, or one of them. Returns how many. */
  clearBackoff(peer?: PeerId, address?: Multiaddr): number {
    const text = address === undefined ? undefined : withPeer(uncertified(address), peer).multiaddr.toString()
    return this._scheduler.clearBackoff(peer?.toString(), text)
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
    const { events } = this._components
    events.removeEventListener('connection:open', this._onOpen)
    events.removeEventListener('peer:update', this._onPeerUpdate)
    events.removeEventListener('peer:discovery', this._onDiscovery)
    this._listens = false
    this._simultaneous.stop()
    for (const id of [...this._dials.keys()]) {
      this._scheduler.endDial(id, new AbortError('the node is stopping'), performance.now())
    }
    this._pump()
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
      const id = this._scheduler.join(running.id, { deadline, traced, ...(priority === undefined ? {} : { priority }) })
      this._register(id, running.id, caller)
      running.join(target.multiaddrs)
      return id
    }
    // Whoever is not named may be anyone: his dials share no tokens.
    const key = target.peerId?.toString() ?? `unknown peer ${++this._unknownPeers}`
    const init = { forced: force, traced, sources: ['caller'], ...(priority === undefined ? {} : { priority }) }
    const { caller: id, dial, joined } = this._scheduler.dialPeer(key, deadline, init, now)
    if (dial !== undefined && !joined) this._begin(dial, target, options)
    this._register(id, dial, caller)
    return id
  }

  private _register(id: number, dial: number | undefined, caller: Caller): void {
    caller.dial = dial
    this._callers.set(id, caller)
    if (dial !== undefined) this._dials.get(dial)?.callers.add(id)
  }

  /** Tells the callers of a dial, as js-libp2p does. One whose listener throws gets the error, and leaves. */
  private _tellAll(dial: number, event: DialProgress): void {
    for (const id of [...(this._dials.get(dial)?.callers ?? [])]) this._tell(id, event)
  }

  private _tell(id: number, event: DialProgress): void {
    const caller = this._callers.get(id)
    const onError = (error: unknown): void => {
      if (caller === undefined || this._callers.get(id) !== caller) return
      caller.reject(error)
      this._scheduler.leave(id, performance.now())
      this._pump()
    }
    try {
      tellProgress(caller?.options.onProgress, event, onError)
    } catch (error) {
      onError(error)
    }
  }

  private _begin(id: number, target: PeerAddress, options: OpenConnectionOptions): void {
    const resolvers = Object.values(this._init.resolvers ?? {})
    const dial = new RunningDial(id, target, options, this._components, resolvers, this._sink(id), this._log)
    this._dials.set(id, dial)
    if (this._log.enabled) this._log('dialing %s', nameOf(target))
    if (this._meter !== undefined) {
      this._meter.began(id, nameOf(target))
      this._scheduler.watch(id)
    }
    if (options.force === true) return
    for (const key of joinKeys(target)) if (!this._joinable.has(key)) this._joinable.set(key, dial)
  }

  private _findJoinable(target: PeerAddress): RunningDial | undefined {
    for (const key of joinKeys(target)) {
      const dial = this._joinable.get(key)
      if (dial !== undefined && this._scheduler.has(dial.id)) return dial
    }
    return undefined
  }

  private _sink(id: number): AddressSink {
    const tell = (event: (scheduler: DialScheduler<DialTargetAddress>, now: number) => void): void => {
      event(this._scheduler, performance.now())
      this._pump()
    }
    return {
      add: addresses => {
        const dial = this._dials.get(id)
        if (dial === undefined) return
        const found = addresses.map(({ multiaddr, isCertified }) => ({ multiaddr, isCertified }))
        this._tellAll(id, progressEvent('dial-queue:calculated-addresses', found))
        tell((s, now) => s.addAddresses(id, addresses, now))
      },
      record: (text, source, state) => tell((s, now) => s.addRecord(id, text, source, state, now)),
      isIdle: () => this._scheduler.isIdle(id),
      began: source => tell((s, now) => s.sourceBegan(id, source, now)),
      ended: source => tell((s, now) => s.sourceEnded(id, source, now)),
      fail: error => tell((s, now) => s.endDial(id, error, now))
    }
  }

  private _listen(): void {
    if (this._listens) return
    this._listens = true
    const { events } = this._components
    events.addEventListener('connection:open', this._onOpen)
    events.addEventListener('peer:update', this._onPeerUpdate)
    events.addEventListener('peer:discovery', this._onDiscovery)
  }

  private readonly _onPeerUpdate = ({ detail: { peer } }: Libp2pEvents['peer:update']): void => {
    this._joinable.get(peer.id.toString())?.learn(peer.addresses, 'peer-store')
  }

  private readonly _onDiscovery = ({ detail: { id, multiaddrs } }: Libp2pEvents['peer:discovery']): void => {
    this._joinable.get(id.toString())?.learn(multiaddrs.map(uncertified), 'discovery')
  }

  /** A peer that is dialed may connect by itself. If this node's connection would give way to that one, it is not made. */
  private readonly _onOpen = ({ detail: connection }: Libp2pEvents['connection:open']): void => {
    if (connection.direction !== 'inbound' || !isPlain(connection)) return
    this._simultaneous.onInbound(connection)
    const { remotePeer } = connection
    const dial = this._joinable.get(remotePeer.toString())
    if (dial !== undefined) this._meet(dial, connection, this._simultaneous.givesWayTo(remotePeer) ? 0 : answerDelay)
  }

  /** Ends the dial after `delay` ms, as there is a connection to the peer. */
  private _meet(dial: RunningDial, connection: Connection, delay: number): void {
    dial.meet(connection, delay, () => {
      if (connection.status !== 'open') return
      if (delay > 0 && this._isInHandshake(dial)) {
        this._meet(dial, connection, delay)
        return
      }
      this._scheduler.dialAnswered(dial.id, performance.now())
      this._pump()
    })
  }

  private _isInHandshake({ id }: RunningDial): boolean {
    const { addresses = [] } = this._scheduler.report(id, performance.now()) ?? {}
    return addresses.some(({ state }) => state.kind === 'dialing' && state.stage !== 'connect')
  }

  private _pump(): void {
    // What an action does may come back here: the loop that runs takes it up.
    if (this._pumping) return
    this._pumping = true
    try {
      for (let list = this._scheduler.takeActions(); list.length > 0; list = this._scheduler.takeActions()) {
        for (const action of list) this._act(action)
      }
    } finally {
      this._pumping = false
    }
    this._setTimer()
  }

  private _act(action: Action<DialTargetAddress>): void {
    switch (action.type) {
      case 'open': {
        const dial = this._dials.get(action.dial)
        if (dial === undefined) return
        this._tellAll(dial.id, progressEvent('dial-queue:start-dial'))
        dial.open()
        break
      }
      case 'ask-deferred':
        this._dials.get(action.dial)?.askDeferred()
        break
      case 'start': {
        const options = this._dials.get(action.dial)?.options ?? {}
        this._attempts.start(action.attempt, action.address, options, event => this._tellAll(action.dial, event))
        break
      }
      case 'trace':
        if (action.caller === watcher) this._meter?.step(action.dial, action.trace)
        else this._tell(action.caller, traceEvent(action.trace))
        break
      case 'abort':
        this._attempts.abort(action.attempt, action.reason)
        break
      case 'close':
        this._attempts.close(action.attempt)
        break
      case 'settle':
        this._settle(action.caller, action.outcome)
        break
      case 'end':
        this._end(action.dial)
    }
  }

  private _settle(id: number, outcome: Outcome<DialTargetAddress>): void {
    const caller = this._callers.get(id)
    if (caller === undefined) return
    this._callers.delete(id)
    const dial = caller.dial === undefined ? undefined : this._dials.get(caller.dial)
    dial?.callers.delete(id)
    const inbound = outcome.kind !== 'connected' && dial?.inbound?.status === 'open' ? dial.inbound : undefined
    const result = inbound === undefined ? outcomes[outcome.kind] : 'connected'
    this._meter?.settled(result, (performance.now() - caller.since) / 1000)
    if (inbound !== undefined) {
      caller.resolve(inbound)
      return
    }
    const name = nameOf(caller.target)
    switch (outcome.kind) {
      case 'connected': {
        const made = this._attempts.made(outcome.attempt)
        if (made !== undefined && caller.options.force !== true) this._simultaneous.dialed(made)
        if (this._log.enabled) this._log('dialed %s in %d ms', name, Math.round(performance.now() - caller.since))
        caller.resolve(this._attempts.connection(outcome.attempt))
        break
      }
      case 'answered':
        this._reject(caller, new ConnectionClosedError('the peer connected to this node, and closed that at once'))
        break
      case 'failed':
        if (outcome.error === undefined) this._fail(caller, dial, dialFailed(name, outcome.report))
        else this._reject(caller, dialEnded(outcome.error, outcome.report))
        break
      case 'timeout':
        this._fail(caller, dial, dialTooSlow(name, this._limits.dialTimeout, outcome.report))
        break
      case 'refused':
        this._reject(caller, tooManyDials(outcome.dials))
        break
      case 'left':
        this._reject(caller, new AbortError('the caller waits for the dial no more'))
    }
  }

  /** The peer store knows of a failure before the caller does. */
  private _fail(caller: Caller, dial: RunningDial | undefined, error: DialFailure): void {
    const { peerId } = caller.target
    const wasTried = [...error.attempts, ...error.skipped].some(({ stage }) => stage !== 'resolve' && stage !== 'wait')
    if (peerId === undefined || dial === undefined || !wasTried) {
      this._reject(caller, error)
      return
    }
    dial.failed ??= this._memory.failed(peerId, this._scheduler.backoffUntil(peerId.toString()))
    void dial.failed.then(() => this._reject(caller, error))
  }

  private _reject(caller: Caller, error: Error): void {
    if (this._log.enabled) {
      const after = Math.round(performance.now() - caller.since)
      this._log('dial of %s failed after %d ms: %s', nameOf(caller.target), after, lineOf(error))
    }
    caller.reject(error)
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

  private _setTimer(): void {
    const at = this._scheduler.wakeAt ?? Number.POSITIVE_INFINITY
    if (at === this._timerAt) return
    clearTimeout(this._timer)
    this._timerAt = at
    if (at === Number.POSITIVE_INFINITY) return
    this._timer = setTimeout(
      guarded({ log: this._log }, () => {
        this._timerAt = Number.POSITIVE_INFINITY
        this._scheduler.tick(performance.now())
        this._pump()
      }),
      Math.max(0, at - performance.now())
    )
  }
}

const outcomes: Readonly<Record<Outcome<DialTargetAddress>['kind'], DialOutcome>> = {
  connected: 'connected',
  // The connection of the peer was closed at once.
  answered: 'failed',
  failed: 'failed',
  timeout: 'timeout',
  refused: 'refused',
  left: 'aborted'
}

function nameOf({ peerId, multiaddrs }: PeerAddress): string {
  return peerId?.toString() ?? multiaddrs.join(', ')
}

function joinKeys({ peerId, multiaddrs }: PeerAddress): string[] {
  const keys = multiaddrs.map(address => address.toString())
  return peerId === undefined ? keys : [peerId.toString(), ...keys]
}
