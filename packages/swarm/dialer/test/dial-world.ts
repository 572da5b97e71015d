/**
 * A world for the dial scheduler on virtual time: addresses that connect, refuse or say nothing. It counts tokens and
 * starts by itself, so that it notices what the scheduler does wrong.
 */
import { multiaddr } from '@weft/multiaddr'
import { VirtualClock } from '@weft/testkit'
import type { SchedulerLimits } from '../src/core/limits.ts'
import { defaultSchedulerLimits } from '../src/core/limits.ts'
import type { Action, DialAddress, DialOptions, DialTrace, Outcome, Ticket } from '../src/core/model.ts'
import { DialScheduler } from '../src/core/scheduler.ts'
import { dialTargetAddress } from '../src/dial-address.ts'

/** What an address does when it is dialed. `after`: ms; the silent one hangs until it is given up. */
export type Behaviour =
  | { kind: 'connect'; after: number }
  | { kind: 'refuse'; after: number }
  | { kind: 'silent'; unwind?: number }

export interface Settled {
  at: number
  outcome: Outcome<DialAddress>
}

interface Running {
  address: DialAddress
  peer: string
  dial: number
  since: number
  ended: boolean
}

export class DialWorld {
  readonly clock: VirtualClock = new VirtualClock()
  readonly scheduler: DialScheduler
  readonly limits: SchedulerLimits
  readonly starts: Array<{ dial: number; text: string; at: number }> = []
  readonly settled: Map<number, Settled> = new Map()
  readonly opened: number[] = []
  readonly ended: number[] = []
  readonly closed: number[] = []
  /** The steps that callers were told of. */
  readonly traces: Map<number, DialTrace[]> = new Map()
  readonly peak: Map<string, number> = new Map()
  /** Sum over all attempts of the ms in which they held their tokens. */
  tokenTime = 0
  onOpen: (dial: number) => void = () => {}
  onAskDeferred: (dial: number) => void = () => {}
  private readonly _behaviour: (text: string) => Behaviour
  private readonly _running = new Map<number, Running>()
  private readonly _peers = new Map<number, string>()
  private readonly _used = new Map<string, number>()
  private readonly _started = new Set<string>()
  private readonly _over = new Set<number>()
  private _pumping = false
  private _wakeSet = Number.POSITIVE_INFINITY

  constructor(behaviour: (text: string) => Behaviour, limits: Partial<SchedulerLimits> = {}) {
    this._behaviour = behaviour
    this.limits = { ...defaultSchedulerLimits, ...limits }
    this.scheduler = new DialScheduler(limits)
  }

  get now(): number {
    return this.clock.now
  }

  /** Attempts that run. */
  get running(): number {
    return this._running.size
  }

  dial(
    peer: string,
    addresses: readonly DialAddress[],
    init: Partial<DialOptions> & { timeout?: number } = {}
  ): Ticket {
    const deadline = init.timeout === undefined ? undefined : this.now + init.timeout
    const ticket = this.scheduler.dialPeer(peer, deadline, { sources: ['caller'], ...init }, this.now)
    if (ticket.dial !== undefined) {
      this._peers.set(ticket.dial, peer)
      this.scheduler.addAddresses(ticket.dial, addresses, this.now)
      if (!ticket.joined && init.sources === undefined) this.scheduler.sourceEnded(ticket.dial, 'caller', this.now)
    }
    this.pump()
    return ticket
  }

  /** Does something to the scheduler, then what it asks for. */
  do(event: (scheduler: DialScheduler, now: number) => void): void {
    event(this.scheduler, this.now)
    this.pump()
  }

  /** The time at which a caller was answered; runs until then. */
  settle({ caller }: Ticket): Settled {
    this.clock.runUntil(() => this.settled.has(caller))
    return this.settled.get(caller)!
  }

  pump(): void {
    // What an action does may come back here: actions are done in their order.
    if (this._pumping) return
    this._pumping = true
    for (let actions = this.scheduler.takeActions(); actions.length > 0; actions = this.scheduler.takeActions()) {
      for (const action of actions) this._act(action)
    }
    this._pumping = false
    this._setWake()
  }

