import type { AbortOptions, PeerId, Startable } from '@libp2p/interface'
import { equals, toHex } from '@weft/bytes'
import type { DatastoreRecordStore } from '@weft/datastore-record-store'
import { asError, NotFoundError, throwIfAborted } from '@weft/errors'
import { linkSignals } from '@weft/interface-node'
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
  type Validators,
  validatorFor
} from '@weft/interface-record-store'
import {
  type Contact,
  eventsOf,
  type KadMessage,
  type KadRouting,
  kadRequest,
  messageTypes,
  UnexpectedAnswerError
} from '@weft/kad-routing'
import { decodeRecord, encodeRecord, maxValueLength } from '@weft/record'
import type { Datastore } from 'interface-datastore'
import { keptRecords, received } from './kept-records.ts'
import { ValueServer } from './value-server.ts'

/** What it takes of its node. */
export interface KadRecordStoreComponents {
  /** Who this node is. */
  peerId: PeerId
  /** Where records are kept. */
  datastore: Datastore
}

/** How a record store over a DHT behaves. */
export interface KadRecordStoreInit {
  /** The namespaces that are stored and looked for, and their rules. */
  validators: Validators
  /** Name of the store in outcomes. @default 'kad' */
  name?: string
  /** First part of its keys in the datastore. @default '/dht/record' */
  datastorePrefix?: string
  /** Whether the datastore outlives the process. @default true */
  persistent?: boolean
  /** Milliseconds for which a record of others is kept after it came. @default 172800000 (48 hours) */
  validity?: number
  /** Milliseconds after which a record that this node put is put again; Infinity for never. @default 79200000 (22 hours) */
  republishInterval?: number
  /** Bytes of all records that are kept. @default 67108864 (64 MiB) */
  maxBytes?: number
  /** The clock, milliseconds since 1970. @default Date.now */
  now?: () => number
}

const hour = 3_600_000
// Of keys that this node put itself: beyond, it is told to use a store that is made for so many.
const maxPublished = 10_000

/**
 * Adds values to a `KadRouting`: answers PUT_VALUE and GET_VALUE, puts records to the k closest peers of their key, and finds
 * the best of theirs. Peers that hold a worse one, or should hold one and do not, are put right.
 */
export class KadRecordStore implements RecordStore, Startable {
  readonly name: string
  readonly capabilities: RecordStoreCapabilities
  private readonly _routing: KadRouting
  private readonly _self: PeerId
  private readonly _validators: Validators
  private readonly _kept: DatastoreRecordStore
  private readonly _republishInterval: number
  private readonly _now: () => number
  private readonly _published = new Map<string, { key: Uint8Array; at: number }>()
  private _stopped = new AbortController()

  /** Throws `TypeError` where the routing has values already. */
  constructor(routing: KadRouting, components: KadRecordStoreComponents, init: KadRecordStoreInit) {
    const {
      name = 'kad',
      persistent = true,
      validity = 48 * hour,
      republishInterval = 22 * hour,
      now = Date.now
    } = init
    const { datastorePrefix: prefix = '/dht/record', maxBytes = 64 * 1024 * 1024, validators } = init
    this.name = name
    this.capabilities = { persistent, shared: true, maxValue: maxValueLength, providers: true }
    this._routing = routing
    this._self = components.peerId
    this._validators = validators
    this._republishInterval = republishInterval
    this._now = now
    const { datastore } = components
    this._kept = keptRecords({ datastore, validators, prefix, persistent, validity, maxBytes, now })
    const server = new ValueServer({ kept: this._kept, validators, self: components.peerId, now })
    routing.extend({
      types: [messageTypes.PUT_VALUE, messageTypes.GET_VALUE],
      handle: async (request, context) => server.handle(request, context),
      expiry: async time => this._expire(time),
      values: {
        put: async (key, value, options) => void (await this.put(key, value, options)),
        get: async (key, options) => this.getBest(key, options)
      }
    })
  }

  start(): void {
    if (this._stopped.signal.aborted) this._stopped = new AbortController()
  }

