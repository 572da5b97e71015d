/**
 * A world for the dial scheduler on virtual time: addresses that connect, refuse or say nothing. It counts tokens and
 * starts by itself, so that it notices what the scheduler does wrong.
 */
import { VirtualClock } from '@weft/testkit'
import type { SchedulerLimits } from '../src/core/dial-scheduler/limits.ts'
import { defaultSchedulerLimits } from '../src/core/dial-scheduler/limits.ts'
import type { Action, DialAddress, DialOptions, DialTrace, Outcome, Ticket } from '../src/core/dial-scheduler/model.ts'
import { DialScheduler } from '../src/core/dial-scheduler/scheduler.ts'

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
  onStarve: (dial: number) => void = () => {}
  readonly #behaviour: (text: string) => Behaviour
  readonly #running = new Map<number, Running>()
  readonly #peers = new Map<number, string>()
  readonly #used = new Map<string, number>()
  readonly #started = new Set<string>()
  readonly #over = new Set<number>()
  #pumping = false
  #wakeSet = Number.POSITIVE_INFINITY

  constructor(behaviour: (text: string) => Behaviour, limits: Partial<SchedulerLimits> = {}) {
    this.#behaviour = behaviour
    this.limits = { ...defaultSchedulerLimits, ...limits }
    this.scheduler = new DialScheduler(limits)
  }

  get now(): number {
    return this.clock.now
  }

  /** Attempts that run. */
  get running(): number {
    return this.#running.size
  }

  dial(
    peer: string,
    addresses: readonly DialAddress[],
    init: Partial<DialOptions> & { timeout?: number } = {}
  ): Ticket {
    const deadline = init.timeout === undefined ? undefined : this.now + init.timeout
    const ticket = this.scheduler.dialPeer(peer, deadline, { sources: ['caller'], ...init }, this.now)
    if (ticket.dial !== undefined) {
      this.#peers.set(ticket.dial, peer)
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
    if (this.#pumping) return
    this.#pumping = true
    for (let actions = this.scheduler.takeActions(); actions.length > 0; actions = this.scheduler.takeActions()) {
      for (const action of actions) this.#act(action)
    }
    this.#pumping = false
    this.#setWake()
  }

  #act(action: Action<DialAddress>): void {
    switch (action.type) {
      case 'open':
        this.opened.push(action.dial)
        this.onOpen(action.dial)
        break
      case 'starve':
        this.onStarve(action.dial)
        break
      case 'start':
        this.#start(action.dial, action.attempt, action.address)
        break
      case 'abort': {
        const behaviour = this.#behaviour(this.#running.get(action.attempt)?.address.text ?? '')
        const unwind = behaviour.kind === 'silent' ? (behaviour.unwind ?? 0) : 0
        if (behaviour.kind === 'connect') break
        if (unwind === 0) this.#end(action.attempt, false)
        else this.clock.setTimeout(() => this.#end(action.attempt, false), unwind)
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
        this.#over.add(action.dial)
    }
  }

  #start(dial: number, attempt: number, address: DialAddress): void {
    if (this.#over.has(dial)) throw new Error(`${address.text} started in a dial that has ended`)
    const key = `${dial} ${address.text}`
    if (this.#started.has(key)) throw new Error(`${address.text} started twice`)
    this.#started.add(key)
    this.starts.push({ dial, text: address.text, at: this.now })
    const peer = this.#peers.get(dial) ?? ''
    this.#running.set(attempt, { address, peer, dial, since: this.now, ended: false })
    this.#count(address.tokenClass, 1, this.limits.classTokens[address.tokenClass as 'fd'])
    this.#count(`peer ${peer}`, 1, this.limits.peerTokens)
    const behaviour = this.#behaviour(address.text)
    if (behaviour.kind === 'silent') return
    this.clock.setTimeout(() => this.#end(attempt, behaviour.kind === 'connect'), behaviour.after)
  }

  #end(attempt: number, connected: boolean): void {
    const running = this.#running.get(attempt)
    if (running === undefined) return
    this.#running.delete(attempt)
    this.tokenTime += this.now - running.since
    this.#count(running.address.tokenClass, -1, undefined)
    this.#count(`peer ${running.peer}`, -1, undefined)
    if (connected) this.scheduler.attemptSucceeded(attempt, this.now)
    else this.scheduler.attemptFailed(attempt, new Error('refused'), this.now)
    this.pump()
  }

  #count(name: string, change: number, limit: number | undefined): void {
    const used = (this.#used.get(name) ?? 0) + change
    if (limit !== undefined && used > limit) throw new Error(`${used} tokens of ${name} are out, there are ${limit}`)
    if (used === 0) this.#used.delete(name)
    else this.#used.set(name, used)
    if (change > 0) this.peak.set(name, Math.max(this.peak.get(name) ?? 0, used))
  }

  #setWake(): void {
    const at = this.scheduler.wakeAt
    if (at === undefined || at >= this.#wakeSet) return
    this.#wakeSet = at
    this.clock.setAt(
      () => {
        // An earlier one may have been set since: then this is stale.
        if (this.#wakeSet === at) this.#wakeSet = Number.POSITIVE_INFINITY
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
