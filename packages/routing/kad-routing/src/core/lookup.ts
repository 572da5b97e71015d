/**
 * An iterative lookup (libp2p/specs, kad-dht, "Peer routing"). One frontier of all peers that were heard of, the closest first,
 * is parted among disjoint paths: a peer belongs to the path that heard of it first, and only answers on its own path lead a path
 * on, so that a liar misleads one of them (S/Kademlia, section 4.4). A path has converged when its `beta` closest peers have
 * answered. Where no path has anybody to ask, the follow-up asks whoever is left of the k closest of all, until they have
 * answered.
 */
import type { Candidate, LookupEnd, LookupHop, LookupInit, LookupPeer, PathView, WhyAsked } from './lookup-types.ts'
import { Frontier } from './frontier.ts'
import { trust, Tellers } from './tellers.ts'

/** Whom to ask now. */
export interface Ask<P extends LookupPeer> {
  /** Who. */
  readonly peer: P
  /** On which path, from 0. */
  readonly path: number
  /** Answers that led there: 0 of a peer of the table. */
  readonly depth: number
  /** Why this one. */
  readonly why: WhyAsked
}

/**
 * Pure, without a clock: the caller asks whom `next()` names, until it names nobody, and tells what came of each. It is over
 * when `ended` says so; what is still on its way then does not matter.
 */
export class Lookup<P extends LookupPeer> {
  private readonly _init: LookupInit
  private readonly _frontier: Frontier<P>
  private readonly _tellers: Tellers
  private readonly _asked: Candidate<P>[] = []
  private readonly _inFlight: number[]
  private _running = 0
  private _ended: LookupEnd | undefined

  /** @param seeds - the closest peers of the table; dealt out to the paths one by one */
  constructor(init: LookupInit, seeds: readonly P[]) {
    this._init = init
    this._frontier = new Frontier(init.target, init.maxCandidates)
    this._tellers = new Tellers()
    const paths = Math.max(1, Math.min(init.paths, seeds.length))
    this._inFlight = new Array<number>(paths).fill(0)
    for (const peer of seeds) if (peer.id !== init.self) this._hear(peer, undefined)
    for (const [i, candidate] of this._frontier.all().entries()) candidate.path = i % paths
    this._update()
  }

  /** Why it is over; undefined while it is not. */
  get ended(): LookupEnd | undefined {
    return this._ended
  }

  /** Peers that were asked and have neither answered nor failed. */
  get running(): number {
    return this._running
  }

  /** Peers that were asked. */
  get asked(): number {
    return this._asked.length
  }

  /** Answers on the way to the closest peer that has answered, its own included. */
  get hops(): number {
    const [closest] = this.closest()
    return closest === undefined ? 0 : closest.depth + 1
  }

  /** The peer of that id, if it was heard of. */
  get(id: string): P | undefined {
    return this._frontier.get(id)?.peer
  }

  /** Whom to ask now; nobody while `alpha` are on their way, or all that matters has been asked. */
  next(): Ask<P> | undefined {
    if (this._ended !== undefined || this._running >= this._init.alpha) return undefined
    const onPath = this._nextOfPaths()
    const candidate = onPath ?? this._kClosest().find(({ state }) => state === 'heard')
    if (candidate === undefined) return undefined
    candidate.state = 'asked'
    if (onPath === undefined) candidate.why = 'follow-up'
    else candidate.why = candidate.toldBy === undefined ? 'table' : 'closest of its path'
    this._asked.push(candidate)
    this._running++
    this._inFlight[candidate.path]!++
    return { peer: candidate.peer, path: candidate.path, depth: candidate.depth, why: candidate.why }
  }

  /**
   * A peer that was asked has answered, and told of others. At most k of them are taken, the closest. Returns those that were
   * not heard of before.
   */
  answered(id: string, closer: readonly P[]): P[] {
    const candidate = this._settle(id, 'answered')
    if (candidate === undefined) return []
    if (candidate.toldBy !== undefined) this._tellers.answered(candidate.toldBy)
    const { k, self } = this._init
    const others = closer.filter(peer => peer.id !== self && peer.id !== id)
    const added = this._frontier.closestOf(others, k).filter(peer => this._hear(peer, candidate))
    candidate.told = added.length
    this._update()
    return added
  }

  /** A peer that was asked did not answer, or cannot be reached. */
  failed(id: string, error: Error): void {
    const candidate = this._settle(id, 'failed')
    if (candidate === undefined) return
    candidate.error = error
    if (candidate.toldBy !== undefined && this._tellers.failed(candidate.toldBy)) this._distrust(candidate.toldBy)
    this._update()
  }

  /** What was looked for was found, or nobody wants it any more. */
  end(reason: 'found' | 'aborted'): void {
    this._ended ??= reason
  }

