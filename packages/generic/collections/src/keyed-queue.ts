/** Runs the tasks of each key sequentially; tasks of different keys are independent. */
export class KeyedQueue {
  private readonly _tails = new Map<string, Promise<unknown>>()

  /** Keys with an unfinished task. */
  get size(): number {
    return this._tails.size
  }

  /** Runs the task after the earlier ones of its key, even if they failed. */
  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this._tails.get(key)
    const result = before === undefined ? task() : before.then(task, task)
    this._tails.set(key, result)
    try {
      return await result
    } finally {
      if (this._tails.get(key) === result) this._tails.delete(key)
    }
  }

  /** Waits until all tasks that are queued now for this key have ended. */
  async idle(key: string): Promise<void> {
    const tail = this._tails.get(key)
    if (tail !== undefined) await tail.catch(() => undefined)
  }
}