  /** Ends corrections and republishing that are under way. */
  stop(): void {
    this._stopped.abort()
  }

  /**
   * Keeps the record and puts it to the closest peers of its key. This node counts as one that stored it if it answers
   * requests. Rejects with `QuorumError`, whose cause says why where no peer was found.
   */
  async put(key: Uint8Array, record: Uint8Array, options: PutRecordOptions = {}): Promise<PutOutcome[]> {
    throwIfAborted(options.signal)
    const validator = validatorFor(this._validators, key)
    if (record.byteLength > maxValueLength) {
      throw new InvalidRecordError('ERR_RECORD_TOO_LARGE', `a record has at most ${maxValueLength} bytes`)
    }
    const value = new Uint8Array(record)
    await validator.validate(key, value, options)
    const { quorum = 1 } = options
    const own = await this._keep(key, value, quorum, options)
    const { outcomes, cause } = await this._publish(key, value, options)
    const all = [own, ...outcomes]
    const counted = this._routing.getMode() === 'server' ? all : outcomes
    const stored = counted.filter(({ status }) => status === 'stored').length
    if (stored < quorum) throw new QuorumError(quorum, all, cause === undefined ? {} : { cause })
    if (this._published.size < maxPublished)
      this._published.set(toHex(key), { key: new Uint8Array(key), at: this._now() })
    return all
  }

  get(key: Uint8Array, options: GetRecordOptions = {}): AsyncGenerator<FoundRecord> {
    return eventsOf<FoundRecord>(async (give, left) => {
      const signal = linkSignals([options.signal, left])
      try {
        await this._search(key, { ...options, signal }, give)
      } finally {
        signal.clear()
      }
    })
  }

  /** Peers whose answers were worse are put right in the background. */
  async getBest(key: Uint8Array, options: GetRecordOptions = {}): Promise<Uint8Array> {
    const validator = validatorFor(this._validators, key)
    const valid: Uint8Array[] = []
    const held = new Map<string, Uint8Array | undefined>()
    const { closest, cause } = await this._search(key, options, ({ record, from, valid: isValid }) => {
      if (isValid) valid.push(record)
      if (from.peer !== undefined) held.set(from.peer.toString(), isValid ? record : undefined)
    })
    if (valid.length === 0) throw new NotFoundError('no peer holds a valid record under this key', { cause })
    const best = valid[validator.select(key, valid)]!
    const own = held.get(this._self.toString())
    const behind = closest.filter(({ peerId }) => {
      const theirs = held.get(peerId.toString())
      return theirs === undefined || !equals(theirs, best)
    })
    void this._correct(key, new Uint8Array(best), behind, own !== undefined && !equals(own, best))
    return best
  }

  async delete(key: Uint8Array, options: AbortOptions = {}): Promise<void> {
    this._published.delete(toHex(key))
    await this._kept.delete(key, options)
  }

  private async _keep(key: Uint8Array, value: Uint8Array, quorum: number, options: AbortOptions): Promise<PutOutcome> {
    const to = { store: this.name, peer: this._self }
    try {
      await this._kept.put(key, received({ key, value }, this._now()), options)
      return { to, status: 'stored' }
    } catch (error) {
      throwIfAborted(options.signal)
      const [outcome] = isQuorumError(error) ? error.outcomes : []
      // What this node knows to be older is not put to others.
      if (outcome?.status === 'outdated') throw new QuorumError(quorum, [{ to, status: 'outdated' }])
      return { to, status: 'failed', error: outcome?.status === 'failed' ? outcome.error : asError(error) }
    }
  }

  /** Puts a record to the closest peers of its key. */
  private async _publish(
    key: Uint8Array,
    value: Uint8Array,
    options: AbortOptions
  ): Promise<{ outcomes: PutOutcome[]; cause: Error | undefined }> {
    const request = kadRequest(messageTypes.FIND_NODE, key)
    const found = await this._routing.lookup(key, { request, signal: options.signal })
    const outcomes = await Promise.all(found.closest.map(async contact => this._putTo(contact, key, value, options)))
    throwIfAborted(options.signal)
    return { outcomes, cause: this._routing.whyEmpty(found) }
  }

