/**
 * The dial scheduler without I/O: events and `now` in, actions and the next deadline out. It is the swarm dialer of the
 * libp2p specification (chapter 8), whose functions are found here as
 *
 * | specification            | here |
 * |--------------------------|------|
 * | `DialPeer`               | `DialScheduler.dialPeer` |
 * | `PeerIsBeingDialed`, `waitForDialToComplete` | `peerIsBeingDialed`; `join`, answered by a `settle` action |
 * | `BestConnToPeer`         | `compareConnections` |
 * | `StartDial`              | `DialScheduler.startDial` |
 * | `getAddressStream`, `onNewAddr` | the `open` action; `DialScheduler.addAddresses` |
 * | `doDialAsync`            | `_doDialAsync`, which asks for it by a `start` action |
 * | `dialSuccess`            | `DialScheduler.attemptSucceeded` |
 * | `rateLimitCanDial`, `rateLimitScheduleDial`, `rateLimitReleaseTokens`, `dialWaitingForToken` | functions in `rate-limit.ts` |
 * | `tokensForDial`          | `holdsPeerToken` and `holdsClassToken` of an attempt |
 *
 * Where the text is silent: an address is ranked and staggered before it asks for tokens; a dial ends when all its
 * sources have ended and nothing is under way, or when its last caller has left; success ends the other attempts of the
 * dial before its tokens are released, so that none of them starts on a token that just came free. Every event costs O(log n) in the number of dials; what is done for one dial is bounded by `maxAddresses`.
 */

import { Heap, Timer, Timers } from '@weft/collections'
import { type DialStage, TimeoutError } from '@weft/errors'
import { AddressHistory } from './address-history.ts'
import { Attempt, type Caller, Dial, type DialContext, type Peer, watcher } from './dial.ts'
import { abortReason, type Ending, outcomeOf, whyCancelled } from './endings.ts'
import { defaultSchedulerLimits, type SchedulerLimits } from './limits.ts'
import type {
  AbortReason,
  Action,
  AddressState,
  DialAddress,
  DialOptions,
  DialReport,
  DialTrace,
  JoinOptions,
  Outcome,
  Ticket,
  TokenClass
} from './model.ts'
import { byRank } from './ranking.ts'
import {
  type ClassPools,
  classPools,
  rateLimitCanDial,
  rateLimitReleaseTokens,
  rateLimitScheduleDial
} from './rate-limit.ts'
import { TokenPool } from './token-pool.ts'

export class DialScheduler<A extends DialAddress = DialAddress> {
  private readonly _limits: SchedulerLimits
  private readonly _context: DialContext<A>
  private readonly _pools: ClassPools<A>
  private readonly _history: AddressHistory
  private readonly _timers = new Timers()
  private readonly _peers = new Map<string, Peer<A>>()
  private readonly _dials = new Map<number, Dial<A>>()
  private readonly _callers = new Map<number, Caller<A>>()
  /** Attempts that the adapter was asked to start and has not answered. */
  private readonly _attempts = new Map<number, Attempt<A>>()
  private readonly _turns = new Heap<Dial<A>>((a, b) => b.priority - a.priority || a.id - b.id)
  private _active = 0
  private _givingTurns = false
  private _nextId = 1
  private _actions: Action<A>[] = []

  /** @param compare - the order in which addresses start, the better one first */
  constructor(limits: Partial<SchedulerLimits> = {}, compare: (a: A, b: A) => number = byRank) {
    this._limits = { ...defaultSchedulerLimits, ...limits }
    this._context = {
      limits: this._limits,
      compare,
      due: (dial, now) => this._advance(dial, now),
      act: action => this._actions.push(action)
    }
    this._pools = classPools(this._limits)
    this._history = new AddressHistory(this._limits)
  }

  /** When `tick` is due. */
  get wakeAt(): number | undefined {
    return this._timers.nextAt
  }

  /** What is to be done since the last call, in order. */
  takeActions(): Action<A>[] {
    const actions = this._actions
    this._actions = []
    return actions
  }

  /** Joins the dial to a peer that is being dialed, or else starts one. `deadline` is the caller's own. */
  dialPeer(peer: string, deadline: number | undefined, options: DialOptions, now: number): Ticket {
    const known = options.forced === true ? undefined : this.peerIsBeingDialed(peer)
    const dial = known ?? this.startDial(peer, options, now)
    if (dial !== undefined)
      return { caller: this.join(dial, { ...options, deadline }), dial, joined: known !== undefined }
    const caller = this._nextId++
    const outcome: Outcome<A> = { kind: 'refused', dials: this._dials.size }
    this._actions.push({ type: 'settle', dial: undefined, caller, outcome })
    return { caller, dial: undefined, joined: false }
  }

