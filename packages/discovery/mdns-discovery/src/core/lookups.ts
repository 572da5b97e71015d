/** Questions for one name that somebody waits for: asked thrice, as packets are lost. */

/** Names that are asked for at once. */
const maxLookups = 64
/** Milliseconds from the first time to each. */
const times = [0, 250, 600]
/** Milliseconds for which an answer is kept that was heard: a name is not told twice a second. */
const keptFor = 2000
/** Answers that are kept. */
const maxHeard = 512

interface Lookup {
  began: number
  asked: number
  users: number
}

/** Pure: `now` is milliseconds of any clock that does not go back. */
export class Lookups {
  private readonly _active = new Map<string, Lookup>()
  private readonly _heard = new Map<string, { name: string; owner: string; until: number }>()

  /** When `take` is due. */
  get wakeAt(): number {
    let at = Number.POSITIVE_INFINITY
    for (const { began, asked } of this._active.values()) {
      if (asked < times.length) at = Math.min(at, began + times[asked]!)
    }
    return at
  }

  /** Begins one. Returns false if there are too many. */
  begin(name: string, now: number): boolean {
    const known = this._active.get(name)
    if (known === undefined && this._active.size >= maxLookups) return false
    this._active.set(name, { began: now, asked: 0, users: (known?.users ?? 0) + 1 })
    return true
  }

  end(name: string): void {
    const lookup = this._active.get(name)
    if (lookup !== undefined && --lookup.users === 0) this._active.delete(name)
  }

  has(name: string): boolean {
    return this._active.has(name)
  }

  /** The names to ask for now. */
  take(now: number): string[] {
    const due: string[] = []
    for (const [name, lookup] of this._active) {
      if (lookup.asked >= times.length || lookup.began + times[lookup.asked]! > now) continue
      lookup.asked++
      due.push(name)
    }
    return due
  }

  /** An owner answers to a name, asked for or not. */
  heard(name: string, owner: string, now: number): void {
    const key = `${name} ${owner}`
    this._heard.delete(key)
    if (this._heard.size >= maxHeard) this._heard.delete(this._heard.keys().next().value!)
    this._heard.set(key, { name, owner, until: now + keptFor })
  }

  /** It does not answer to the name any more. */
  forget(name: string, owner: string): void {
    this._heard.delete(`${name} ${owner}`)
  }

  /** The owners that have answered to a name a moment ago. */
  recent(name: string, now: number): string[] {
    return Array.from(this._heard.values()).flatMap(heard =>
      heard.name === name && heard.until > now ? heard.owner : []
    )
  }
}
