/** Runs the tasks of one key one after the other; keys do not wait for each other. */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<unknown>>()

  /** Keys with a task that has not ended. */
  get size(): number {
    return this.#tails.size
  }

  /** Runs the task after those before it, whether they failed or not. */
  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key)
    const result = before === undefined ? task() : before.then(task, task)
    this.#tails.set(key, result)
    try {
      return await result
    } finally {
      if (this.#tails.get(key) === result) this.#tails.delete(key)
    }
  }

  /** Waits until the tasks of this key that are known now have ended. */
  async idle(key: string): Promise<void> {
    const tail = this.#tails.get(key)
    if (tail !== undefined) await tail.catch(() => undefined)
  }
}
