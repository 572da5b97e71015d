import type { AbortOptions, ContentRouting, Startable } from '@libp2p/interface'
import { equals } from '@weft/bytes'
import { asError, InvalidParametersError, NotFoundError, throwIfAborted } from '@weft/errors'
import { contentRoutingSymbol } from '@weft/interface-peer-routing'
import {
  type FoundRecord,
  type GetRecordOptions,
  InvalidRecordError,
  isQuorumError,
  isValidRecord,
  type PutOutcome,
  type PutRecordOptions,
  QuorumError,
  type RecordStore,
  type RecordStoreCapabilities,
  recordStoreSymbol,
  type Validators,
  validatorFor
} from '@weft/interface-record-store'
import { answersOf } from './answers.ts'
import { deadline } from './deadline.ts'
import type { Lookup, LookupOutcome } from './lookup.ts'

/** Makes a store of a node's components, as services are made. */
export type StoreFactory<Components> = (components: Components) => RecordStore

/** What a distributed record store takes. */
export interface DistributedRecordStoreInit<Components = object> {
  /** The stores, or what makes them of the node's components. At least one. */
  stores: ReadonlyArray<RecordStore | StoreFactory<Components>>
  /** The namespaces that are stored, and their rules: what a store says of a record's validity is not relied on. */
  validators: Validators
  /** Name of the store in outcomes that are its own. @default 'distributed' */
  name?: string
  /** Milliseconds that one store may take for one call. @default 10000 */
  timeout?: number
}

/** A service: `services: { records: distributedRecordStore({ stores, validators }) }`. */
export function distributedRecordStore<Components = object>(
  init: DistributedRecordStoreInit<Components>
): (components: Components) => DistributedRecordStore {
  if (!Array.isArray(init?.stores) || init.stores.length === 0) {
    throw new InvalidParametersError('stores: at least one record store is needed')
  }
  return components => {
    const stores = init.stores.map(store => (typeof store === 'function' ? store(components) : store))
    return new DistributedRecordStore(stores, init)
  }
}

/**
 * Puts a record into all stores at once, gets the best one of all, and puts that where a worse one was. The node's
 * `contentRouting.put` and `get` reach it.
 */
export class DistributedRecordStore implements RecordStore, Startable {
  readonly name: string
  readonly capabilities: RecordStoreCapabilities
  private readonly _stores: readonly RecordStore[]
  private readonly _validators: Validators
  private readonly _timeout: number
  private _stopped = new AbortController()

  constructor(stores: readonly RecordStore[], init: Omit<DistributedRecordStoreInit, 'stores'>) {
    this.name = init.name ?? 'distributed'
    this._stores = stores
    this._validators = init.validators
    this._timeout = init.timeout ?? 10_000
    const some = (what: 'persistent' | 'shared' | 'providers'): boolean =>
      stores.some(({ capabilities }) => capabilities[what])
    this.capabilities = {
      persistent: some('persistent'),
      shared: some('shared'),
      providers: some('providers'),
      maxValue: Math.max(...stores.map(({ capabilities }) => capabilities.maxValue))
    }
    const routing: Partial<ContentRouting> = {
      put: async (key, value, options) => void (await this.put(key, value, options)),
      get: async (key, options) => this.getBest(key, options)
    }
    // How a node, and other services, recognise it.
    Object.defineProperties(this, {
      [contentRoutingSymbol]: { value: routing },
      [recordStoreSymbol]: { value: this }
    })
  }

  start(): void {
    if (this._stopped.signal.aborted) this._stopped = new AbortController()
  }

  /** Ends repairs that are under way. */
  stop(): void {
    this._stopped.abort()
  }

  /** Resolves when every store has answered, failed or used its time; the outcomes are those of all stores. */
  async put(key: Uint8Array, record: Uint8Array, options: PutRecordOptions = {}): Promise<PutOutcome[]> {
    throwIfAborted(options.signal)
    const validator = validatorFor(this._validators, key)
    const { maxValue } = this.capabilities
    if (record.byteLength > maxValue) {
      throw new InvalidRecordError('ERR_RECORD_TOO_LARGE', `a record has at most ${maxValue} bytes`)
    }
    const copy = new Uint8Array(record)
    await validator.validate(key, copy, options)
    const { quorum = 1 } = options
    const outcomes = (await Promise.all(this._stores.map(async store => this._put(store, key, copy, options)))).flat()
    throwIfAborted(options.signal)
    if (outcomes.filter(({ status }) => status === 'stored').length < quorum) throw new QuorumError(quorum, outcomes)
    return outcomes
  }