  private async _putTo(
    contact: Contact,
    key: Uint8Array,
    value: Uint8Array,
    options: AbortOptions
  ): Promise<PutOutcome> {
    const to = { store: this.name, peer: contact.peerId }
    const record = encodeRecord({ key, value, timeReceived: this._now() })
    try {
      const request: KadMessage = { ...kadRequest(messageTypes.PUT_VALUE, key), record }
      const answer = await this._routing.request(contact, request, options)
      // The answer is the request: whoever kept something else did not store it.
      if (answer.record !== undefined && equals(decodeRecord(answer.record).value, value))
        return { to, status: 'stored' }
      return { to, status: 'failed', error: new UnexpectedAnswerError('its answer is not the record that was put') }
    } catch (error) {
      return { to, status: 'failed', error: asError(error) }
    }
  }

  /** Tells of each record, this node's own first, and says who the closest peers are. */
  private async _search(
    key: Uint8Array,
    { signal, quorum = Number.POSITIVE_INFINITY }: GetRecordOptions,
    give: (found: FoundRecord) => void
  ): Promise<{ closest: Contact[]; cause: Error | undefined }> {
    throwIfAborted(signal)
    const validator = validatorFor(this._validators, key)
    let valid = 0
    const take = async (peer: PeerId, record: Uint8Array): Promise<void> => {
      const isValid = await isValidRecord(validator, key, record)
      if (isValid) valid++
      give({ record, from: { store: this.name, peer }, valid: isValid })
    }
    for await (const { record, valid: isKept } of this._kept.get(key, { ...(signal && { signal }) })) {
      if (isKept) await take(this._self, new Uint8Array(decodeRecord(record).value))
    }
    if (valid >= quorum) return { closest: [], cause: undefined }
    const checks: Array<Promise<void>> = []
    const result = await this._routing.lookup(key, {
      request: kadRequest(messageTypes.GET_VALUE, key),
      signal,
      onAnswer: (answer, from) => {
        const value = valueOf(answer, key)
        if (value !== undefined) checks.push(take(from.peerId, value))
        // The checks of answers before this one: a lookup goes on for one more where they are slow.
        return valid >= quorum
      }
    })
    await Promise.all(checks)
    return { closest: result.closest, cause: this._routing.whyEmpty(result) }
  }

  /** Puts the best record where it should be and is not. Never rejects. */
  private async _correct(key: Uint8Array, best: Uint8Array, behind: readonly Contact[], own: boolean): Promise<void> {
    const { signal } = this._stopped
    if (own) await this._kept.put(key, received({ key, value: best }, this._now())).catch(() => {})
    await Promise.all(behind.map(async contact => this._putTo(contact, key, best, { signal })))
  }

  private async _expire(now: number): Promise<void> {
    await this._kept.sweep()
    for (const [name, { key, at }] of this._published) {
      if (now - at < this._republishInterval) continue
      const { signal } = this._stopped
      throwIfAborted(signal)
      let value: Uint8Array | undefined
      for await (const { record, valid } of this._kept.get(key, { signal })) {
        if (valid) value = new Uint8Array(decodeRecord(record).value)
      }
      // Its own time is over, or it was deleted: there is nothing to keep alive.
      if (value === undefined) {
        this._published.delete(name)
        continue
      }
      this._published.set(name, { key, at: now })
      await this._keep(key, value, 1, { signal })
      await this._publish(key, value, { signal })
    }
  }
}

/** The value that a peer holds, where it says so of this key. */
function valueOf({ record }: KadMessage, key: Uint8Array): Uint8Array | undefined {
  if (record === undefined) return undefined
  try {
    const decoded = decodeRecord(record)
    return equals(decoded.key, key) ? new Uint8Array(decoded.value) : undefined
  } catch {
    return undefined
  }
}
