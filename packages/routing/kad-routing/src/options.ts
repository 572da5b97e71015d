import { amount, callback, delay, flag, type OptionTable, text, whole } from '@weft/errors'
import { type StreamLimits, streamLimitOptions, streamLimits, type StreamLimitsInit } from '@weft/interface-protocol'
import { type PeerInfoMapper, removePrivateAddressesMapper } from './addresses.ts'
import { defaultProviders } from './core/providers.ts'

/** The protocol of the public network. */
export const KAD_PROTOCOL = '/ipfs/kad/1.0.0'
/** The protocol of local networks, as kubo has it. */
export const LAN_KAD_PROTOCOL = '/ipfs/lan/kad/1.0.0'

/** Options of `kadRouting()`. Those that js-libp2p's kad-dht has too have its names and units. */
export interface KadRoutingInit extends StreamLimitsInit {
  /** Name of the protocol: nodes of different names are of different networks. @default '/ipfs/kad/1.0.0' */
  protocol?: string
  /**
   * True: never answers. False: answers from the start, for nodes that all others can reach, as on a local network. Otherwise it
   * answers while the node has a public address that is not relayed. @default by reachability
   */
  clientMode?: boolean
  /** Which addresses are used and told on. @default removePrivateAddressesMapper */
  peerInfoMapper?: PeerInfoMapper
  /** Peers of a bucket, and closest peers of a lookup. @default 20 */
  kBucketSize?: number
  /** Peers that a lookup asks at once, on all of its paths together. @default 10 */
  alpha?: number
  /** Closest peers of a path that have answered when the path has converged. @default 3 */
  beta?: number
  /** Paths of a lookup that have no peer in common. @default 3 */
  disjointPaths?: number
  /** Milliseconds that one peer may take, its dial included. @default 10000 */
  requestTimeout?: number
  /** Milliseconds that a lookup may take. @default 180000 */
  lookupTimeout?: number
  /** Milliseconds that a stream of a peer may be silent: longer than others keep one. @default 60000 */
  streamTimeout?: number
  /** Milliseconds between two refreshes of the table. @default 600000 */
  refreshInterval?: number
  /** Milliseconds after which a peer of the table that was not heard of is asked whether it is there. @default 600000 */
  livenessInterval?: number
  /** Milliseconds that a provider record counts. @default 172800000 (48 hours) */
  providerValidity?: number
  /** Bytes that all provider records may have in memory. @default 67108864 */
  maxProviderBytes?: number
  /** Streams that a peer may have open at once. @default 32 */
  maxInboundStreams?: number
  /** Streams to a peer at once. @default 64 */
  maxOutboundStreams?: number
  /** Whether limited (relayed) connections are used: a server behind one cannot be reached by everybody. @default false */
  runOnLimitedConnection?: boolean
  /** First part of its keys in the datastore; different for each DHT of a node. @default '/dht' */
  datastorePrefix?: string
  /** Name of its logger. @default 'libp2p:kad-dht' */
  logPrefix?: string
}

/** Options that have been checked. */
export interface Settings {
  /** Name of the protocol. */
  readonly protocol: string
  /** Undefined: by reachability. */
  readonly clientMode: boolean | undefined
  /** `peerInfoMapper`. */
  readonly mapper: PeerInfoMapper
  /** `kBucketSize`. */
  readonly k: number
  /** Peers asked at once. */
  readonly alpha: number
  /** Answers with which a path has converged. */
  readonly beta: number
  /** `disjointPaths`. */
  readonly paths: number
  /** ms. */
  readonly requestTimeout: number
  /** ms. */
  readonly lookupTimeout: number
  /** ms. */
  readonly streamTimeout: number
  /** ms. */
  readonly refreshInterval: number
  /** ms. */
  readonly livenessInterval: number
  /** ms. */
  readonly providerValidity: number
  /** Bytes. */
  readonly maxProviderBytes: number
  /** Of streams. */
  readonly limits: StreamLimits
  /** First part of keys. */
  readonly datastorePrefix: string
  /** Name of the logger. */
  readonly logPrefix: string
}

/** What the options of `kadRouting()` may be. */
export const kadRoutingOptions: OptionTable<KadRoutingInit> = {
  ...streamLimitOptions,
  protocol: text,
  clientMode: flag,
  peerInfoMapper: callback,
  kBucketSize: whole(1, 64),
  alpha: whole(1, 256),
  beta: whole(1, 64),
  disjointPaths: whole(1, 64),
  requestTimeout: delay(),
  lookupTimeout: delay(),
  streamTimeout: delay(),
  refreshInterval: delay(),
  livenessInterval: delay(),
  providerValidity: amount(1),
  maxProviderBytes: amount(),
  datastorePrefix: text,
  logPrefix: text
}

/** Options that were checked against the table, with their defaults. */
export function settingsOf(init: KadRoutingInit): Settings {
  return {
    protocol: init.protocol ?? KAD_PROTOCOL,
    clientMode: init.clientMode,
    mapper: init.peerInfoMapper ?? removePrivateAddressesMapper,
    k: init.kBucketSize ?? 20,
    alpha: init.alpha ?? 10,
    beta: init.beta ?? 3,
    paths: init.disjointPaths ?? 3,
    requestTimeout: init.requestTimeout ?? 10_000,
    lookupTimeout: init.lookupTimeout ?? 180_000,
    streamTimeout: init.streamTimeout ?? 60_000,
    refreshInterval: init.refreshInterval ?? 600_000,
    livenessInterval: init.livenessInterval ?? 600_000,
    providerValidity: init.providerValidity ?? defaultProviders.validity,
    maxProviderBytes: init.maxProviderBytes ?? defaultProviders.maxBytes,
    limits: streamLimits(init, { maxInboundStreams: 32, maxOutboundStreams: 64, runOnLimitedConnection: false }),
    datastorePrefix: init.datastorePrefix ?? '/dht',
    logPrefix: init.logPrefix ?? 'libp2p:kad-dht'
  }
}
