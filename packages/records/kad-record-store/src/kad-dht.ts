/** The DHT as js-libp2p's `@libp2p/kad-dht` has it: routing and values in one service. */
import type { PeerId } from '@libp2p/interface'
import { anObject, checkOptions, type OptionTable } from '@weft/errors'
import { linkSignals } from '@weft/interface-node'
import type { Validators } from '@weft/interface-record-store'
import {
  EventTypes,
  eventsOf,
  type KadComponents,
  KadRouting,
  type KadRoutingInit,
  kadRoutingOptions,
  type QueryEvent,
  type QueryOptions,
  settingsOf
} from '@weft/kad-routing'
import { ipnsValidator, publicKeyValidator } from '@weft/record'
import { KadRecordStore } from './kad-record-store.ts'

/** Whether a record may stand under a key: throws, or rejects, where it may not. */
export type ValidateFn = (
  key: Uint8Array,
  value: Uint8Array,
  options?: { signal?: AbortSignal }
) => void | Promise<void>
/** The index of the best of the records. */
export type SelectFn = (key: Uint8Array, records: Uint8Array[]) => number

/** Options of `kadDHT()`: those of js-libp2p's, with the names and units that they have there. */
export interface KadDHTInit extends KadRoutingInit {
  /** Rules by namespace, beside those of `pk` and `ipns`, which are built in. */
  validators?: Record<string, ValidateFn>
  /** For the namespaces of `validators`: which of several records is the best. @default the first of them */
  selectors?: Record<string, SelectFn>
}

const options: OptionTable<KadDHTInit> = { ...kadRoutingOptions, validators: anObject, selectors: anObject }

/**
 * A Kademlia DHT for `services: { dht: kadDHT() }`: peers, providers and values. Throws `InvalidParametersError`, when it is
 * called, for an option that cannot be as it is.
 */
export function kadDHT(init: KadDHTInit = {}): (components: KadComponents) => KadDHT {
  const tell = checkOptions('kadDHT', options, init)
  return components => {
    tell(components)
    return new KadDHT(components, init)
  }
}

const noPath = { index: -1, queued: 0, running: 0, total: 0 }

/** What `KadRouting` does, and values. */
export class KadDHT extends KadRouting {
  /** Values, with the outcome at each peer. */
  readonly records: KadRecordStore
  private readonly _self: PeerId

  constructor(components: KadComponents, init: KadDHTInit) {
    super(components, settingsOf(init))
    this._self = components.peerId
    const prefix = init.datastorePrefix ?? '/dht'
    this.records = new KadRecordStore(this, components, {
      validators: validatorsOf(init),
      datastorePrefix: `${prefix}/record`
    })
  }

  override async start(): Promise<void> {
    this.records.start()
    await super.start()
  }

  override async stop(): Promise<void> {
    this.records.stop()
    await super.stop()
  }

  /** Looks for a value, the best of all that are found: one `VALUE` event. Throws `NotFoundError` where there is none. */
  get(key: Uint8Array, { signal }: QueryOptions = {}): AsyncGenerator<QueryEvent> {
    return eventsOf<QueryEvent>(async (give, left) => {
      const linked = linkSignals([signal, left])
      try {
        const value = await this.records.getBest(key, { signal: linked })
        give({ type: EventTypes.VALUE, name: 'VALUE', from: this._self, value, path: noPath })
      } finally {
        linked.clear()
      }
    })
  }

  /** Puts a value to the closest peers: a `PEER_RESPONSE` or `QUERY_ERROR` for each. Throws `QuorumError` where none took it. */
  put(key: Uint8Array, value: Uint8Array, { signal }: QueryOptions = {}): AsyncGenerator<QueryEvent> {
    return eventsOf<QueryEvent>(async (give, left) => {
      const linked = linkSignals([signal, left])
      const outcomes = await this.records.put(key, value, { signal: linked }).finally(() => linked.clear())
      for (const outcome of outcomes) {
        const from = outcome.to.peer ?? this._self
        if (outcome.status === 'failed') {
          give({ type: EventTypes.QUERY_ERROR, name: 'QUERY_ERROR', from, error: outcome.error, path: noPath })
          continue
        }
        const names = { messageName: 'PUT_VALUE', messageType: 'PUT_VALUE' } as const
        const nobody = { closer: [], providers: [] }
        give({ type: EventTypes.PEER_RESPONSE, name: 'PEER_RESPONSE', from, ...names, ...nobody, path: noPath })
      }
    })
  }
}

/** Built-in rules, and those that were given in js-libp2p's form. */
function validatorsOf({ validators = {}, selectors = {} }: KadDHTInit): Validators {
  const given = Object.entries(validators).map(([namespace, validate]) => {
    const select: SelectFn = selectors[namespace] ?? (() => 0)
    return [
      namespace,
      { validate, select: (key: Uint8Array, records: readonly Uint8Array[]) => select(key, [...records]) }
    ]
  })
  return { pk: publicKeyValidator, ipns: ipnsValidator, ...(Object.fromEntries(given) as Validators) }
}
