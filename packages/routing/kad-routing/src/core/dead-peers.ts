/** Peers that did not answer lately: one lookup learns it, all others leave them out until their time is over. */

/** How long a peer is left out, and how many are remembered. */
export interface DeadPeersInit {
  /** Milliseconds after the first failure; each further one doubles it. */
  minimum: number
  /** Milliseconds at most. */
  maximum: number
  /** Peers that are remembered: past it those that failed longest ago are forgotten. */
  capacity: number
}

/** A minute is longer than a lookup, half an hour is shorter than a session that is worth to be found. */
const defaultDeadPeers: DeadPeersInit = { minimum: 60_000, maximum: 1_800_000, capacity: 4096 }

interface Death {
  until: number
  failures: number
}

/** Pure: `now` is milliseconds of any clock that does not go back. */
export class DeadPeers {
  private readonly _init: DeadPeersInit
  private readonly _deaths = new Map<string, Death>()

  constructor(init: DeadPeersInit = defaultDeadPeers) {
    this._init = init
  }

  /** Peers that are remembered, also those whose time is over. */
  get size(): number {
    return this._deaths.size
  }

  /** The peer did not answer. */
  mark(id: string, now: number): void {
    const failures = (this._deaths.get(id)?.failures ?? 0) + 1
    const { minimum, maximum, capacity } = this._init
    this._deaths.delete(id)
    this._deaths.set(id, { failures, until: now + Math.min(maximum, minimum * 2 ** (failures - 1)) })
    if (this._deaths.size <= capacity) return
    const [oldest] = this._deaths.keys()
    this._deaths.delete(oldest!)
  }

  /** The peer was heard of: it answered, or connected. */
  revive(id: string): void {
    this._deaths.delete(id)
  }

  /** Whether the peer is to be left out. */
  isDead(id: string, now: number): boolean {
    const death = this._deaths.get(id)
    return death !== undefined && now < death.until
  }
}