  /** The dial to a peer that a caller may join. */
  peerIsBeingDialed(peer: string): number | undefined {
    return this._peers.get(peer)?.joinable?.id
  }

  /** Starts a dial. `undefined`: too many run, or wait for their turn. */
  startDial(key: string, options: DialOptions, now: number): number | undefined {
    const { maxDials, peerTokens } = this._limits
    if (this._dials.size >= maxDials) return undefined
    let peer = this._peers.get(key)
    if (peer === undefined) {
      peer = { key, tokens: new TokenPool(peerTokens), joinable: undefined, dials: 0 }
      this._peers.set(key, peer)
    }
    const dial = new Dial<A>(this._nextId++, peer, options, now, this._context)
    peer.dials++
    if (!dial.forced) peer.joinable ??= dial
    this._dials.set(dial.id, dial)
    this._turns.push(dial)
    this._giveTurns(now)
    return dial.id
  }

  /**
   * Lets a caller wait for a dial that has not ended; returns its id. A `settle` action will answer it, once. One that
   * is `traced` is told of each step until then. A higher priority than the dial's becomes the dial's.
   */
  join(id: number, { deadline, traced = false, priority }: JoinOptions = {}): number {
    const dial = this._dials.get(id)
    const caller = this._nextId++
    if (dial === undefined) {
      this._actions.push({ type: 'settle', dial: undefined, caller, outcome: { kind: 'left' } })
      return caller
    }
    const timer = new Timer(now => this._drop(caller, { kind: 'timeout', report: dial.report(now) }, now))
    const entry = { id: caller, dial, timer }
    dial.callers.set(caller, entry)
    this._callers.set(caller, entry)
    if (deadline !== undefined) this._timers.set(timer, deadline)
    if (traced) dial.listen(caller)
    if (priority !== undefined && priority > dial.priority) this._prefer(dial, priority)
    return caller
  }

  /** Every step of a dial is told as a `trace` action of `watcher` too, also when nobody waits for it any more. */
  watch(id: number): void {
    this._dials.get(id)?.listen(watcher)
  }

  /** A caller does not wait any more. The last one ends the dial. */
  leave(caller: number, now: number): void {
    this._drop(caller, { kind: 'left' }, now)
  }

  /** New addresses of a dial, ranked together: where several are known at once, they come in one call. */
  addAddresses(id: number, addresses: readonly A[], now: number): void {
    const dial = this._dials.get(id)
    if (dial === undefined) return
    for (const address of addresses) this._addAddress(dial, address, now)
    this._advance(dial, now)
  }

  /** Records an address that is not to be tried: filtered by the adapter, or a name, which is looked up. */
  addRecord(id: number, text: string, source: string, state: AddressState, now: number): void {
    this._dials.get(id)?.record(text, source, state, now)
  }

  /** One more source will bring addresses. */
  sourceBegan(id: number, source: string, now: number): void {
    this._dials.get(id)?.sourceBegan(source, now)
  }

  /** A source brings no more addresses. */
  sourceEnded(id: number, source: string, now: number): void {
    const dial = this._dials.get(id)
    if (dial?.sourceEnded(source, now) === true) this._advance(dial, now)
  }

  /** How far an attempt came. */
  attemptReached(id: number, stage: DialStage, now: number): void {
    const attempt = this._attempts.get(id)
    const state = attempt?.state
    if (state?.kind === 'dialing' && state.stage !== stage) attempt?.become({ ...state, stage }, now)
  }

  /** An attempt connected: the dial is over, unless it was decided before. */
  attemptSucceeded(id: number, now: number): void {
    const attempt = this._attempts.get(id)
    if (attempt === undefined) return
    this._attempts.delete(id)
    const { dial, address, state } = attempt
    if (state.kind === 'dialing') {
      this._timers.clear(attempt.timer)
      if (state.stage !== 'identify') attempt.become({ ...state, stage: 'identify' }, now)
      attempt.become({ kind: 'connected', elapsed: now - state.since }, now)
      this._history.succeeded(dial.peer.key, address)
      this._finish(dial, { kind: 'connected', attempt: id, address }, now)
    } else this._actions.push({ type: 'close', dial: dial.id, attempt: id, address })
    this._release(attempt, now)
  }

  /** An attempt failed, or was aborted. */
  attemptFailed(id: number, error: Error, now: number): void {
    const attempt = this._attempts.get(id)
    if (attempt === undefined) return
    this._attempts.delete(id)
    if (attempt.state.kind === 'dialing') this._fail(attempt, error, now)
    this._release(attempt, now)
    this._advance(attempt.dial, now)
  }

  /** The peer has connected to this node: the dial is over, and its callers have what they wait for. */
  dialAnswered(id: number, now: number): void {
    const dial = this._dials.get(id)
    if (dial !== undefined) this._finish(dial, { kind: 'answered' }, now)
  }

