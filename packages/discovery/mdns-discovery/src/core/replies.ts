/** When a node says who it is: a little later than it was asked, and each name once a second on a link. */
import { maxDelay, minDelay } from './questions.ts'

/** Milliseconds between two answers of one name on one link (RFC 6762, section 6). */
const minInterval = 1000

/** Names to tell on a link. */
export interface Due {
  readonly link: string
  readonly names: string[]
}

/** Pure: `now` is milliseconds of any clock that does not go back, `random` gives 0 to 1. */
export class Replies {
  private readonly _random: () => number
  /** By link and name; there are few of both, and none is a remote's. */
  private readonly _due = new Map<string, Map<string, number>>()
  private readonly _told = new Map<string, Map<string, number>>()

  constructor(random: () => number) {
    this._random = random
  }

  /** When `take` is due. */
  get wakeAt(): number {
    let at = Number.POSITIVE_INFINITY
    for (const names of this._due.values()) for (const due of names.values()) at = Math.min(at, due)
    return at
  }

  /** Tells a name soon. */
  add(link: string, name: string, now: number): void {
    const names = this._due.get(link) ?? new Map<string, number>()
    this._due.set(link, names)
    if (names.has(name)) return
    const told = this._told.get(link)?.get(name) ?? Number.NEGATIVE_INFINITY
    names.set(name, Math.max(now + minDelay + this._random() * (maxDelay - minDelay), told + minInterval))
  }

  /** What is to be told now. */
  take(now: number): Due[] {
    const due: Due[] = []
    for (const [link, names] of this._due) {
      const ready = [...names].flatMap(([name, at]) => (at <= now ? name : []))
      if (ready.length === 0) continue
      const told = this._told.get(link) ?? new Map<string, number>()
      for (const [name, at] of told) if (at + minInterval <= now) told.delete(name)
      for (const name of ready) {
        names.delete(name)
        told.set(name, now)
      }
      this._told.set(link, told)
      due.push({ link, names: ready })
    }
    return due
  }

  /** Forgets what was to be told. */
  clear(): void {
    this._due.clear()
  }
}
