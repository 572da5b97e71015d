import { delay, type OptionTable, type TellNotices, whole } from '@weft/errors'
import {
  type ClientComponents,
  type StreamLimits,
  streamLimitOptions,
  streamLimits,
  type StreamLimitsInit
} from '@weft/interface-protocol'
import type { MulticastDNSInit } from '@weft/mdns-discovery'
import { checkMulticastOptions, type MulticastDNSComponents } from '@weft/mdns-discovery/neighbourhood'

/** Options of `mdnsRouting()`: those of `mdns()` and of a protocol, and its own. */
export interface MulticastRoutingInit extends MulticastDNSInit, StreamLimitsInit {
  /** Milliseconds in which neighbours may answer; they do within 120 ms, or a second later where others have just asked. @default 900 */
  timeout?: number | undefined
  /** Milliseconds that an inbound stream may be silent. @default 10000 */
  inboundTimeout?: number | undefined
  /** Keys that are provided at most. @default 5000 */
  maxProvided?: number | undefined
}

/** What it needs of a node. */
export interface MulticastRoutingComponents extends ClientComponents, MulticastDNSComponents {}

/** Options that have been checked. */
export interface Settings {
  readonly multicast: MulticastDNSInit
  readonly limits: StreamLimits
  readonly timeout: number
  readonly inboundTimeout: number
  readonly maxProvided: number
}

const options: OptionTable<Omit<MulticastRoutingInit, keyof MulticastDNSInit>> = {
  ...streamLimitOptions,
  timeout: delay(),
  inboundTimeout: delay(),
  maxProvided: whole()
}

/** Throws `InvalidParametersError` that names the option. */
export function checkInit(init: MulticastRoutingInit): TellNotices {
  return checkMulticastOptions('mdnsRouting', init, options)
}

/** With their defaults. */
export function settingsOf({ timeout, inboundTimeout, maxProvided, ...init }: MulticastRoutingInit): Settings {
  const { maxInboundStreams: _in, maxOutboundStreams: _out, runOnLimitedConnection: _limited, ...multicast } = init
  return {
    multicast,
    limits: streamLimits(init, { maxInboundStreams: 8, maxOutboundStreams: 32, runOnLimitedConnection: false }),
    timeout: timeout ?? 900,
    inboundTimeout: inboundTimeout ?? 10_000,
    maxProvided: maxProvided ?? 5000
  }
}
