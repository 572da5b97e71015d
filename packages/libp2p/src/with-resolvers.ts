/** `Promise.withResolvers` (ECMAScript 2024) where the runtime lacks it, which is Node before 22. */

interface Resolvers {
  promise: Promise<unknown>
  resolve: (value: unknown) => void
  reject: (reason?: unknown) => void
}

/**
 * Defines it, as the standard says, unless it is there. js-libp2p's packages need it: with it, its services run on a node
 * of ours under Node 20, which is otherwise all that they lack. Ours do not use it.
 */
export function ensureWithResolvers(promise: object = Promise): void {
  if ('withResolvers' in promise) return
  const value = function withResolvers(this: PromiseConstructor): Resolvers {
    const made: Partial<Resolvers> = {}
    made.promise = new this((resolve, reject) => {
      made.resolve = resolve
      made.reject = reject
    })
    return made as Resolvers
  }
  Object.defineProperty(promise, 'withResolvers', { value, writable: true, configurable: true })
}
