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
import { AbortError, ConnectionClosedError, DialError } from '@weft/errors'
import { onAbort } from '@weft/interface-connection'
import type { Multiaddr } from '@weft/multiaddr'
import { dialFailed, dialTooSlow } from '../connection-errors.ts'
import type { OpenConnectionOptions } from '../contracts.ts'
import { watcher } from '../core/dial-scheduler/dial.ts'
import { defaultSchedulerLimits } from '../core/dial-scheduler/limits.ts'
import type { Action, Outcome } from '../core/dial-scheduler/model.ts'
import { byRank } from '../core/dial-scheduler/ranking.ts'
import { DialScheduler } from '../core/dial-scheduler/scheduler.ts'
import { DialMeter, type DialOutcome } from '../metrics/dial-meter.ts'
import { progress, progressEvent } from '../progress.ts'
import type { DialTargetAddress } from './dial-address.ts'
import { DialAttempts, type DialProgress } from './dial-attempts.ts'
import { type AddressComponents, isDialable, uncertified, withPeer } from './dial-sources.ts'
import type { ConnectionLimits, ConnectionManagerInit } from './options.ts'
import type { PeerAddress } from './peer-address.ts'
import { type AddressSink, RunningDial } from './running-dial.ts'
import { type DialRecord, traceEvent } from './dial-trace.ts'
import { isPlain, SimultaneousOpen } from './simultaneous-open.ts'

/**
 * How long a dial goes on when the peer has connected to this node and that connection would be the one to give way, ms:
 * then it has to do. While an attempt is in its handshake the peer may have its end of that one already, and may have
 * given up its own for it: then it is waited for again.
 */
const answerDelay = 1000

/** What dialing needs of the node. */
export interface DialComponents extends AddressComponents {
  peerId: PeerId
  logger: ComponentLogger
  events: TypedEventTarget<Libp2pEvents>
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

export class DialQueue {
  readonly #components: DialComponents
  readonly #limits: ConnectionLimits
  readonly #init: ConnectionManagerInit
  readonly #log: Logger
  readonly #scheduler: DialScheduler<DialTargetAddress>
  readonly #dials = new Map<number, RunningDial>()
  /** The dials that others may join, by the peer or by an address that their caller named. */
  readonly #joinable = new Map<string, RunningDial>()
  readonly #callers = new Map<number, Caller>()
  readonly #attempts: DialAttempts
  readonly #meter: DialMeter | undefined
  readonly #simultaneous: SimultaneousOpen
  #listens = false
  #unknownPeers = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #timerAt = Number.POSITIVE_INFINITY
  #pumping = false

