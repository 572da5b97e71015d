/** Gathers what is asked for in one turn of the event loop into one batch, with one batch under way at a time. */

interface Waiting<In, Out> {
  readonly item: In
  readonly resolve: (out: Out) => void
  readonly reject: (error: unknown) => void
}

/** Runs items in batches. Two of the same id are never in one batch: a statement changes a row once. */
export class Gatherer<In extends { readonly id: string }, Out> {
  private readonly _run: (items: In[]) => Promise<Out[]>
  private _waiting: Waiting<In, Out>[] = []
  private readonly _maxItems: number
  private readonly _lanes: number
  private _running = 0
  private _scheduled = false

  constructor(maxItems: number, lanes: number, run: (items: In[]) => Promise<Out[]>) {
    this._maxItems = maxItems
    this._lanes = lanes
    this._run = run
  }

  async add(item: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this._waiting.push({ item, resolve, reject })
      this._schedule()
    })
  }

  private _schedule(): void {
    if (this._scheduled || this._running >= this._lanes) return
    this._scheduled = true
    setImmediate(() => {
      this._scheduled = false
      while (this._running < this._lanes && this._waiting.length > 0) void this._next()
    })
  }

  private async _next(): Promise<void> {
    const batch = new Map<string, Waiting<In, Out>>()
    const rest: Waiting<In, Out>[] = []
    for (const waiting of this._waiting) {
      if (batch.size < this._maxItems && !batch.has(waiting.item.id)) batch.set(waiting.item.id, waiting)
      else rest.push(waiting)
    }
    this._waiting = rest
    this._running++
    const list = [...batch.values()]
    try {
      const results = await this._run(list.map(({ item }) => item))
      for (const [i, { resolve }] of list.entries()) resolve(results[i]!)
    } catch (error) {
      for (const { reject } of list) reject(error)
    } finally {
      this._running--
      if (this._waiting.length > 0) this._schedule()
    }
  }
}
