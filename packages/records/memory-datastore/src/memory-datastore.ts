/** A datastore that forgets everything with the process: what a node uses when it is given none. */
import { WeftError } from '@weft/errors'
import type { Batch, Datastore, KeyQuery, Pair, Query } from 'interface-datastore'
import { Key } from 'interface-datastore'

type Many<T> = Iterable<T> | AsyncIterable<T>

/** Bounded by those that write to it: the peer store and the record stores have limits of their own. */
export class MemoryDatastore implements Datastore {
  private readonly _values = new Map<string, Uint8Array>()

  has(key: Key): boolean {
    return this._values.has(key.toString())
  }

  put(key: Key, value: Uint8Array): Key {
    this._values.set(key.toString(), value)
    return key
  }

  /** Throws an error named `NotFoundError`. */
  get(key: Key): Uint8Array {
    const value = this._values.get(key.toString())
    if (value === undefined)
      throw new WeftError('NotFoundError', 'ERR_NOT_FOUND', `nothing is stored at ${key.toString()}`)
    return value
  }

  delete(key: Key): void {
    this._values.delete(key.toString())
  }

  async *putMany(source: Many<Pair>): AsyncGenerator<Key> {
    for await (const { key, value } of source) yield this.put(key, value)
  }

  async *getMany(source: Many<Key>): AsyncGenerator<Pair> {
    for await (const key of source) yield { key, value: this.get(key) }
  }

  async *deleteMany(source: Many<Key>): AsyncGenerator<Key> {
    for await (const key of source) {
      this.delete(key)
      yield key
    }
  }

  batch(): Batch {
    const operations: Array<() => void> = []
    return {
      put: (key, value) => void operations.push(() => this.put(key, value)),
      delete: key => void operations.push(() => this.delete(key)),
      commit() {
        for (const operation of operations.splice(0)) operation()
      }
    }
  }

  *query(query: Query): Generator<Pair> {
    const { prefix, filters = [], orders = [], offset = 0, limit = Number.POSITIVE_INFINITY } = query
    const pairs = Array.from(this._values, ([text, value]) => ({ key: new Key(text, false), value })).filter(
      pair => isUnder(prefix, pair.key) && filters.every(filter => filter(pair))
    )
    for (const order of orders) pairs.sort(order)
    yield* pairs.slice(offset, offset + limit)
  }

  *queryKeys(query: KeyQuery): Generator<Key> {
    const { prefix, filters = [], orders = [], offset = 0, limit = Number.POSITIVE_INFINITY } = query
    const keys = Array.from(this._values.keys(), text => new Key(text, false)).filter(
      key => isUnder(prefix, key) && filters.every(filter => filter(key))
    )
    for (const order of orders) keys.sort(order)
    yield* keys.slice(offset, offset + limit)
  }
}

function isUnder(prefix: string | undefined, key: Key): boolean {
  return prefix === undefined || key.toString().startsWith(prefix)
}