  private _act(action: Action<DialAddress>): void {
    switch (action.type) {
      case 'open':
        this.opened.push(action.dial)
        this.onOpen(action.dial)
        break
      case 'ask-deferred':
        this.onAskDeferred(action.dial)
        break
      case 'start':
        this._start(action.dial, action.attempt, action.address)
        break
      case 'abort': {
        const behaviour = this._behaviour(this._running.get(action.attempt)?.address.text ?? '')
        const unwind = behaviour.kind === 'silent' ? (behaviour.unwind ?? 0) : 0
        if (behaviour.kind === 'connect') break
        if (unwind === 0) this._end(action.attempt, false)
        else this.clock.setTimeout(() => this._end(action.attempt, false), unwind)
        break
      }
      case 'close':
        this.closed.push(action.attempt)
        break
      case 'settle':
        if (this.settled.has(action.caller)) throw new Error(`caller ${action.caller} settled twice`)
        this.settled.set(action.caller, { at: this.now, outcome: action.outcome })
        break
      case 'trace': {
        const { caller, trace } = action
        if (this.settled.has(caller)) throw new Error(`caller ${caller} is told of ${trace.kind} after his answer`)
        const steps = this.traces.get(caller)
        if (steps === undefined) this.traces.set(caller, [trace])
        else steps.push(trace)
        break
      }
      case 'end':
        this.ended.push(action.dial)
        this._over.add(action.dial)
    }
  }

  private _start(dial: number, attempt: number, address: DialAddress): void {
    if (this._over.has(dial)) throw new Error(`${address.text} started in a dial that has ended`)
    const key = `${dial} ${address.text}`
    if (this._started.has(key)) throw new Error(`${address.text} started twice`)
    this._started.add(key)
    this.starts.push({ dial, text: address.text, at: this.now })
    const peer = this._peers.get(dial) ?? ''
    this._running.set(attempt, { address, peer, dial, since: this.now, ended: false })
    this._count(address.tokenClass, 1, this.limits.classTokens[address.tokenClass as 'fd'])
    this._count(`peer ${peer}`, 1, this.limits.peerTokens)
    const behaviour = this._behaviour(address.text)
    if (behaviour.kind === 'silent') return
    this.clock.setTimeout(() => this._end(attempt, behaviour.kind === 'connect'), behaviour.after)
  }

  private _end(attempt: number, connected: boolean): void {
    const running = this._running.get(attempt)
    if (running === undefined) return
    this._running.delete(attempt)
    this.tokenTime += this.now - running.since
    this._count(running.address.tokenClass, -1, undefined)
    this._count(`peer ${running.peer}`, -1, undefined)
    if (connected) this.scheduler.attemptSucceeded(attempt, this.now)
    else this.scheduler.attemptFailed(attempt, new Error('refused'), this.now)
    this.pump()
  }

  private _count(name: string, change: number, limit: number | undefined): void {
    const used = (this._used.get(name) ?? 0) + change
    if (limit !== undefined && used > limit) throw new Error(`${used} tokens of ${name} are out, there are ${limit}`)
    if (used === 0) this._used.delete(name)
    else this._used.set(name, used)
    if (change > 0) this.peak.set(name, Math.max(this.peak.get(name) ?? 0, used))
  }

  private _setWake(): void {
    const at = this.scheduler.wakeAt
    if (at === undefined || at >= this._wakeSet) return
    this._wakeSet = at
    this.clock.setAt(
      () => {
        // An earlier one may have been set since: then this is stale.
        if (this._wakeSet === at) this._wakeSet = Number.POSITIVE_INFINITY
        this.scheduler.tick(this.now)
        this.pump()
      },
      Math.max(at, this.now)
    )
  }
}

/** A private TCP address, unless it is told otherwise. */
export function address(text: string, facts: Partial<DialAddress> = {}): DialAddress {
  return { text, tokenClass: 'fd', reach: 'private', rank: 0, source: 'caller', ...facts }
}

/** An address as a dial sees it that meets its text. `joined`: it came while the dial was under way. */
export function addressOf(text: string, joined: boolean = false): DialAddress {
  return dialTargetAddress({ multiaddr: multiaddr(text), isCertified: false }, 'peer-store', { joined })
}
