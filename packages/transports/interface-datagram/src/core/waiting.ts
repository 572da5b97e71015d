/** Datagrams of one remote that wait while the system takes none. */
export const maxWaitingOfRemote = 64

/** Datagrams of all remotes together: 6 MiB at most. */
export const maxWaiting = 4096

/** Datagrams that wait for the system, one queue a remote, taken in turn so that none keeps the others waiting. */
export class Waiting<R> {
  private readonly _queues = new Map<R, Uint8Array[]>()
  private _size = 0

  /** Datagrams that wait. */
  get size(): number {
    return this._size
  }

  /** Returns false, and takes nothing, where the remote's queue or all of them are full. */
  push(remote: R, view: Uint8Array): boolean {
    const queue = this._queues.get(remote)
    if (this._size >= maxWaiting || (queue !== undefined && queue.length >= maxWaitingOfRemote)) return false
    if (queue === undefined) this._queues.set(remote, [view])
    else queue.push(view)
    this._size++
    return true
  }

  /** Sends one of each remote in turn until nothing waits or `send` returns false; that one is sent first next time. */
  flush(send: (view: Uint8Array, remote: R) => boolean): void {
    // A queue that is set anew comes last in the order of the map, and the loop reaches it again.
    for (const [remote, queue] of this._queues) {
      if (!send(queue[0]!, remote)) return
      queue.shift()
      this._size--
      this._queues.delete(remote)
      if (queue.length > 0) this._queues.set(remote, queue)
    }
  }
}