  async *get(key: Uint8Array, options: GetRecordOptions = {}): AsyncGenerator<FoundRecord> {
    throwIfAborted(options.signal)
    const validator = validatorFor(this._validators, key)
    const { quorum = Number.POSITIVE_INFINITY } = options
    let valid = 0
    for await (const answer of answersOf(this._stores, key, this._timeout, options.signal)) {
      throwIfAborted(options.signal)
      if (answer.kind !== 'record') continue
      const { record, from } = answer.found
      const isValid = await isValidRecord(validator, key, record, options)
      yield { record, from, valid: isValid }
      if (isValid && ++valid >= quorum) return
    }
  }

  async getBest(key: Uint8Array, options: GetRecordOptions = {}): Promise<Uint8Array> {
    const { best, outcomes } = await this.lookup(key, options)
    if (best !== undefined) return best
    const said = outcomes.map(outcome => `${outcome.store}: ${textOf(outcome)}`).join(', ')
    throw new NotFoundError(`no store holds a valid record under this key (${said})`, { facts: { outcomes } })
  }

  /** As `getBest`, with what each store had. Resolves with no best record where none is valid. */
  async lookup(key: Uint8Array, options: GetRecordOptions = {}): Promise<Lookup> {
    throwIfAborted(options.signal)
    const validator = validatorFor(this._validators, key)
    const { quorum = Number.POSITIVE_INFINITY } = options
    const found = new Map<RecordStore, Uint8Array[]>()
    const ended = new Map<RecordStore, Error | undefined>()
    let valid = 0
    for await (const answer of answersOf(this._stores, key, this._timeout, options.signal)) {
      throwIfAborted(options.signal)
      const { store } = answer
      if (answer.kind !== 'record') {
        ended.set(store, answer.kind === 'failed' ? answer.error : undefined)
        continue
      }
      const held = found.get(store) ?? []
      found.set(store, held)
      const { record } = answer.found
      if (!(await isValidRecord(validator, key, record, options))) continue
      held.push(record)
      if (++valid >= quorum) break
    }
    const records = [...found.values()].flat()
    const best = records.length === 0 ? undefined : records[validator.select(key, records)]
    const outcomes = this._stores.map(store => outcomeOf(store, found.get(store), ended, best))
    const repaired = best === undefined ? Promise.resolve([]) : this._repair(key, new Uint8Array(best), outcomes)
    return { best, outcomes, repaired }
  }

  async delete(key: Uint8Array, options: AbortOptions = {}): Promise<void> {
    throwIfAborted(options.signal)
    const results = await Promise.allSettled(this._stores.map(async store => store.delete(key, options)))
    const failed = results.flatMap(result => (result.status === 'rejected' ? [asError(result.reason)] : []))
    if (failed.length > 0) throw failed.length === 1 ? failed[0]! : new AggregateError(failed, 'stores did not forget')
  }

  private async _repair(
    key: Uint8Array,
    best: Uint8Array,
    outcomes: readonly LookupOutcome[]
  ): Promise<readonly PutOutcome[]> {
    const behind = this._stores.filter((store, i) => {
      const status = outcomes[i]?.status
      return status === 'outdated' || status === 'invalid' || (status === 'nothing' && !store.capabilities.shared)
    })
    const { signal } = this._stopped
    return (await Promise.all(behind.map(async store => this._put(store, key, best, { signal })))).flat()
  }

  /** Never rejects: what happened is the outcome. */
  private async _put(
    store: RecordStore,
    key: Uint8Array,
    record: Uint8Array,
    { signal }: AbortOptions
  ): Promise<PutOutcome[]> {
    const limit = deadline(`the record store ${store.name}`, this._timeout, signal)
    try {
      return await Promise.race([store.put(key, record, { signal: limit.signal }), limit.over])
    } catch (error) {
      if (isQuorumError(error) && error.outcomes.length > 0) return [...error.outcomes]
      return [{ to: { store: store.name }, status: 'failed', error: asError(error) }]
    } finally {
      limit.clear()
    }
  }
}

function outcomeOf(
  of: RecordStore,
  valid: readonly Uint8Array[] | undefined,
  ended: ReadonlyMap<RecordStore, Error | undefined>,
  best: Uint8Array | undefined
): LookupOutcome {
  const store = of.name
  if (valid !== undefined && best !== undefined && valid.some(record => equals(record, best))) {
    return { store, status: 'best' }
  }
  if (valid !== undefined) return { store, status: valid.length > 0 ? 'outdated' : 'invalid' }
  if (!ended.has(of)) return { store, status: 'unanswered' }
  const error = ended.get(of)
  return error === undefined ? { store, status: 'nothing' } : { store, status: 'failed', error }
}

function textOf(outcome: LookupOutcome): string {
  return outcome.status === 'failed' ? outcome.error.message : outcome.status
}
