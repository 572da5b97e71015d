import { anObject, delay, needed, type OptionTable, type TellNotices, whole } from '@weft/errors'
import {
  type ClientComponents,
  type StreamLimits,
  streamLimitOptions,
  streamLimits,
  type StreamLimitsInit
} from '@weft/interface-protocol'
import type { Validators } from '@weft/interface-record-store'
import type { MulticastDNSInit } from '@weft/mdns-discovery'
import { checkMulticastOptions, type MulticastDNSComponents } from '@weft/mdns-discovery/neighbourhood'
import type { Datastore } from 'interface-datastore'

/** Options of `mdnsRecordStore()`: those of `mdns()` and of a protocol, and its own. */
export interface MulticastRecordStoreInit extends MulticastDNSInit, StreamLimitsInit {
  /** Who says which records are valid, by the namespace of their key. */
  validators: Validators
  /** Milliseconds in which neighbours may answer. @default 900 */
  timeout?: number | undefined
  /** Milliseconds that an inbound stream may be silent. @default 10000 */
  inboundTimeout?: number | undefined
  /** Records that this node holds at most. @default 4096 */
  maxRecords?: number | undefined
  /** Bytes of them in all. @default 67108864 */
  maxBytes?: number | undefined
}

/** What it needs of a node. */
export interface MulticastRecordStoreComponents extends ClientComponents, MulticastDNSComponents {
  /** Where the records of this node are. */
  datastore: Datastore
}

/** Options that have been checked. */
export interface Settings {
  readonly multicast: MulticastDNSInit
  readonly limits: StreamLimits
  readonly validators: Validators
  readonly timeout: number
  readonly inboundTimeout: number
  readonly maxRecords: number
  readonly maxBytes: number
}

const options: OptionTable<Omit<MulticastRecordStoreInit, keyof MulticastDNSInit>> = {
  ...streamLimitOptions,
  validators: needed(anObject),
  timeout: delay(),
  inboundTimeout: delay(),
  maxRecords: whole(),
  maxBytes: whole()
}

/** Throws `InvalidParametersError` that names the option. */
export function checkInit(init: MulticastRecordStoreInit): TellNotices {
  return checkMulticastOptions('mdnsRecordStore', init, options)
}

/** With their defaults. */
export function settingsOf({
  validators,
  timeout,
  inboundTimeout,
  maxRecords,
  maxBytes,
  ...init
}: MulticastRecordStoreInit): Settings {
  const { maxInboundStreams: _in, maxOutboundStreams: _out, runOnLimitedConnection: _limited, ...multicast } = init
  return {
    multicast,
    validators,
    limits: streamLimits(init, { maxInboundStreams: 8, maxOutboundStreams: 32, runOnLimitedConnection: false }),
    timeout: timeout ?? 900,
    inboundTimeout: inboundTimeout ?? 10_000,
    maxRecords: maxRecords ?? 4096,
    maxBytes: maxBytes ?? 64 * 1024 * 1024
  }
}
