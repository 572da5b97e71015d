import type { AbortOptions } from '@libp2p/interface'
import { abortReason } from '@weft/errors'
import { onAbort } from './on-abort.ts'

interface Running<T> {
  readonly result: Promise<T>
  readonly controller: AbortController
  callers: number
}

/**
 * Work that several callers wait for, at most one of a kind at a time. Each caller has its own signal: when it fires, that
 * caller is rejected with its reason and the work goes on, until the last caller has left. Then the work's own signal fires,
 * with that caller's reason, and the next caller begins anew. A caller without a signal never leaves.
 */
export class SharedWork<K, T> {
  private readonly _running = new Map<K, Running<T>>()

  /** The kinds of work that are under way. */
  get size(): number {
    return this._running.size
  }

  /** Joins the work under `key`, or begins it. `begin` gets the signal of the work, not the caller's. */
  join(key: K, { signal }: AbortOptions, begin: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (signal?.aborted === true) return Promise.reject(abortReason(signal))
    const running = this._running.get(key) ?? this._begin(key, begin)
    running.callers++
    if (signal === undefined) return running.result
    return new Promise((resolve, reject) => {
      const forget = onAbort(signal, () => {
        const reason = abortReason(signal)
        reject(reason)
        if (--running.callers > 0) return
        this._end(key, running)
        running.controller.abort(reason)
      })
      running.result.then(resolve, reject).finally(forget)
    })
  }

  private _begin(key: K, begin: (signal: AbortSignal) => Promise<T>): Running<T> {
    const controller = new AbortController()
    const running: Running<T> = { result: begin(controller.signal), controller, callers: 0 }
    const end = (): void => this._end(key, running)
    this._running.set(key, running)
    running.result.then(end, end)
    return running
  }

  private _end(key: K, running: Running<T>): void {
    if (this._running.get(key) === running) this._running.delete(key)
  }
}
