/** All peers that a lookup has heard of, the closest first, up to a number. */
import { compareDistance, type KadKey } from './key.ts'
import type { Candidate, LookupPeer } from './lookup-types.ts'

export class Frontier<P extends LookupPeer> {
  private readonly _target: KadKey
  private readonly _capacity: number
  private readonly _sorted: Candidate<P>[] = []
  private readonly _byId = new Map<string, Candidate<P>>()

  constructor(target: KadKey, capacity: number) {
    this._target = target
    this._capacity = capacity
  }

  get size(): number {
    return this._sorted.length
  }

  get(id: string): Candidate<P> | undefined {
    return this._byId.get(id)
  }

  /** Not a copy. */
  all(): readonly Candidate<P>[] {
    return this._sorted
  }

  /** Returns false where it is full of closer ones, or of those that were asked. */
  add(candidate: Candidate<P>): boolean {
    if (this._sorted.length >= this._capacity && !this._makeRoom(candidate)) return false
    let low = 0
    let high = this._sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this._compare(this._sorted[middle]!.peer, candidate.peer) <= 0) low = middle + 1
      else high = middle
    }
    this._sorted.splice(low, 0, candidate)
    this._byId.set(candidate.peer.id, candidate)
    return true
  }

  /** The closest of those, at most `count`. */
  closestOf(peers: readonly P[], count: number): readonly P[] {
    if (peers.length <= count) return peers
    return peers.toSorted((a, b) => this._compare(a, b)).slice(0, count)
  }

  /** Drops the furthest that was not asked, if it is further away than the newcomer: nobody is asked twice. */
  private _makeRoom({ peer }: Candidate<P>): boolean {
    const index = this._sorted.findLastIndex(({ why }) => why === undefined)
    const furthest = this._sorted[index]
    if (furthest === undefined || this._compare(furthest.peer, peer) <= 0) return false
    this._sorted.splice(index, 1)
    this._byId.delete(furthest.peer.id)
    return true
  }

  private _compare(a: P, b: P): number {
    return compareDistance(this._target, a.place, b.place)
  }
}
