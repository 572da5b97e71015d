/** Answers PUT_VALUE and GET_VALUE of peers (libp2p/specs, kad-dht, "Value storage and retrieval"). */
import type { PeerId } from '@libp2p/interface'
import { equals } from '@weft/bytes'
import { TokenBuckets } from '@weft/collections'
import type { DatastoreRecordStore } from '@weft/datastore-record-store'
import { InvalidRecordError, isInvalidRecordError, type Validators } from '@weft/interface-record-store'
import { type KadMessage, messageTypes, RefusedRequestError, type RequestContext } from '@weft/kad-routing'
import { publicKeyToProtobuf } from '@weft/peer-id'
import { encodeRecord, publicKeyRecordKey } from '@weft/record'
import { checkedRecord, received } from './kept-records.ts'

// A publisher of thousands of records puts some dozen a second into one peer.
const putsPerSecond = 20
const burst = 500
const rememberedPeers = 4096

/** What the server stands on. */
export interface ValueServerParts {
  readonly kept: DatastoreRecordStore
  readonly validators: Validators
  readonly self: PeerId
  readonly now: () => number
}

export class ValueServer {
  private readonly _parts: ValueServerParts
  private readonly _rate = new TokenBuckets(rememberedPeers, putsPerSecond, burst)

  constructor(parts: ValueServerParts) {
    this._parts = parts
  }

  /** What it rejects with resets the stream. */
  async handle(request: KadMessage, context: RequestContext): Promise<KadMessage> {
    const { key } = request
    if (key === undefined || key.byteLength === 0) throw new RefusedRequestError('a request for a value without a key')
    return request.type === messageTypes.PUT_VALUE ? this._put(request, key, context) : this._get(key, context)
  }

  private async _put(
    { type, record: bytes }: KadMessage,
    key: Uint8Array,
    { from }: RequestContext
  ): Promise<KadMessage> {
    const { kept, validators, now } = this._parts
    if (bytes === undefined) throw new RefusedRequestError('PUT_VALUE without a record')
    if (!this._rate.take(from.toString(), performance.now())) throw new RefusedRequestError('the peer puts too often')
    const record = await checkedRecord(validators, key, bytes)
    if (!equals(record.key, key)) throw new InvalidRecordError('ERR_INVALID_RECORD_KEY', 'the record is of another key')
    // Rejects where a better one is kept: it stays.
    await kept.put(key, received(record, now()))
    return { type, key, record: bytes, closerPeers: [], providerPeers: [] }
  }

  private async _get(key: Uint8Array, context: RequestContext): Promise<KadMessage> {
    const record = await this._record(key)
    return {
      type: messageTypes.GET_VALUE,
      key,
      ...(record !== undefined && { record }),
      closerPeers: context.closerPeers(key),
      providerPeers: []
    }
  }

  /** Of a namespace without rules there is none, and that is no error. */
  private async _record(key: Uint8Array): Promise<Uint8Array | undefined> {
    const { kept, self, now } = this._parts
    if (self.publicKey !== undefined && equals(key, publicKeyRecordKey(self))) {
      return encodeRecord({ key, value: publicKeyToProtobuf(self.publicKey), timeReceived: now() })
    }
    try {
      for await (const { record, valid } of kept.get(key)) if (valid) return record
    } catch (error) {
      if (!isInvalidRecordError(error)) throw error
    }
    return undefined
  }
}
