import type { AbortOptions, Startable, Stream } from '@libp2p/interface'
import { equals } from '@weft/bytes'
import { NotFoundError, throwIfAborted } from '@weft/errors'
import { answerRequests, ask, openStream, ProtocolService, withStream } from '@weft/interface-protocol'
import {
  type FoundRecord,
  type GetRecordOptions,
  InvalidRecordError,
  isPreferred,
  isValidRecord,
  type PutOutcome,
  type PutRecordOptions,
  QuorumError,
  type RecordSource,
  type RecordStore,
  type RecordStoreCapabilities,
  recordStoreSymbol,
  type Validator,
  validatorFor
} from '@weft/interface-record-store'
import {
  askNeighbours,
  keyLabel,
  type Neighbourhood,
  neighbourhoodOf,
  type PresentPeer
} from '@weft/mdns-discovery/neighbourhood'
import { encapsulatePeer } from '@weft/multiaddr'
import {
  maxKeyLength,
  maxMessageSize,
  maxRecordLength,
  RECORDS_PROTOCOL,
  recordAnswer,
  recordRequest
} from './core/messages.ts'
import { HeldRecords } from './held-records.ts'
import {
  checkInit,
  type MulticastRecordStoreComponents,
  type MulticastRecordStoreInit,
  type Settings,
  settingsOf
} from './options.ts'

/** The service. */
export interface MulticastRecordStore extends RecordStore, Startable {}

const format = { request: recordRequest, answer: recordAnswer, maxMessageSize }
const storeName = 'mdns'

/**
 * Makes the service for `services`: records that the peers of a local network share, each with those that put it. Throws
 * `InvalidParametersError`, which names the option, when it is called.
 */
export function mdnsRecordStore(
  init: MulticastRecordStoreInit
): (components: MulticastRecordStoreComponents) => MulticastRecordStore {
  const tellNotices = checkInit(init)
  const settings = settingsOf(init)
  return components => {
    tellNotices(components)
    return new MulticastRecordStoreService(components, settings)
  }
}

