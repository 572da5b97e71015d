/** The answers of several stores as they come. */
import { asError } from '@weft/errors'
import type { FoundRecord, RecordStore } from '@weft/interface-record-store'
import { type Deadline, deadline } from './deadline.ts'

/** Records of one store that are looked at for a key: a store over many peers gives one a peer. */
const maxRecords = 256

/** What a store did last. */
export type Answer =
  | { readonly store: RecordStore; readonly kind: 'record'; readonly found: FoundRecord }
  | { readonly store: RecordStore; readonly kind: 'end' }
  | { readonly store: RecordStore; readonly kind: 'failed'; readonly error: Error }

interface Asked {
  readonly store: RecordStore
  readonly records: AsyncGenerator<FoundRecord>
  readonly deadline: Deadline
  count: number
}

/**
 * Asks all stores at once. Each has `timeout` milliseconds in all, and need not look at its signal. Ends when all have
 * ended; leaving the loop tells the others to stop.
 */
export async function* answersOf(
  stores: readonly RecordStore[],
  key: Uint8Array,
  timeout: number,
  signal: AbortSignal | undefined
): AsyncGenerator<Answer> {
  const asked = stores.map(store => ask(store, key, timeout, signal))
  const waiting = new Map(asked.map(one => [one, next(one)]))
  try {
    while (waiting.size > 0) {
      const { one, answer } = await Promise.race(waiting.values())
      if (answer.kind === 'record' && ++one.count < maxRecords) waiting.set(one, next(one))
      else waiting.delete(one)
      yield answer
    }
  } finally {
    for (const one of asked) end(one)
  }
}

function ask(store: RecordStore, key: Uint8Array, timeout: number, outer: AbortSignal | undefined): Asked {
  const limit = deadline(`the record store ${store.name}`, timeout, outer)
  return { store, records: recordsOf(store, key, limit.signal), deadline: limit, count: 0 }
}

/** Of a store whose `get` itself throws, the first answer fails. */
async function* recordsOf(store: RecordStore, key: Uint8Array, signal: AbortSignal): AsyncGenerator<FoundRecord> {
  yield* store.get(key, { signal })
}

async function next(one: Asked): Promise<{ one: Asked; answer: Answer }> {
  const { store } = one
  try {
    const { done, value } = await Promise.race([one.records.next(), one.deadline.over])
    return { one, answer: done === true ? { store, kind: 'end' } : { store, kind: 'record', found: value } }
  } catch (error) {
    return { one, answer: { store, kind: 'failed', error: asError(error) } }
  }
}

function end(one: Asked): void {
  one.deadline.abort(new Error('the search has ended'))
  one.deadline.clear()
  // Of a store that hangs it never settles: nobody waits for it.
  one.records.return(undefined).catch(() => {})
}
