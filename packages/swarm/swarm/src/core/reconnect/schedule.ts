/**
 * When peers that are to be kept are dialed again: at once, then after delays that grow, and are spread so that those who
 * lost one peer together do not come back to it together. No more than a few at a time.
 */
import { Heap, type HeapItem } from '@weft/collections'

export interface ReconnectLimits {
  /** Attempts after the first. */
  readonly retries: number
  /** Milliseconds before the first of them. */
  readonly interval: number
  /** What the delay is multiplied by, for each further one. */
  readonly factor: number
  /** Attempts at a time. */
  readonly maxParallel: number
}

/** Milliseconds: a peer that is back is found within this, and one that is gone costs little. */
export const maxReconnectDelay = 30_000

/** How far a delay may be from what it should be, as a part of it. */
const spread = 0.25

interface Waiting extends HeapItem {
  readonly peer: string
  /** Which of those due at one time goes first. */
  readonly number: number
  attempts: number
  dueAt: number
}

export class ReconnectSchedule {
  private readonly _limits: ReconnectLimits
  private readonly _random: () => number
  private readonly _peers = new Map<string, Waiting>()
  private readonly _waiting = new Heap<Waiting>((a, b) => a.dueAt - b.dueAt || a.number - b.number)
  private _added = 0

  /** @param random - numbers from 0 to 1 */
  constructor(limits: ReconnectLimits, random: () => number) {
    this._limits = limits
    this._random = random
  }

  /** Peers that wait or are dialed. */
  get size(): number {
    return this._peers.size
  }

  /** When there is something to take; `undefined` if only an attempt that ends can change that. */
  get wakeAt(): number | undefined {
    return this._running >= this._limits.maxParallel ? undefined : this._waiting.peek()?.dueAt
  }

  /** A peer that was lost: due at once. Returns false if it is known already. */
  add(peer: string, now: number): boolean {
    if (this._peers.has(peer)) return false
    const entry: Waiting = { peer, number: this._added++, attempts: 0, dueAt: now, heapIndex: -1 }
    this._peers.set(peer, entry)
    this._waiting.push(entry)
    return true
  }

  /** The peers to dial now: each until `failed` or `remove` is called for it. */
  take(now: number): string[] {
    const taken: string[] = []
    while ((this.wakeAt ?? Number.POSITIVE_INFINITY) <= now) {
      const entry = this._waiting.pop()!
      entry.attempts++
      taken.push(entry.peer)
    }
    return taken
  }

  /** An attempt has failed. Returns false if it was the last: the peer is forgotten then. */
  failed(peer: string, now: number): boolean {
    const entry = this._peers.get(peer)
    if (entry === undefined || entry.heapIndex >= 0) return true
    const { retries, interval, factor } = this._limits
    if (entry.attempts > retries) {
      this._peers.delete(peer)
      return false
    }
    const longest = Math.max(interval, maxReconnectDelay)
    const delay = interval === 0 ? 0 : Math.min(longest, interval * factor ** (entry.attempts - 1))
    entry.dueAt = now + delay * (1 - spread + 2 * spread * this._random())
    this._waiting.push(entry)
    return true
  }

  /** The peer is connected, or not wanted any more. */
  remove(peer: string): void {
    const entry = this._peers.get(peer)
    if (entry === undefined) return
    this._peers.delete(peer)
    this._waiting.remove(entry)
  }

  private get _running(): number {
    return this._peers.size - this._waiting.size
  }
}
