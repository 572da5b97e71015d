/** A datastore that forgets everything with the process: what a node uses when it is given none. */
import type { AbortOptions } from '@libp2p/interface'
import { WeftError } from '@weft/errors'
import { Key } from 'interface-datastore'
import type { Batch, Datastore, KeyQuery, Pair, Query } from 'interface-datastore'

type Many<T> = Iterable<T> | AsyncIterable<T>

/**
 * Values are copied in and out. Bounded by those that write to it: the peer store and the record stores have limits of
 * their own. Every method throws the reason of a signal that has fired.
 */
export class MemoryDatastore implements Datastore {
  private readonly _values = new Map<string, Uint8Array>()

  has(key: Key, options?: AbortOptions): boolean {
    options?.signal?.throwIfAborted()
    return this._values.has(key.toString())
  }

  put(key: Key, value: Uint8Array, options?: AbortOptions): Key {
    options?.signal?.throwIfAborted()
    this._values.set(key.toString(), new Uint8Array(value))
    return key
  }

  /** Throws an error named `NotFoundError`. */
  get(key: Key, options?: AbortOptions): Uint8Array {
    options?.signal?.throwIfAborted()
    const value = this._values.get(key.toString())
    if (value === undefined)
      throw new WeftError('NotFoundError', 'ERR_NOT_FOUND', `nothing is stored at ${key.toString()}`)
    return new Uint8Array(value)
  }

  delete(key: Key, options?: AbortOptions): void {
    options?.signal?.throwIfAborted()
    this._values.delete(key.toString())
  }

  async *putMany(source: Many<Pair>, options?: AbortOptions): AsyncGenerator<Key> {
    for await (const { key, value } of source) yield this.put(key, value, options)
  }

  async *getMany(source: Many<Key>, options?: AbortOptions): AsyncGenerator<Pair> {
    for await (const key of source) yield { key, value: this.get(key, options) }
  }

  async *deleteMany(source: Many<Key>, options?: AbortOptions): AsyncGenerator<Key> {
    for await (const key of source) {
      this.delete(key, options)
      yield key
    }
  }

  batch(): Batch {
    const operations: Array<() => void> = []
    return {
      put: (key, value) => {
        const copy = new Uint8Array(value)
        operations.push(() => void this._values.set(key.toString(), copy))
      },
      delete: key => void operations.push(() => this.delete(key)),
      commit(options) {
        options?.signal?.throwIfAborted()
        for (const operation of operations.splice(0)) operation()
      }
    }
  }

  *query(query: Query, options?: AbortOptions): Generator<Pair> {
    options?.signal?.throwIfAborted()
    const { prefix, filters = [], orders = [], offset = 0, limit = Number.POSITIVE_INFINITY } = query
    const pairs = Array.from(this._values, ([text, value]) => ({
      key: new Key(text, false),
      value: new Uint8Array(value)
    })).filter(pair => isUnder(prefix, pair.key) && filters.every(filter => filter(pair)))
    for (const order of orders) pairs.sort(order)
    yield* until(pairs.slice(offset, offset + limit), options)
  }

  *queryKeys(query: KeyQuery, options?: AbortOptions): Generator<Key> {
    options?.signal?.throwIfAborted()
    const { prefix, filters = [], orders = [], offset = 0, limit = Number.POSITIVE_INFINITY } = query
    const keys = Array.from(this._values.keys(), text => new Key(text, false)).filter(
      key => isUnder(prefix, key) && filters.every(filter => filter(key))
    )
    for (const order of orders) keys.sort(order)
    yield* until(keys.slice(offset, offset + limit), options)
  }
}

/** The items, as long as the signal has not fired. */
function* until<T>(items: readonly T[], options: AbortOptions | undefined): Generator<T> {
  for (const item of items) {
    options?.signal?.throwIfAborted()
    yield item
  }
}

function isUnder(prefix: string | undefined, key: Key): boolean {
  return prefix === undefined || key.toString().startsWith(prefix)
}
