/** Promises that wait for one thing: made when someone asks, settled together. */
export class Waiters {
  private _promise: Promise<void> | undefined
  private _settle: { resolve: () => void; reject: (error: Error) => void } | undefined

  /** The promise of this cycle. */
  wait(): Promise<void> {
    this._promise ??= new Promise((resolve, reject) => {
      this._settle = { resolve, reject }
    })
    return this._promise
  }

  resolve(): void {
    this._settle?.resolve()
    this._promise = this._settle = undefined
  }

  reject(error: Error): void {
    // Whoever waits still sees it; nobody has to.
    this._promise?.catch(() => {})
    this._settle?.reject(error)
    this._promise = this._settle = undefined
  }
}
