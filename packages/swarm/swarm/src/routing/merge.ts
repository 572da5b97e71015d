/** Joins what several routers yield. */

/** Peers that a query remembers: it meets some hundred; past this many the oldest are forgotten and may come twice. */
export const rememberedPeers = 8192

/**
 * What all sources yield, in the order in which it comes. Each source is asked for its next item only when the last one
 * was taken, so nothing piles up. A source that throws is reported and left out; if all throw, so does this, with the
 * first error.
 */
export async function* mergeSources<T>(
  sources: ReadonlyArray<AsyncIterable<T> | Iterable<T>>,
  onError: (error: unknown) => void
): AsyncGenerator<T> {
  const errors: unknown[] = []
  const live = new Set<AsyncIterator<T> | Iterator<T>>()
  const pending = new Map<AsyncIterator<T> | Iterator<T>, Promise<Settled<T>>>()
  const pull = (iterator: AsyncIterator<T> | Iterator<T>): void => {
    live.add(iterator)
    const next = async (): Promise<IteratorResult<T>> => iterator.next()
    pending.set(
      iterator,
      next().then(
        result => ({ iterator, result }),
        (error: unknown) => ({ iterator, error })
      )
    )
  }
  for (const source of sources) {
    pull(Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]())
  }
  try {
    while (pending.size > 0) {
      const { iterator, result, error } = await Promise.race(pending.values())
      pending.delete(iterator)
      if (result !== undefined && result.done !== true) {
        yield result.value
        pull(iterator)
        continue
      }
      live.delete(iterator)
      if (result !== undefined) continue
      errors.push(error)
      onError(error)
    }
  } finally {
    // Not waited for: a generator answers only when its current step has ended.
    for (const iterator of live) void Promise.resolve(iterator.return?.()).catch(() => {})
  }
  if (errors.length > 0 && errors.length === sources.length) throw errors[0]
}

interface Settled<T> {
  iterator: AsyncIterator<T> | Iterator<T>
  result?: IteratorResult<T>
  error?: unknown
}

/**
 * `change` applied to each item, at most `width` at a time, in the order in which they are done. Items for which it
 * gives undefined are left out.
 */
export async function* mapParallel<T, R>(
  source: AsyncIterator<T>,
  width: number,
  change: (item: T) => Promise<R | undefined>
): AsyncGenerator<R> {
  const running = new Set<Promise<() => R | undefined>>()
  let next: Promise<() => IteratorResult<T>> | undefined
  let ended = false
  try {
    while (!ended || running.size > 0) {
      if (!ended && running.size < width) next ??= source.next().then(result => () => result)
      const first = await Promise.race([
        ...[...running].map(async task => ({ task, value: await task })),
        ...(next === undefined ? [] : [next.then(value => ({ task: undefined, value }))])
      ])
      if (first.task !== undefined) {
        running.delete(first.task)
        const changed = first.value()
        if (changed !== undefined) yield changed
        continue
      }
      const result = first.value()
      next = undefined
      if (result.done === true) ended = true
      else running.add(change(result.value).then(value => () => value))
    }
  } finally {
    for (const task of running) task.catch(() => {})
    next?.catch(() => {})
    if (!ended) void Promise.resolve(source.return?.()).catch(() => {})
  }
}