  /** The k closest peers that have answered, the closest first. */
  closest(): Array<{ peer: P; depth: number }> {
    const found: Array<{ peer: P; depth: number }> = []
    for (const { state, peer, depth } of this._frontier.all()) {
      if (state === 'answered' && found.push({ peer, depth }) === this._init.k) break
    }
    return found
  }

  /** A path as it stands. */
  pathView(index: number): PathView {
    const view = { index, queued: 0, running: this._inFlight[index] ?? 0, total: 0 }
    for (const { path, state } of this._frontier.all()) {
      if (path !== index) continue
      view.total++
      if (state === 'heard') view.queued++
    }
    return view
  }

  /** Who was asked, in order, and why; then who was left out, and why. */
  trace(): LookupHop<P>[] {
    const hop = ({ peer, path, depth, toldBy, why, state, told, error }: Candidate<P>): LookupHop<P> => ({
      peer,
      path,
      depth,
      ...(toldBy !== undefined && { toldBy }),
      ...(why !== undefined && { why }),
      outcome: state === 'asked' ? 'unanswered' : state,
      told,
      ...(error !== undefined && { error })
    })
    const left = this._frontier.all().filter(({ state }) => state === 'dead' || state === 'distrusted')
    return [...this._asked, ...left].map(hop)
  }

  private _hear(peer: P, teller: Candidate<P> | undefined): boolean {
    const known = this._frontier.get(peer.id)
    if (known !== undefined) {
      // Somebody else knows it too: it is not the invention of one.
      if (known.state === 'distrusted' && teller !== undefined && known.toldBy !== teller.peer.id) {
        known.state = 'heard'
        known.toldBy = teller.peer.id
      }
      return false
    }
    const toldBy = teller?.peer.id
    const distrusted = toldBy !== undefined && !this._tellers.isTrusted(toldBy)
    const state = this._init.isDead?.(peer.id) === true ? 'dead' : distrusted ? 'distrusted' : 'heard'
    return this._frontier.add({
      peer,
      state,
      path: teller?.path ?? 0,
      depth: teller === undefined ? 0 : teller.depth + 1,
      toldBy,
      why: undefined,
      told: 0,
      error: undefined
    })
  }

  private _settle(id: string, state: 'answered' | 'failed'): Candidate<P> | undefined {
    const candidate = this._frontier.get(id)
    if (candidate?.state !== 'asked') return undefined
    candidate.state = state
    this._running--
    this._inFlight[candidate.path]!--
    return candidate
  }

  private _distrust(teller: string): void {
    for (const candidate of this._frontier.all()) {
      if (candidate.toldBy === teller && candidate.state === 'heard') candidate.state = 'distrusted'
    }
  }

  /** The closest of the path that has fewest on their way: all go on at one pace. */
  private _nextOfPaths(): Candidate<P> | undefined {
    let best: Candidate<P> | undefined
    for (let path = 0; path < this._inFlight.length; path++) {
      if (best !== undefined && this._inFlight[path]! >= this._inFlight[best.path]!) continue
      best = this._nextOfPath(path) ?? best
    }
    return best
  }

  /** Nobody where the path has converged. */
  private _nextOfPath(path: number): Candidate<P> | undefined {
    let answered = 0
    let next: Candidate<P> | undefined
    for (const candidate of this._frontier.all()) {
      if (candidate.path !== path) continue
      if (candidate.state === 'heard') next ??= candidate
      else if (candidate.state === 'answered' && next === undefined && ++answered === this._init.beta) return undefined
      else if (candidate.state === 'asked' && next === undefined) answered = Number.NEGATIVE_INFINITY
    }
    return next
  }

  /** The k closest of all that have not failed. */
  private _kClosest(): Candidate<P>[] {
    const closest: Candidate<P>[] = []
    for (const candidate of this._frontier.all()) {
      if (trust(candidate.state) && closest.push(candidate) === this._init.k) break
    }
    return closest
  }

  private _update(): void {
    if (this._ended !== undefined) return
    if (this._frontier.size === 0) this._ended = 'nobody to ask'
    for (let path = 0; path < this._inFlight.length; path++) if (this._nextOfPath(path) !== undefined) return
    const closest = this._kClosest()
    if (closest.some(({ state }) => state !== 'answered')) return
    // Whoever was left out on suspicion is better than nobody.
    if (closest.length < this._init.k && this._restore('distrusted')) return
    if (closest.length === 0 && this._restore('dead')) return
    this._ended ??= closest.length === 0 ? 'nobody answered' : 'converged'
  }

  private _restore(state: 'distrusted' | 'dead'): boolean {
    let restored = false
    for (const candidate of this._frontier.all()) {
      if (candidate.state !== state) continue
      candidate.state = 'heard'
      restored = true
    }
    return restored
  }
}
