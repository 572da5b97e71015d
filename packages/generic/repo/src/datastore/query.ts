/** Queries of the datastore's contract over a LevelDB. */
import type { AbortOptions } from '@libp2p/interface'
import { fromUtf8, toUtf8 } from '@weft/bytes'
import { throwIfAborted } from '@weft/errors'
import type { ClassicLevel } from 'classic-level'
import { Key } from 'interface-datastore'

type Level = ClassicLevel<Uint8Array, Uint8Array>

interface Selection<T> {
  readonly filters?: ReadonlyArray<(item: T) => boolean>
  readonly orders?: ReadonlyArray<(a: T, b: T) => -1 | 0 | 1>
  readonly offset?: number
  readonly limit?: number
}

/** The pairs whose keys begin with `prefix`, in the order of their keys. */
export async function* pairsOf<T>(
  level: Level,
  prefix: string | undefined,
  pair: (key: Uint8Array, value: Uint8Array) => T
): AsyncGenerator<T> {
  for await (const [key, value] of level.iterator(rangeOf(prefix))) yield pair(key, plain(value))
}

/** The same bytes, no Buffer: its `slice` gives a view where a Uint8Array's gives a copy. */
export function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** The keys that begin with `prefix`, in order. */
export async function* keysOf(level: Level, prefix: string | undefined): AsyncGenerator<Key> {
  for await (const key of level.keys(rangeOf(prefix))) yield new Key(toUtf8(key), false)
}

/** Filters, orders and cuts. Without an order nothing is held: items come as they are read. */
export async function* selected<T>(
  source: AsyncGenerator<T>,
  { filters = [], orders = [], offset = 0, limit = Number.POSITIVE_INFINITY }: Selection<T>,
  options: AbortOptions | undefined
): AsyncGenerator<T> {
  const items = orders.length === 0 ? source : await sorted(source, orders)
  let skipped = 0
  let given = 0
  if (limit <= 0) return
  for await (const item of items) {
    throwIfAborted(options?.signal)
    if (!filters.every(filter => filter(item))) continue
    if (skipped++ < offset) continue
    yield item
    if (++given >= limit) return
  }
}

async function sorted<T>(source: AsyncIterable<T>, orders: ReadonlyArray<(a: T, b: T) => number>): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) items.push(item)
  for (const order of orders) items.sort(order)
  return items
}

/** All bytes that begin with the prefix; without one, with a slash: other keys are not the users'. */
function rangeOf(prefix: string | undefined): { gte: Uint8Array; lt?: Uint8Array } {
  const gte = fromUtf8(prefix === undefined || prefix === '' ? '/' : prefix)
  // The prefix with its last byte made one greater. UTF-8 has no byte 255, so there is one.
  const lt = new Uint8Array(gte)
  lt[lt.length - 1]!++
  return { gte, lt }
}
