import type { SchedulerLimits } from './limits.ts'

interface Entry {
  tries: number
  until: number
}

/** Addresses that failed lately. Bounded: the peer that failed longest ago is forgotten first. */
export class Backoff {
  readonly #limits: SchedulerLimits
  readonly #peers = new Map<string, Map<string, Entry>>()
  #size = 0

  constructor(limits: SchedulerLimits) {
    this.#limits = limits
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#size
  }

  /** When the address may be tried again; 0 if at once. */
  until(peer: string, text: string): number {
    return this.#peers.get(peer)?.get(text)?.until ?? 0
  }

  failed(peer: string, text: string, now: number): void {
    const entries = this.#peers.get(peer) ?? new Map<string, Entry>()
    const known = entries.get(text)
    // A failure that lies back further than its back-off lasted says nothing any more.
    const tries = known === undefined || now >= known.until + this.#delay(known.tries) ? 0 : known.tries
    if (known === undefined) this.#size++
    entries.set(text, { tries: tries + 1, until: now + this.#delay(tries) })
    // A map keeps the order in which keys were set.
    this.#peers.delete(peer)
    this.#peers.set(peer, entries)
    this.#forget(entries)
  }

  /** Forgets an address, a peer, or all. Returns how many addresses that were. */
  clear(peer?: string, text?: string): number {
    const before = this.#size
    if (peer === undefined) {
      this.#peers.clear()
      this.#size = 0
      return before
    }
    const entries = this.#peers.get(peer)
    if (entries === undefined) return 0
    if (text === undefined) {
      this.#size -= entries.size
      entries.clear()
    } else if (entries.delete(text)) this.#size--
    if (entries.size === 0) this.#peers.delete(peer)
    return before - this.#size
  }

  #delay(tries: number): number {
    const { backoffBase, backoffStep, backoffMax } = this.#limits
    return Math.min(backoffBase + backoffStep * tries ** 2, backoffMax)
  }

  #forget(newest: Map<string, Entry>): void {
    while (this.#size > this.#limits.maxBackoffs) {
      const [oldest] = this.#peers
      if (oldest === undefined) return
      const [peer, entries] = oldest
      if (entries === newest) {
        const [text] = entries.keys()
        this.clear(peer, text)
      } else this.clear(peer)
    }
  }
}
