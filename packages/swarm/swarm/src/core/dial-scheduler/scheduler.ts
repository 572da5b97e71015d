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
 * | `doDialAsync`            | `#doDialAsync`, which asks for it by a `start` action |
 * | `dialSuccess`            | `DialScheduler.attemptSucceeded` |
 * | `rateLimitCanDial`, `rateLimitScheduleDial`, `rateLimitReleaseTokens`, `dialWaitingForToken` | functions in `rate-limit.ts` |
 * | `tokensForDial`          | `holdsPeerToken` and `holdsClassToken` of an attempt |
 *
 * Where the text is silent: an address is ranked and staggered before it asks for tokens; a dial ends when all its
 * sources have ended and nothing is under way, or when its last caller has left; success ends the other attempts of the
 * dial before its tokens are released, so that none of them starts on a token that just came free. Every event costs O(log n) in the number of dials; what is done for one dial is bounded by `maxAddresses`.
 */
import { TimeoutError } from '@weft/errors'
import { AddressHistory } from './address-history.ts'
import { Attempt, type Caller, Dial, type DialContext, type Peer, watcher } from './dial.ts'
import { abortReason, type Ending, outcomeOf, whyCancelled } from './endings.ts'
import { Heap } from './heap.ts'
import { defaultSchedulerLimits, type SchedulerLimits } from './limits.ts'
import type {
  AbortReason,
  Action,
  AddressState,
  DialAddress,
  DialOptions,
  DialReport,
  DialStage,
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
import { Timer, Timers } from './timers.ts'
import { TokenPool } from './token-pool.ts'

export class DialScheduler<A extends DialAddress = DialAddress> {
  readonly #limits: SchedulerLimits
  readonly #context: DialContext<A>
  readonly #pools: ClassPools<A>
  readonly #history: AddressHistory
  readonly #timers = new Timers()
  readonly #peers = new Map<string, Peer<A>>()
  readonly #dials = new Map<number, Dial<A>>()
  readonly #callers = new Map<number, Caller<A>>()
  /** Attempts that the adapter was asked to start and has not answered. */
  readonly #attempts = new Map<number, Attempt<A>>()
  readonly #turns = new Heap<Dial<A>>((a, b) => b.priority - a.priority || a.id - b.id)
  #active = 0
  #givingTurns = false
  #nextId = 1
  #actions: Action<A>[] = []

  /** @param compare - the order in which addresses start, the better one first */
  constructor(limits: Partial<SchedulerLimits> = {}, compare: (a: A, b: A) => number = byRank) {
    this.#limits = { ...defaultSchedulerLimits, ...limits }
    this.#context = {
      limits: this.#limits,
      compare,
      due: (dial, now) => this.#advance(dial, now),
      act: action => this.#actions.push(action)
    }
    this.#pools = classPools(this.#limits)
    this.#history = new AddressHistory(this.#limits)
  }

  /** When `tick` is due. */
  get wakeAt(): number | undefined {
    return this.#timers.nextAt
  }

  /** What is to be done since the last call, in order. */
  takeActions(): Action<A>[] {
    const actions = this.#actions
    this.#actions = []
    return actions
  }

  /** Joins the dial to a peer that is being dialed, or else starts one. `deadline` is the caller's own. */
  dialPeer(peer: string, deadline: number | undefined, options: DialOptions, now: number): Ticket {
    const known = options.forced === true ? undefined : this.peerIsBeingDialed(peer)
    const dial = known ?? this.startDial(peer, options, now)
    if (dial !== undefined)
      return { caller: this.join(dial, { ...options, deadline }), dial, joined: known !== undefined }
    const caller = this.#nextId++
    const outcome: Outcome<A> = { kind: 'refused', queued: this.#turns.size }
    this.#actions.push({ type: 'settle', dial: undefined, caller, outcome })
    return { caller, dial: undefined, joined: false }
  }

  /** The dial to a peer that a caller may join. */
  peerIsBeingDialed(peer: string): number | undefined {
    return this.#peers.get(peer)?.joinable?.id
  }

  /** Starts a dial. `undefined`: too many wait for their turn. */
  startDial(key: string, options: DialOptions, now: number): number | undefined {
    const { maxParallelDials, maxQueuedDials, peerTokens } = this.#limits
    if (this.#active >= maxParallelDials && this.#turns.size >= maxQueuedDials) return undefined
    let peer = this.#peers.get(key)
    if (peer === undefined) {
      peer = { key, tokens: new TokenPool(peerTokens), joinable: undefined, dials: 0 }
      this.#peers.set(key, peer)
    }
    const dial = new Dial<A>(this.#nextId++, peer, options, now, this.#context)
    peer.dials++
    if (!dial.forced) peer.joinable ??= dial
    this.#dials.set(dial.id, dial)
    this.#turns.push(dial)
    this.#giveTurns(now)
    return dial.id
  }

  /**
   * Lets a caller wait for a dial that has not ended; returns its id. A `settle` action will answer it, once. One that
   * is `traced` is told of each step until then. A higher priority than the dial's becomes the dial's.
   */
  join(id: number, { deadline, traced = false, priority }: JoinOptions = {}): number {
    const dial = this.#dials.get(id)
    const caller = this.#nextId++
    if (dial === undefined) {
      this.#actions.push({ type: 'settle', dial: undefined, caller, outcome: { kind: 'left' } })
      return caller
    }
    const timer = new Timer(now => this.#drop(caller, { kind: 'timeout', report: dial.report(now) }, now))
    const entry = { id: caller, dial, timer }
    dial.callers.set(caller, entry)
    this.#callers.set(caller, entry)
    if (deadline !== undefined) this.#timers.set(timer, deadline)
    if (traced) dial.listen(caller)
    if (priority !== undefined && priority > dial.priority) this.#prefer(dial, priority)
    return caller
  }

  /** Every step of a dial is told as a `trace` action of `watcher` too, also when nobody waits for it any more. */
  watch(id: number): void {
    this.#dials.get(id)?.listen(watcher)
  }

  /** A caller does not wait any more. The last one ends the dial. */
  leave(caller: number, now: number): void {
    this.#drop(caller, { kind: 'left' }, now)
  }

  /** New addresses of a dial, ranked together: where several are known at once, they come in one call. */
  addAddresses(id: number, addresses: readonly A[], now: number): void {
    const dial = this.#dials.get(id)
    if (dial === undefined) return
    for (const address of addresses) this.#addAddress(dial, address, now)
    this.#advance(dial, now)
  }

  /** Records an address that is not to be tried: filtered by the adapter, or a name, which is looked up. */
  addRecord(id: number, text: string, source: string, state: AddressState, now: number): void {
    this.#dials.get(id)?.record(text, source, state, now)
  }

  /** One more source will bring addresses. */
  sourceBegan(id: number, source: string, now: number): void {
    this.#dials.get(id)?.sourceBegan(source, now)
  }

  /** A source brings no more addresses. */
  sourceEnded(id: number, source: string, now: number): void {
    const dial = this.#dials.get(id)
    if (dial?.sourceEnded(source, now) === true) this.#advance(dial, now)
  }

  /** How far an attempt came. */
  attemptReached(id: number, stage: DialStage, now: number): void {
    const attempt = this.#attempts.get(id)
    const state = attempt?.state
    if (state?.kind === 'dialing' && state.stage !== stage) attempt?.become({ ...state, stage }, now)
  }

  /** An attempt connected: the dial is over, unless it was decided before. */
  attemptSucceeded(id: number, now: number): void {
    const attempt = this.#attempts.get(id)
    if (attempt === undefined) return
    this.#attempts.delete(id)
    const { dial, address, state } = attempt
    if (state.kind === 'dialing') {
      this.#timers.clear(attempt.timer)
      if (state.stage !== 'identify') attempt.become({ ...state, stage: 'identify' }, now)
      attempt.become({ kind: 'connected', elapsed: now - state.since }, now)
      this.#history.succeeded(dial.peer.key, address)
      this.#finish(dial, { kind: 'connected', attempt: id, address }, now)
    } else this.#actions.push({ type: 'close', dial: dial.id, attempt: id, address })
    this.#release(attempt, now)
  }

  /** An attempt failed, or was aborted. */
  attemptFailed(id: number, error: Error, now: number): void {
    const attempt = this.#attempts.get(id)
    if (attempt === undefined) return
    this.#attempts.delete(id)
    if (attempt.state.kind === 'dialing') this.#fail(attempt, error, now)
    this.#release(attempt, now)
    this.#advance(attempt.dial, now)
  }

  /** The peer has connected to this node: the dial is over, and its callers have what they wait for. */
  dialAnswered(id: number, now: number): void {
    const dial = this.#dials.get(id)
    if (dial !== undefined) this.#finish(dial, { kind: 'answered' }, now)
  }

  /** Ends a dial that must not go on. */
  endDial(id: number, error: Error, now: number): void {
    const dial = this.#dials.get(id)
    if (dial !== undefined) this.#finish(dial, { kind: 'failed', error }, now)
  }

  /** Does what is due. */
  tick(now: number): void {
    this.#timers.run(now)
  }

  /** Lets addresses be tried again at once: one, those of a peer, or all. Returns how many failed lately. */
  clearBackoff(peer?: string, text?: string): number {
    return this.#history.backoff.clear(peer, text)
  }

  /** Whether a dial has its turn, and nothing under way or waiting for its turn. */
  starves(id: number): boolean {
    return this.#dials.get(id)?.starves === true
  }

  /** Whether a dial has not ended. */
  has(id: number): boolean {
    return this.#dials.has(id)
  }

  /** The record of a dial that has not ended. */
  report(id: number, now: number): DialReport<A> | undefined {
    return this.#dials.get(id)?.report(now)
  }

  /** The records of all dials that have not ended. */
  reports(now: number): DialReport<A>[] {
    return [...this.#dials.values()].map(dial => dial.report(now))
  }

  /** How long a dial that has not ended has taken, and the steps that led to where it is. */
  progress(id: number, now: number): { elapsed: number; steps: DialTrace[] } | undefined {
    const dial = this.#dials.get(id)
    return dial === undefined ? undefined : { elapsed: now - dial.startedAt, steps: dial.steps() }
  }

  /** Tokens that are out and attempts that wait for one, of a class. */
  usage(tokenClass: TokenClass): { used: number; waiting: number } {
    const { used = 0, waiting = 0 } = this.#pools.get(tokenClass) ?? {}
    return { used, waiting }
  }

  #addAddress(dial: Dial<A>, address: A, now: number): void {
    const { text, source } = address
    if (dial.addresses.has(text)) return
    const refusal = this.#history.refusal(address)
    if (refusal !== undefined) {
      dial.record(text, source, { kind: 'filtered', reason: refusal }, now)
      return
    }
    const attempt = new Attempt(this.#nextId++, dial, address, now, (late, at) => this.#onAttemptLate(late, at))
    dial.add(attempt)
    const until = dial.forced || address.ignoresBackoff === true ? 0 : this.#history.backoff.until(dial.peer.key, text)
    if (until > now) {
      attempt.notBefore = until
      attempt.become({ kind: 'waiting', for: 'backoff', since: now, until }, now)
      dial.backingOff.push(attempt)
    } else dial.stagger.add(attempt)
    if (dial.tried > this.#limits.maxAddresses) dial.rankOut(now)
  }

  #prefer(dial: Dial<A>, priority: number): void {
    if (!dial.active) this.#turns.remove(dial)
    dial.priority = priority
    if (!dial.active) this.#turns.push(dial)
  }

  #giveTurns(now: number): void {
    // A dial that ends as it gets its turn comes back here: the loop below goes on, not a deeper one.
    if (this.#givingTurns) return
    this.#givingTurns = true
    while (this.#active < this.#limits.maxParallelDials) {
      const dial = this.#turns.pop()
      if (dial === undefined) break
      this.#active++
      dial.active = true
      this.#actions.push({ type: 'open', dial: dial.id })
      this.#advance(dial, now)
    }
    this.#givingTurns = false
  }

  /** Starts what is due in a dial, ends it if nothing is left, and sets its timer. */
  #advance(dial: Dial<A>, now: number): void {
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
      if (rateLimitCanDial(this.#pools, next.attempt)) this.#doDialAsync(next.attempt, now)
      else rateLimitScheduleDial(this.#pools, next.attempt, now)
    }
    if (dial.idle && dial.sources.size === 0) this.#finish(dial, { kind: 'failed', error: undefined }, now)
    else {
      if (dial.idle && !dial.starves) this.#actions.push({ type: 'starve', dial: dial.id })
      dial.starves = dial.idle
      const wakeAt = Math.min(
        next?.due ?? Number.POSITIVE_INFINITY,
        backingOff.peek()?.notBefore ?? Number.POSITIVE_INFINITY
      )
      this.#timers.set(dial.timer, wakeAt)
    }
  }

  #doDialAsync(attempt: Attempt<A>, now: number): void {
    const { id, dial, address } = attempt
    attempt.become({ kind: 'dialing', since: now, stage: 'connect' }, now)
    dial.stagger.began(attempt, now)
    this.#attempts.set(id, attempt)
    this.#timers.set(attempt.timer, now + this.#limits.attemptTimeout)
    this.#actions.push({ type: 'start', dial: dial.id, attempt: id, address })
  }

  /** Its tokens stay out until the adapter says that it has ended. */
  #onAttemptLate(attempt: Attempt<A>, now: number): void {
    this.#fail(attempt, new TimeoutError(`no connection within ${this.#limits.attemptTimeout} ms`), now)
    this.#abort(attempt, 'timeout')
    this.#advance(attempt.dial, now)
  }

  #fail(attempt: Attempt<A>, error: Error, now: number): void {
    const { dial, address, state } = attempt
    if (state.kind !== 'dialing') return
    this.#timers.clear(attempt.timer)
    attempt.become({ kind: 'failed', stage: state.stage, error, elapsed: now - state.since }, now)
    dial.stagger.underWay.delete(attempt)
    this.#history.failed(dial.peer.key, address, now)
  }

  #release(attempt: Attempt<A>, now: number): void {
    const ready = rateLimitReleaseTokens(this.#pools, attempt, now)
    for (const next of ready) {
      this.#doDialAsync(next, now)
      // Its class holds the dial's other addresses back no longer.
      this.#advance(next.dial, now)
    }
    this.#forgetPeer(attempt.dial.peer)
  }

  #finish(dial: Dial<A>, ending: Ending<A>, now: number): void {
    if (dial.ended !== undefined) return
    dial.ended = ending
    this.#timers.clear(dial.timer)
    this.#dials.delete(dial.id)
    if (dial.active) this.#active--
    else this.#turns.remove(dial)
    if (dial.peer.joinable === dial) dial.peer.joinable = undefined
    dial.peer.dials--
    const queued = this.#cancelAll(dial, ending, now)
    const outcome = outcomeOf(ending, () => dial.report(now))
    for (const { id, timer } of dial.callers.values()) {
      this.#timers.clear(timer)
      this.#callers.delete(id)
      this.#actions.push({ type: 'settle', dial: dial.id, caller: id, outcome })
    }
    this.#actions.push({ type: 'end', dial: dial.id })
    for (const attempt of queued) this.#release(attempt, now)
    this.#forgetPeer(dial.peer)
    this.#giveTurns(now)
  }

  /** Ends every address of a dial; returns those whose places and tokens are to be given back. */
  #cancelAll(dial: Dial<A>, ending: Ending<A>, now: number): Attempt<A>[] {
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
        this.#timers.clear(attempt.timer)
        this.#abort(attempt, abortReason(ending))
      }
    }
    // First those without a token: none of them is woken by what the others give back.
    return queued.sort((a, b) => Number(a.holdsPeerToken) - Number(b.holdsPeerToken))
  }

  #abort({ id, dial }: Attempt<A>, reason: AbortReason): void {
    this.#actions.push({ type: 'abort', dial: dial.id, attempt: id, reason })
  }

  #drop(id: number, outcome: Outcome<A>, now: number): void {
    const caller = this.#callers.get(id)
    if (caller === undefined) return
    const { dial, timer } = caller
    this.#timers.clear(timer)
    this.#callers.delete(id)
    dial.callers.delete(id)
    // The last caller is told how his addresses end.
    if (dial.callers.size === 0) this.#finish(dial, { kind: 'abandoned' }, now)
    dial.left(id)
    this.#actions.push({ type: 'settle', dial: dial.id, caller: id, outcome })
  }

  #forgetPeer(peer: Peer<A>): void {
    if (peer.dials === 0 && peer.tokens.used === 0) this.#peers.delete(peer.key)
  }
}