  /** @param connectionsTo - the node's connections to a peer */
  constructor(
    components: DialComponents,
    limits: ConnectionLimits,
    init: ConnectionManagerInit,
    connectionsTo: (peer: PeerId) => readonly Connection[]
  ) {
    this.#components = components
    this.#limits = limits
    this.#init = init
    this.#log = components.logger.forComponent('libp2p:connection-manager:dial-queue')
    const { maxParallelDials, maxDialQueueLength, maxPeerAddrsToDial, addressDialTimeout } = limits
    const { classTokens } = defaultSchedulerLimits
    this.#scheduler = new DialScheduler<DialTargetAddress>(
      {
        maxParallelDials,
        maxQueuedDials: maxDialQueueLength,
        maxAddresses: maxPeerAddrsToDial,
        attemptTimeout: addressDialTimeout,
        // Who allows more dials by js-libp2p's option means them to run.
        classTokens: { ...classTokens, fd: Math.max(classTokens.fd, init.maxParallelDials ?? 0) }
      },
      init.addressSorter ?? byRank
    )
    if (components.metrics !== undefined) {
      this.#meter = new DialMeter(components.metrics, {
        dials: () => this.#countDials(),
        tokens: tokenClass => this.#scheduler.usage(tokenClass)
      })
    }
    this.#simultaneous = new SimultaneousOpen(components.peerId, connectionsTo)
    this.#attempts = new DialAttempts(
      components,
      this.#log,
      report => {
        report(this.#scheduler, performance.now())
        this.#pump()
      },
      connection => this.#simultaneous.surplus(connection)
    )
  }

  /** Dials that wait or run. */
  pending(): PendingDial[] {
    return [...this.#dials.values()].map(({ id, active, target: { peerId, multiaddrs } }) => ({
      id: `dial-${id}`,
      status: active ? 'active' : 'queued',
      multiaddrs,
      ...(peerId === undefined ? {} : { peerId })
    }))
  }

  /** The same dials, and what is known of their addresses. */
  records(): DialRecord[] {
    const now = performance.now()
    return [...this.#dials.keys()].flatMap(id => {
      const progress = this.#scheduler.progress(id, now)
      return progress === undefined ? [] : [{ id: `dial-${id}`, ...progress }]
    })
  }

  /** Dials, or joins a dial to the same peer. Rejects with `DialError`, `NoValidAddressesError` or the signal's reason. */
  async dial(target: PeerAddress, options: OpenConnectionOptions): Promise<Connection> {
    const { signal } = options
    signal?.throwIfAborted()
    this.#listen()
    let forget = (): void => {}
    try {
      return await new Promise<Connection>((resolve, reject) => {
        const caller = this.#enter({ target, options, dial: undefined, since: performance.now(), resolve, reject })
        if (signal != null) {
          forget = onAbort(signal, () => {
            reject(signal.reason)
            this.#scheduler.leave(caller, performance.now())
            this.#pump()
          })
        }
        this.#pump()
      })
    } finally {
      forget()
    }
  }

  /** Lets addresses that failed lately be tried again: all, those of a peer, or one of them. Returns how many. */
  clearBackoff(peer?: PeerId, address?: Multiaddr): number {
    const text = address === undefined ? undefined : withPeer(uncertified(address), peer).multiaddr.toString()
    return this.#scheduler.clearBackoff(peer?.toString(), text)
  }

  /** Connections to one peer without those that give way to another of them. */
  kept(connections: readonly Connection[]): Connection[] {
    return this.#simultaneous.kept(connections)
  }

  /** Whether this node dials the peer, and that connection will be kept rather than one that the peer dials. */
  willKeepOwn(peer: PeerId): boolean {
    return this.#joinable.has(peer.toString()) && !this.#simultaneous.givesWayTo(peer)
  }

  /** Ends all dials. */
  stop(): void {
    const { events } = this.#components
    events.removeEventListener('connection:open', this.#onOpen)
    events.removeEventListener('peer:update', this.#onPeerUpdate)
    events.removeEventListener('peer:discovery', this.#onDiscovery)
    this.#listens = false
    this.#simultaneous.stop()
    for (const id of [...this.#dials.keys()]) {
      this.#scheduler.endDial(id, new AbortError('the node is stopping'), performance.now())
    }
    this.#pump()
  }

  /** Whether any address could be dialed. Names are looked up. */
  isDialable(
    multiaddrs: Multiaddr[],
    signal: AbortSignal | undefined,
    accept: (address: Multiaddr) => boolean
  ): Promise<boolean> {
    const options = { log: this.#log, ...(signal === undefined ? {} : { signal }) }
    return isDialable(this.#components, Object.values(this.#init.resolvers ?? {}), multiaddrs, accept, options)
  }

  /** Joins a dial or starts one; returns the caller's number. */
  #enter(caller: Caller): number {
    const { target, options } = caller
    const { force = false, priority } = options
    const now = performance.now()
    const deadline = options.signal == null ? now + this.#limits.dialTimeout : undefined
    const traced = options.onProgress !== undefined
    const running = force ? undefined : this.#findJoinable(target)
    progress(options, `dial-queue:${running === undefined ? 'add-to' : 'already-in'}-dial-queue`)
    if (running !== undefined) {
      const id = this.#scheduler.join(running.id, { deadline, traced, ...(priority === undefined ? {} : { priority }) })
      this.#register(id, running.id, caller)
      running.join(target.multiaddrs)
      return id
    }
    // Whoever is not named may be anyone: his dials share no tokens.
    const key = target.peerId?.toString() ?? `unknown peer ${++this.#unknownPeers}`
    const init = { forced: force, traced, sources: ['caller'], ...(priority === undefined ? {} : { priority }) }
    const { caller: id, dial, joined } = this.#scheduler.dialPeer(key, deadline, init, now)
    if (dial !== undefined && !joined) this.#begin(dial, target, options)
    this.#register(id, dial, caller)
    return id
  }

  #register(id: number, dial: number | undefined, caller: Caller): void {
    caller.dial = dial
    this.#callers.set(id, caller)
    if (dial !== undefined) this.#dials.get(dial)?.callers.add(id)
  }

  /** Tells the callers of a dial, as js-libp2p does. One whose listener throws gets the error, and leaves. */
  #tellAll(dial: number, event: DialProgress): void {
    for (const id of [...(this.#dials.get(dial)?.callers ?? [])]) this.#tell(id, event)
  }

  #tell(id: number, event: DialProgress): void {
    const caller = this.#callers.get(id)
    try {
      caller?.options.onProgress?.(event)
    } catch (error) {
      caller?.reject(error)
      this.#scheduler.leave(id, performance.now())
      this.#pump()
    }
  }

  #begin(id: number, target: PeerAddress, options: OpenConnectionOptions): void {
    const resolvers = Object.values(this.#init.resolvers ?? {})
    const dial = new RunningDial(id, target, options, this.#components, resolvers, this.#sink(id), this.#log)
    this.#dials.set(id, dial)
    if (this.#meter !== undefined) {
      this.#meter.began(id, nameOf(target))
      this.#scheduler.watch(id)
    }
    if (options.force === true) return
    for (const key of joinKeys(target)) if (!this.#joinable.has(key)) this.#joinable.set(key, dial)
  }

  #findJoinable(target: PeerAddress): RunningDial | undefined {
    for (const key of joinKeys(target)) {
      const dial = this.#joinable.get(key)
      if (dial !== undefined && this.#scheduler.has(dial.id)) return dial
    }
    return undefined
  }

  #sink(id: number): AddressSink {
    const tell = (event: (scheduler: DialScheduler<DialTargetAddress>, now: number) => void): void => {
      event(this.#scheduler, performance.now())
      this.#pump()
    }
    return {
      add: addresses => {
        const dial = this.#dials.get(id)
        if (dial === undefined) return
        const found = addresses.map(({ multiaddr, isCertified }) => ({ multiaddr, isCertified }))
        this.#tellAll(id, progressEvent('dial-queue:calculated-addresses', found))
        tell((s, now) => s.addAddresses(id, addresses, now))
      },
      record: (text, source, state) => tell((s, now) => s.addRecord(id, text, source, state, now)),
      starves: () => this.#scheduler.starves(id),
      began: source => tell((s, now) => s.sourceBegan(id, source, now)),
      ended: source => tell((s, now) => s.sourceEnded(id, source, now)),
      fail: error => tell((s, now) => s.endDial(id, error, now))
    }
  }

  #listen(): void {
    if (this.#listens) return
    this.#listens = true
    const { events } = this.#components
    events.addEventListener('connection:open', this.#onOpen)
    events.addEventListener('peer:update', this.#onPeerUpdate)
    events.addEventListener('peer:discovery', this.#onDiscovery)
  }

  readonly #onPeerUpdate = ({ detail: { peer } }: Libp2pEvents['peer:update']): void => {
    this.#joinable.get(peer.id.toString())?.learn(peer.addresses, 'peer-store')
  }

  readonly #onDiscovery = ({ detail: { id, multiaddrs } }: Libp2pEvents['peer:discovery']): void => {
    this.#joinable.get(id.toString())?.learn(multiaddrs.map(uncertified), 'discovery')
  }

  /** A peer that is dialed may connect by itself. If this node's connection would give way to that one, it is not made. */
  readonly #onOpen = ({ detail: connection }: Libp2pEvents['connection:open']): void => {
    if (connection.direction !== 'inbound' || !isPlain(connection)) return
    this.#simultaneous.met(connection)
    const { remotePeer } = connection
    const dial = this.#joinable.get(remotePeer.toString())
    if (dial !== undefined) this.#meet(dial, connection, this.#simultaneous.givesWayTo(remotePeer) ? 0 : answerDelay)
  }

  /** Ends the dial after `delay` ms, as there is a connection to the peer. */
  #meet(dial: RunningDial, connection: Connection, delay: number): void {
    dial.meet(connection, delay, () => {
      if (connection.status !== 'open') return
      if (delay > 0 && this.#isInHandshake(dial)) {
        this.#meet(dial, connection, delay)
        return
      }
      this.#scheduler.dialAnswered(dial.id, performance.now())
      this.#pump()
    })
  }

  #isInHandshake({ id }: RunningDial): boolean {
    const { addresses = [] } = this.#scheduler.report(id, performance.now()) ?? {}
    return addresses.some(({ state }) => state.kind === 'dialing' && state.stage !== 'connect')
  }

  #pump(): void {
    // What an action does may come back here: the loop that runs takes it up.
    if (this.#pumping) return
    this.#pumping = true
    try {
      for (let list = this.#scheduler.takeActions(); list.length > 0; list = this.#scheduler.takeActions()) {
        for (const action of list) this.#act(action)
      }
    } finally {
      this.#pumping = false
    }
    this.#setTimer()
  }

  #act(action: Action<DialTargetAddress>): void {
    switch (action.type) {
      case 'open': {
        const dial = this.#dials.get(action.dial)
        if (dial === undefined) return
        this.#tellAll(dial.id, progressEvent('dial-queue:start-dial'))
        dial.open()
        break
      }
      case 'starve':
        this.#dials.get(action.dial)?.starve()
        break
      case 'start': {
        const options = this.#dials.get(action.dial)?.options ?? {}
        this.#attempts.start(action.attempt, action.address, options, event => this.#tellAll(action.dial, event))
        break
      }
      case 'trace':
        if (action.caller === watcher) this.#meter?.step(action.dial, action.trace)
        else this.#tell(action.caller, traceEvent(action.trace))
        break
      case 'abort':
        this.#attempts.abort(action.attempt, action.reason)
        break
      case 'close':
        this.#attempts.close(action.attempt)
        break
      case 'settle':
        this.#settle(action.caller, action.outcome)
        break
      case 'end':
        this.#end(action.dial)
    }
  }

  #settle(id: number, outcome: Outcome<DialTargetAddress>): void {
    const caller = this.#callers.get(id)
    if (caller === undefined) return
    this.#callers.delete(id)
    const dial = caller.dial === undefined ? undefined : this.#dials.get(caller.dial)
    dial?.callers.delete(id)
    const met = outcome.kind !== 'connected' && dial?.met?.status === 'open' ? dial.met : undefined
    const result = met === undefined ? outcomes[outcome.kind] : 'connected'
    this.#meter?.settled(result, (performance.now() - caller.since) / 1000)
    if (met !== undefined) {
      caller.resolve(met)
      return
    }
    const name = nameOf(caller.target)
    switch (outcome.kind) {
      case 'connected': {
        const made = this.#attempts.made(outcome.attempt)
        if (made !== undefined && caller.options.force !== true) this.#simultaneous.dialed(made)
        caller.resolve(this.#attempts.connection(outcome.attempt))
        break
      }
      case 'answered':
        caller.reject(new ConnectionClosedError('the peer connected to this node, and closed that at once'))
        break
      case 'failed':
        caller.reject(outcome.error ?? dialFailed(name, outcome.report))
        break
      case 'timeout':
        caller.reject(dialTooSlow(name, this.#limits.dialTimeout, outcome.report))
        break
      case 'refused':
        caller.reject(
          new DialError(`${outcome.queued} dials are waiting (option connectionManager.maxDialQueueLength)`)
        )
        break
      case 'left':
        caller.reject(new AbortError('the caller waits for the dial no more'))
    }
  }

  #end(id: number): void {
    const dial = this.#dials.get(id)
    if (dial === undefined) return
    this.#dials.delete(id)
    this.#meter?.ended(id)
    for (const key of joinKeys(dial.target)) if (this.#joinable.get(key) === dial) this.#joinable.delete(key)
    dial.end()
  }

  #countDials(): { running: number; queued: number } {
    const counts = { running: 0, queued: 0 }
    for (const { active } of this.#dials.values()) counts[active ? 'running' : 'queued']++
    return counts
  }

  #setTimer(): void {
    const at = this.#scheduler.wakeAt ?? Number.POSITIVE_INFINITY
    if (at === this.#timerAt) return
    clearTimeout(this.#timer)
    this.#timerAt = at
    if (at === Number.POSITIVE_INFINITY) return
    this.#timer = setTimeout(
      () => {
        this.#timerAt = Number.POSITIVE_INFINITY
        this.#scheduler.tick(performance.now())
        this.#pump()
      },
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
