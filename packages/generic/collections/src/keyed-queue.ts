/** Runs the tasks of one key one after the other; keys do not wait for each other. */
export class KeyedQueue {
  private readonly _tails = new Map<string, Promise<unknown>>()

  /** Keys with a task that has not ended. */
  get size(): number {
    return this._tails.size
  }

  /** Runs the task after those before it, whether they failed or not. */
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

  /** Waits until the tasks of this key that are known now have ended. */
  async idle(key: string): Promise<void> {
    const tail = this._tails.get(key)
    if (tail !== undefined) await tail.catch(() => undefined)
  }
}
