import type { SchedulerLimits } from './limits.ts'

interface Entry {
  tries: number
  until: number
}

/** Addresses that failed lately. Bounded: the peer that failed longest ago is forgotten first. */
export class Backoff {
  private readonly _limits: SchedulerLimits
  private readonly _peers = new Map<string, Map<string, Entry>>()
  private _size = 0

  constructor(limits: SchedulerLimits) {
    this._limits = limits
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this._size
  }

  /** When the address may be tried again; 0 if at once. */
  until(peer: string, text: string): number {
    return this._peers.get(peer)?.get(text)?.until ?? 0
  }

  /** When all addresses of a peer may be tried again; 0 if at once. */
  untilOf(peer: string): number {
    let last = 0
    for (const { until } of this._peers.get(peer)?.values() ?? []) last = Math.max(last, until)
    return last
  }

  failed(peer: string, text: string, now: number): void {
    const entries = this._peers.get(peer) ?? new Map<string, Entry>()
    const known = entries.get(text)
    // A failure that lies back further than its back-off lasted says nothing any more.
    const tries = known === undefined || now >= known.until + this._delay(known.tries) ? 0 : known.tries
    if (known === undefined) this._size++
    entries.set(text, { tries: tries + 1, until: now + this._delay(tries) })
    // A map keeps the order in which keys were set.
    this._peers.delete(peer)
    this._peers.set(peer, entries)
    this._forget(entries)
  }

  /** Forgets an address, a peer, or all. Returns how many addresses that were. */
  clear(peer?: string, text?: string): number {
    const before = this._size
    if (peer === undefined) {
      this._peers.clear()
      this._size = 0
      return before
    }
    const entries = this._peers.get(peer)
    if (entries === undefined) return 0
    if (text === undefined) {
      this._size -= entries.size
      entries.clear()
    } else if (entries.delete(text)) this._size--
    if (entries.size === 0) this._peers.delete(peer)
    return before - this._size
  }

  private _delay(tries: number): number {
    const { backoffBase, backoffStep, backoffMax } = this._limits
    return Math.min(backoffBase + backoffStep * tries ** 2, backoffMax)
  }

  private _forget(newest: Map<string, Entry>): void {
    while (this._size > this._limits.maxBackoffs) {
      const [oldest] = this._peers
      if (oldest === undefined) return
      const [peer, entries] = oldest
      if (entries === newest) {
        const [text] = entries.keys()
        this.clear(peer, text)
      } else this.clear(peer)
    }
  }
}