class MulticastRecordStoreService
  extends ProtocolService<MulticastRecordStoreComponents>
  implements MulticastRecordStore
{
  readonly name = storeName
  readonly capabilities: RecordStoreCapabilities = {
    persistent: true,
    shared: true,
    maxValue: maxRecordLength,
    providers: false
  }
  private readonly _neighbours: Neighbourhood
  private readonly _settings: Settings
  private readonly _held: HeldRecords
  private readonly _self: RecordSource
  private _published = new Set<string>()
  private _loaded: Promise<void> | undefined
  private _lastChange: Promise<unknown> = Promise.resolve()

  constructor(components: MulticastRecordStoreComponents, settings: Settings) {
    super(components, {
      name: '@weft/mdns-record-store',
      handlers: [{ protocol: RECORDS_PROTOCOL, limits: settings.limits, serve: stream => this._serve(stream) }]
    })
    this._settings = settings
    this._held = new HeldRecords(components.datastore)
    this._neighbours = neighbourhoodOf(components, settings.multicast)
    this._self = { store: storeName, peer: components.peerId }
  }

  get [recordStoreSymbol](): RecordStore {
    return this
  }

  /** Keeps the record here, and answers to its name: who looks for it fetches it. */
  async put(key: Uint8Array, record: Uint8Array, options: PutRecordOptions = {}): Promise<PutOutcome[]> {
    throwIfAborted(options.signal)
    const [ownKey, own] = [new Uint8Array(key), new Uint8Array(record)]
    const validator = this._validatorOf(ownKey)
    if (own.byteLength > maxRecordLength) {
      throw new InvalidRecordError('ERR_RECORD_TOO_LARGE', `a record has at most ${maxRecordLength} bytes`)
    }
    await validator.validate(ownKey, own, options)
    const outcome = await this._inTurn(() => this._store(validator, ownKey, own, options))
    const { quorum = 1 } = options
    const stored = outcome.status === 'stored' ? 1 : 0
    if (stored < quorum) throw new QuorumError(quorum, [outcome])
    return [outcome]
  }

  async *get(key: Uint8Array, options: GetRecordOptions = {}): AsyncGenerator<FoundRecord> {
    throwIfAborted(options.signal)
    const ownKey = new Uint8Array(key)
    const validator = this._validatorOf(ownKey)
    let wanted = options.quorum ?? Number.POSITIVE_INFINITY
    await this._load()
    const own = await this._held.get(ownKey)
    if (own !== undefined) {
      const valid = await isValidRecord(validator, ownKey, own, options)
      yield { record: own, from: this._self, valid }
      if (valid && --wanted <= 0) return
    }
    const { timeout } = this._settings
    const { signal } = options
    const fetched = askNeighbours(
      this._neighbours,
      keyLabel(ownKey),
      { timeout, ...(signal && { signal }) },
      (peer, signal) => this._fetch(peer, validator, ownKey, signal)
    )
    for await (const found of fetched) {
      yield found
      if (found.valid && --wanted <= 0) return
    }
  }

  async getBest(key: Uint8Array, options: GetRecordOptions = {}): Promise<Uint8Array> {
    const valid: Uint8Array[] = []
    for await (const found of this.get(key, options)) if (found.valid) valid.push(found.record)
    if (valid.length === 0) throw new NotFoundError('no neighbour has a valid record under this key')
    return valid[this._validatorOf(key).select(key, valid)]!
  }

  async delete(key: Uint8Array, options: AbortOptions = {}): Promise<void> {
    throwIfAborted(options.signal)
    const ownKey = new Uint8Array(key)
    await this._inTurn(async () => {
      await this._load()
      if (!this._held.has(ownKey)) return
      await this._held.delete(ownKey)
      this._withdraw(ownKey)
    })
  }

  protected override async onStart(): Promise<void> {
    await this._load()
    await this._neighbours.hold()
  }

  protected override onStop(): Promise<void> {
    return this._neighbours.release()
  }

  private async _store(
    validator: Validator,
    key: Uint8Array,
    record: Uint8Array,
    options: PutRecordOptions
  ): Promise<PutOutcome> {
    await this._load()
    throwIfAborted(options.signal)
    const held = await this._held.get(key)
    if (held !== undefined && !equals(held, record) && (await isValidRecord(validator, key, held, options))) {
      if (!isPreferred(validator, key, record, held)) return { to: this._self, status: 'outdated' }
    }
    const { maxRecords, maxBytes } = this._settings
    const count = this._held.count + (this._held.has(key) ? 0 : 1)
    const bytes = this._held.bytes - this._held.sizeOf(key) + record.byteLength
    if (count > maxRecords || bytes > maxBytes || !this._publish(key)) {
      const error = new InvalidRecordError('ERR_RECORD_TOO_LARGE', `the store holds ${this._held.count} records`)
      return { to: this._self, status: 'failed', error }
    }
    await this._held.put(key, record)
    return { to: this._self, status: 'stored' }
  }

  private async _fetch(
    { id, multiaddrs }: PresentPeer,
    validator: Validator,
    key: Uint8Array,
    signal: AbortSignal
  ): Promise<FoundRecord | undefined> {
    const addresses = multiaddrs.map(address => encapsulatePeer(address, id.toMultihash().bytes))
    const open = (options: { signal: AbortSignal }): Promise<Stream> =>
      openStream(this.components, addresses, this.handlers[0]!, options)
    const limits = { timeout: this._settings.timeout, operation: 'fetching a record', signal }
    const { record } = await withStream(open, limits, (stream, signal) => ask(stream, format, { key }, { signal }))
    if (record === undefined) return undefined
    const own = new Uint8Array(record)
    return {
      record: own,
      from: { store: storeName, peer: id },
      valid: await isValidRecord(validator, key, own, { signal })
    }
  }

  private _serve(stream: Stream): Promise<void> {
    return answerRequests(stream, format, { timeout: this._settings.inboundTimeout }, async ({ key }) => ({
      record: await this._held.get(key)
    }))
  }

  /** Which records there are, from the last time that the node ran. */
  private _load(): Promise<void> {
    this._loaded ??= this._held.load(this._settings.maxRecords).then(keys => {
      for (const key of keys) this._publish(key)
    })
    // What failed is tried again.
    this._loaded.catch(() => (this._loaded = undefined))
    return this._loaded
  }

  private _publish(key: Uint8Array): boolean {
    const label = keyLabel(key)
    if (this._published.has(label)) return true
    if (!this._neighbours.publish(label)) return false
    this._published.add(label)
    return true
  }

  private _withdraw(key: Uint8Array): void {
    const label = keyLabel(key)
    if (this._published.delete(label)) this._neighbours.withdraw(label)
  }

  private _validatorOf(key: Uint8Array): Validator {
    if (key.byteLength > maxKeyLength) {
      throw new InvalidRecordError('ERR_INVALID_RECORD_KEY', `a key has at most ${maxKeyLength} bytes`)
    }
    return validatorFor(this._settings.validators, key)
  }

  /** One change after the other: what is compared is what is replaced. */
  private _inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this._lastChange.then(change)
    this._lastChange = done.catch(() => {})
    return done
  }
}