  /** Ends a dial that must not go on. */
  endDial(id: number, error: Error, now: number): void {
    const dial = this._dials.get(id)
    if (dial !== undefined) this._finish(dial, { kind: 'failed', error }, now)
  }

  /** Does what is due. */
  tick(now: number): void {
    this._timers.run(now)
  }

  /** Lets addresses be tried again at once: one, those of a peer, or all. Returns how many failed lately. */
  clearBackoff(peer?: string, text?: string): number {
    return this._history.backoff.clear(peer, text)
  }

  /** When the last back-off of a peer's addresses ends; 0 if there is none. */
  backoffUntil(peer: string): number {
    return this._history.backoff.untilOf(peer)
  }

  /** Whether a dial has its turn, and nothing under way or waiting for its turn. */
  isIdle(id: number): boolean {
    return this._dials.get(id)?.toldIdle === true
  }

  /** Whether a dial has not ended. */
  has(id: number): boolean {
    return this._dials.has(id)
  }

  /** The record of a dial that has not ended. */
  report(id: number, now: number): DialReport<A> | undefined {
    return this._dials.get(id)?.report(now)
  }

  /** The records of all dials that have not ended. */
  reports(now: number): DialReport<A>[] {
    return [...this._dials.values()].map(dial => dial.report(now))
  }

  /** How long a dial that has not ended has taken, and the steps that led to where it is. */
  progress(id: number, now: number): { elapsed: number; steps: DialTrace[] } | undefined {
    const dial = this._dials.get(id)
    return dial === undefined ? undefined : { elapsed: now - dial.startedAt, steps: dial.steps() }
  }

  /** Tokens that are out and attempts that wait for one, of a class. */
  usage(tokenClass: TokenClass): { used: number; waiting: number } {
    const { used = 0, waiting = 0 } = this._pools.get(tokenClass) ?? {}
    return { used, waiting }
  }

  private _addAddress(dial: Dial<A>, address: A, now: number): void {
    const { text, source } = address
    if (dial.addresses.has(text)) return
    const refusal = this._history.refusal(address)
    if (refusal !== undefined) {
      dial.record(text, source, { kind: 'filtered', reason: refusal }, now)
      return
    }
    const attempt = new Attempt(this._nextId++, dial, address, now, (late, at) => this._onAttemptLate(late, at))
    dial.add(attempt)
    const until = dial.forced || address.ignoresBackoff === true ? 0 : this._history.backoff.until(dial.peer.key, text)
    if (until > now) {
      attempt.notBefore = until
      attempt.become({ kind: 'waiting', for: 'backoff', since: now, until }, now)
      dial.backingOff.push(attempt)
    } else dial.stagger.add(attempt)
    if (dial.tried > this._limits.maxAddresses) dial.rankOut(now)
  }

  private _prefer(dial: Dial<A>, priority: number): void {
    if (!dial.active) this._turns.remove(dial)
    dial.priority = priority
    if (!dial.active) this._turns.push(dial)
  }

  private _giveTurns(now: number): void {
    // A dial that ends as it gets its turn comes back here: the loop below goes on, not a deeper one.
    if (this._givingTurns) return
    this._givingTurns = true
    while (this._active < this._limits.maxParallelDials) {
      const dial = this._turns.pop()
      if (dial === undefined) break
      this._active++
      dial.active = true
      this._actions.push({ type: 'open', dial: dial.id })
      this._advance(dial, now)
    }
    this._givingTurns = false
  }

  /** Starts what is due in a dial, ends it if nothing is left, and sets its timer. */
  private _advance(dial: Dial<A>, now: number): void {
    if (dial.ended !== undefined || !dial.active) return
    const { stagger, backingOff } = dial
    for (let next = backingOff.peek(); next !== undefined && next.notBefore <= now; next = backingOff.peek()) {
      backingOff.remove(next)
      next.become({ kind: 'waiting', for: 'stagger', since: now }, now)
      stagger.add(next)
    }
    let next = stagger.next(now)
    for (; next !== undefined && next.due <= now; next = stagger.next(now)) {
      stagger.start(next.attempt, now)
      if (rateLimitCanDial(this._pools, next.attempt)) this._doDialAsync(next.attempt, now)
      else rateLimitScheduleDial(this._pools, next.attempt, now)
    }
    if (dial.idle && dial.sources.size === 0) this._finish(dial, { kind: 'failed', error: undefined }, now)
    else {
      if (dial.idle && !dial.toldIdle) this._actions.push({ type: 'ask-deferred', dial: dial.id })
      dial.toldIdle = dial.idle
      const wakeAt = Math.min(
        next?.due ?? Number.POSITIVE_INFINITY,
        backingOff.peek()?.notBefore ?? Number.POSITIVE_INFINITY
      )
      this._timers.set(dial.timer, wakeAt)
    }
  }

