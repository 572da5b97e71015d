/** Gathers writes: those that arrive while a commit is on its way to the disk share the next one, and its fsync. */

/** One put or delete. */
export type Operation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: Uint8Array }

interface Waiter {
  resolve(): void
  reject(error: unknown): void
}

/** Bytes and operations of one commit: LevelDB holds a commit in memory three times over. */
const maxOperations = 10_000
const maxBytes = 4 * 1024 * 1024

/** Writes go through `commit`, one call at a time, in the order in which they came. */
export class CommitQueue {
  private readonly _commit: (operations: Operation[]) => Promise<void>
  private _groups: Array<{ operations: readonly Operation[]; waiter: Waiter }> = []
  private _running: Promise<void> | undefined

  constructor(commit: (operations: Operation[]) => Promise<void>) {
    this._commit = commit
  }

  /** Resolves when all the operations are committed, in one commit. */
  async add(operations: readonly Operation[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this._groups.push({ operations, waiter: { resolve, reject } })
      this._running ??= this._run()
    })
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this._running !== undefined) await this._running
  }

  private async _run(): Promise<void> {
    // What is put in the same turn shares the first commit too.
    await Promise.resolve()
    while (this._groups.length > 0) {
      const taken = this._take()
      try {
        await this._commit(taken.flatMap(group => group.operations))
        for (const { waiter } of taken) waiter.resolve()
      } catch (error) {
        for (const { waiter } of taken) waiter.reject(error)
      }
    }
    this._running = undefined
  }

  private _take(): Array<{ operations: readonly Operation[]; waiter: Waiter }> {
    let count = 0
    let bytes = 0
    let end = 0
    for (const { operations } of this._groups) {
      count += operations.length
      for (const operation of operations) bytes += operation.type === 'put' ? operation.value.length : 0
      if (end > 0 && (count > maxOperations || bytes > maxBytes)) break
      end++
    }
    return this._groups.splice(0, end)
  }
}
