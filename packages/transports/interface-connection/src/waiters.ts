/** Promises that wait for one thing: made when someone asks, settled together. */
export class Waiters {
  #promise: Promise<void> | undefined
  #settle: { resolve: () => void; reject: (error: Error) => void } | undefined

  /** The promise of this cycle. */
  wait(): Promise<void> {
    this.#promise ??= new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    return this.#promise
  }

  resolve(): void {
    this.#settle?.resolve()
    this.#promise = this.#settle = undefined
  }

  reject(error: Error): void {
    // Whoever waits still sees it; nobody has to.
    this.#promise?.catch(() => {})
    this.#settle?.reject(error)
    this.#promise = this.#settle = undefined
  }
}
