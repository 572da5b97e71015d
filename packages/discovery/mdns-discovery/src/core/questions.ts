/** When a node asks its links who is there: often at first, then once an interval, and less where others ask the same. */

/** Milliseconds before the first question and the first answer: nodes that start together do not speak together (RFC 6762, section 5.2). */
export const minDelay = 20
/** The same, at most. */
export const maxDelay = 120
/** Milliseconds from the first question to the second; each doubles it, up to the interval. */
const firstInterval = 1000
/** Questions that are asked whoever else asks: only who asks himself hears answers that are sent to him alone. */
const unconditional = 3
/** Part of the interval by which it is longer at random, so that one node of a link comes to ask for all. */
const jitter = 0.1

interface Schedule {
  at: number
  asked: number
  askedAt: number
}

/** Pure: `now` is milliseconds of any clock that does not go back, `random` gives 0 to 1. */
export class Questions {
  private readonly _interval: number
  private readonly _random: () => number
  private readonly _links = new Map<string, Schedule>()

  constructor(interval: number, random: () => number) {
    this._interval = interval
    this._random = random
  }

  /** When `take` is due. */
  get wakeAt(): number {
    let at = Number.POSITIVE_INFINITY
    for (const schedule of this._links.values()) at = Math.min(at, schedule.at)
    return at
  }

  /** The links that are there now. New ones are asked at once. */
  set(links: readonly string[], now: number): void {
    for (const link of this._links.keys()) if (!links.includes(link)) this._links.delete(link)
    for (const link of links) {
      if (this._links.has(link)) continue
      this._links.set(link, {
        at: now + minDelay + this._random() * (maxDelay - minDelay),
        asked: 0,
        askedAt: Number.NEGATIVE_INFINITY
      })
    }
  }

  /** Somebody else has asked, and the answers are for all (RFC 6762, section 7.3). */
  heard(link: string, now: number): void {
    const schedule = this._links.get(link)
    if (schedule !== undefined && schedule.asked >= unconditional) schedule.at = now + this._wait(schedule.asked)
  }

  /** Asks at once, but for links that were asked within the last second. */
  hurry(now: number): void {
    for (const schedule of this._links.values()) if (schedule.askedAt + firstInterval <= now) schedule.at = now
  }

  /** The links to ask now. */
  take(now: number): string[] {
    const due: string[] = []
    for (const [link, schedule] of this._links) {
      if (schedule.at > now) continue
      due.push(link)
      schedule.asked++
      schedule.askedAt = now
      schedule.at = now + this._wait(schedule.asked)
    }
    return due
  }

  private _wait(asked: number): number {
    return Math.min(this._interval, firstInterval * 2 ** (asked - 1)) * (1 + jitter * this._random())
  }
}