  private _doDialAsync(attempt: Attempt<A>, now: number): void {
    const { id, dial, address } = attempt
    attempt.become({ kind: 'dialing', since: now, stage: 'connect' }, now)
    dial.stagger.began(attempt, now)
    this._attempts.set(id, attempt)
    this._timers.set(attempt.timer, now + this._limits.attemptTimeout)
    this._actions.push({ type: 'start', dial: dial.id, attempt: id, address })
  }

  /** Its tokens stay out until the adapter says that it has ended. */
  private _onAttemptLate(attempt: Attempt<A>, now: number): void {
    this._fail(attempt, new TimeoutError(`no connection within ${this._limits.attemptTimeout} ms`), now)
    this._abort(attempt, 'timeout')
    this._advance(attempt.dial, now)
  }

  private _fail(attempt: Attempt<A>, error: Error, now: number): void {
    const { dial, address, state } = attempt
    if (state.kind !== 'dialing') return
    this._timers.clear(attempt.timer)
    attempt.become({ kind: 'failed', stage: state.stage, error, elapsed: now - state.since }, now)
    dial.stagger.underWay.delete(attempt)
    this._history.failed(dial.peer.key, address, now)
  }

  private _release(attempt: Attempt<A>, now: number): void {
    const ready = rateLimitReleaseTokens(this._pools, attempt, now)
    for (const next of ready) {
      this._doDialAsync(next, now)
      // Its class holds the dial's other addresses back no longer.
      this._advance(next.dial, now)
    }
    this._forgetPeer(attempt.dial.peer)
  }

  private _finish(dial: Dial<A>, ending: Ending<A>, now: number): void {
    if (dial.ended !== undefined) return
    dial.ended = ending
    this._timers.clear(dial.timer)
    this._dials.delete(dial.id)
    if (dial.active) this._active--
    else this._turns.remove(dial)
    if (dial.peer.joinable === dial) dial.peer.joinable = undefined
    dial.peer.dials--
    const queued = this._cancelAll(dial, ending, now)
    const outcome = outcomeOf(ending, () => dial.report(now))
    for (const { id, timer } of dial.callers.values()) {
      this._timers.clear(timer)
      this._callers.delete(id)
      this._actions.push({ type: 'settle', dial: dial.id, caller: id, outcome })
    }
    this._actions.push({ type: 'end', dial: dial.id })
    for (const attempt of queued) this._release(attempt, now)
    this._forgetPeer(dial.peer)
    this._giveTurns(now)
  }

  /** Ends every address of a dial; returns those whose places and tokens are to be given back. */
  private _cancelAll(dial: Dial<A>, ending: Ending<A>, now: number): Attempt<A>[] {
    const queued: Attempt<A>[] = []
    for (const attempt of [...dial.stagger.values(), ...dial.backingOff.values(), ...dial.stagger.underWay]) {
      const { state, addedAt } = attempt
      if (state.kind === 'waiting') {
        const { until } = state
        const reason =
          until === undefined
            ? whyCancelled(ending)
            : `it failed lately, back-off ends in ${Math.round(until - now)} ms`
        attempt.become({ kind: 'cancelled', stage: 'wait', reason, elapsed: now - addedAt }, now)
        if (attempt.place !== undefined) queued.push(attempt)
      } else if (state.kind === 'dialing') {
        const { stage, since } = state
        attempt.become({ kind: 'cancelled', stage, reason: whyCancelled(ending), elapsed: now - since }, now)
        this._timers.clear(attempt.timer)
        this._abort(attempt, abortReason(ending))
      }
    }
    // First those without a token: none of them is woken by what the others give back.
    return queued.sort((a, b) => Number(a.holdsPeerToken) - Number(b.holdsPeerToken))
  }

  private _abort({ id, dial }: Attempt<A>, reason: AbortReason): void {
    this._actions.push({ type: 'abort', dial: dial.id, attempt: id, reason })
  }

  private _drop(id: number, outcome: Outcome<A>, now: number): void {
    const caller = this._callers.get(id)
    if (caller === undefined) return
    const { dial, timer } = caller
    this._timers.clear(timer)
    this._callers.delete(id)
    dial.callers.delete(id)
    // The last caller is told how his addresses end.
    if (dial.callers.size === 0) this._finish(dial, { kind: 'abandoned' }, now)
    dial.left(id)
    this._actions.push({ type: 'settle', dial: dial.id, caller: id, outcome })
  }

  private _forgetPeer(peer: Peer<A>): void {
    if (peer.dials === 0 && peer.tokens.used === 0) this._peers.delete(peer.key)
  }
}
