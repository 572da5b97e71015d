import { amount, delay, flag, type OptionTable, text, unused } from '@weft/errors'
import { type StreamLimits, streamLimitOptions, streamLimits, type StreamLimitsInit } from '@weft/interface-protocol'
import { defaultMaxMessageSize } from './core/limits.ts'

/** Options of `identify()`, with the names of js-libp2p's. */
export interface IdentifyInit extends StreamLimitsInit {
  /** First part of the protocols' names, without slashes at its ends. @default 'ipfs' */
  protocolPrefix?: string
  /** What this node calls its software. @default the node's user agent */
  agentVersion?: string
  /** Milliseconds that an exchange may take. @default 5000 */
  timeout?: number
  /**
   * Streams of this protocol that a remote may have open on one connection. Peers of before 2020 ask several times at once,
   * and end the connection when one of the streams is reset. @default 8
   */
  maxInboundStreams?: number
  /** Streams of this protocol that this node may have open on one connection. @default 1 */
  maxOutboundStreams?: number
  /** Bytes of the longest message that is accepted. @default 8192 */
  maxMessageSize?: number
  /** Whether every new connection is identified. @default true */
  runOnConnectionOpen?: boolean
  /** Whether to run over relayed connections with limits too. @default true */
  runOnLimitedConnection?: boolean
}

/** Options of `identifyPush()`, with the names of js-libp2p's. */
export interface IdentifyPushInit extends Omit<IdentifyInit, 'runOnConnectionOpen'> {
  /** Whether peers are told when addresses or protocols of this node change. @default true */
  runOnSelfUpdate?: boolean
  /** Peers that are told at the same time. @default 32 */
  concurrency?: number
  /** Milliseconds that changes are collected for before peers are told. @default 1000 */
  debounce?: number
}

/** All options, with their defaults. */
export interface Settings
  extends Required<
    Omit<
      IdentifyInit & IdentifyPushInit,
      'agentVersion' | 'maxInboundStreams' | 'maxOutboundStreams' | 'runOnLimitedConnection'
    >
  > {
  readonly limits: StreamLimits
}

const common: OptionTable<Omit<IdentifyInit, 'runOnConnectionOpen'>> = {
  ...streamLimitOptions,
  protocolPrefix: text,
  agentVersion: text,
  timeout: delay(),
  maxMessageSize: amount(1),
  // Of js-libp2p: how many observed addresses are kept is `addresses.maxObservedAddresses`.
  maxObservedAddresses: unused
}

/** What the options of `identify()` may be. */
export const identifyOptions: OptionTable<IdentifyInit> = { ...common, runOnConnectionOpen: flag }

/** What the options of `identifyPush()` may be. */
export const identifyPushOptions: OptionTable<IdentifyPushInit> = {
  ...common,
  runOnSelfUpdate: flag,
  concurrency: amount(1),
  debounce: amount()
}

/** Options that were checked against the table, with their defaults. */
export function settingsOf(init: IdentifyInit & IdentifyPushInit): Settings {
  return {
    protocolPrefix: init.protocolPrefix ?? 'ipfs',
    limits: streamLimits(init, { maxInboundStreams: 8, maxOutboundStreams: 1, runOnLimitedConnection: true }),
    timeout: init.timeout ?? 5000,
    maxMessageSize: init.maxMessageSize ?? defaultMaxMessageSize,
    runOnConnectionOpen: init.runOnConnectionOpen ?? true,
    runOnSelfUpdate: init.runOnSelfUpdate ?? true,
    concurrency: init.concurrency ?? 32,
    debounce: init.debounce ?? 1000
  }
}
