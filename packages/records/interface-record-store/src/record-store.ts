import type { AbortOptions, PeerId } from '@libp2p/interface'

/** Where a record came from, or went to: a store, and the peer behind it where the store asks peers. */
export interface RecordSource {
  /** Name of the store, such as `kad` or `datastore`; stable, for logs and metrics. */
  readonly store: string
  /** The peer that held or took the record, where the store is spread over peers. */
  readonly peer?: PeerId
}

/** What one store, or one peer of a store, did with a record. */
export type PutOutcome =
  /** It holds the record now, or held the same bytes before. */
  | { readonly to: RecordSource; readonly status: 'stored' }
  /** It holds a record that the selector prefers, and kept that. */
  | { readonly to: RecordSource; readonly status: 'outdated' }
  /** It could not be asked, or it refused the record for another reason. */
  | { readonly to: RecordSource; readonly status: 'failed'; readonly error: Error }

/** A record that a store holds. */
export interface FoundRecord {
  /** The value, as it was put. */
  readonly record: Uint8Array
  /** Who holds it. */
  readonly from: RecordSource
  /** Whether the validator of the key's namespace accepts it now. An invalid one is told so that its holder is known. */
  readonly valid: boolean
}

/** How a record is put. */
export interface PutRecordOptions extends AbortOptions {
  /** Outcomes `stored` that make the put a success. @default 1 */
  quorum?: number
}

/** How records are looked for. */
export interface GetRecordOptions extends AbortOptions {
  /** Valid answers after which the search ends. @default the store's own, all that it finds */
  quorum?: number
}

/** What a store can be relied on for. */
export interface RecordStoreCapabilities {
  /** Records outlive the process. */
  readonly persistent: boolean
  /** Records reach other nodes. */
  readonly shared: boolean
  /** Largest record, bytes. */
  readonly maxValue: number
  /** It also keeps who provides a key. */
  readonly providers: boolean
}

/**
 * Keeps records under keys, and gives back those that are valid. A key is bytes, `/namespace/...`; the validator of its
 * namespace is asked before a record is stored and again when it is read. A store copies what it is given, and what it
 * gives belongs to the caller.
 */
export interface RecordStore {
  /** As in `RecordSource.store`. */
  readonly name: string
  /** What it can be relied on for. */
  readonly capabilities: RecordStoreCapabilities
  /**
   * Stores a record and says what became of it at each place that was asked. Rejects with `InvalidRecordError` before
   * anything is asked when the record may not stand under this key; with `QuorumError`, which has the `outcomes`, when
   * fewer than `quorum` places stored it; with the signal's reason.
   */
  put(key: Uint8Array, record: Uint8Array, options?: PutRecordOptions): Promise<PutOutcome[]>
  /**
   * The records under a key as they are found, one for each place that holds one, invalid ones included. Ends when
   * `quorum` valid ones were found, or nobody is left to ask. Leaving the loop ends the search. Throws
   * `InvalidRecordError` for a key without a known namespace, and the signal's reason.
   */
  get(key: Uint8Array, options?: GetRecordOptions): AsyncIterable<FoundRecord>
  /** The valid record that the selector prefers. Rejects with `NotFoundError` where none is valid, and as `get`. */
  getBest(key: Uint8Array, options?: GetRecordOptions): Promise<Uint8Array>
  /** Forgets what this node itself holds; other holders are not asked. Resolves also where nothing was held. */
  delete(key: Uint8Array, options?: AbortOptions): Promise<void>
}

/** Under this symbol a service holds its record store. */
export const recordStoreSymbol: unique symbol = Symbol.for('@weft/record-store') as never
