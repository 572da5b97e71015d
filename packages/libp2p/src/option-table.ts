/** Every option of `createLibp2p`: what it may be, and what replaced those of earlier js-libp2p. */
import type { ConnectionGater, NodeInfo } from '@libp2p/interface'
import {
  amount,
  anObject,
  callback,
  flag,
  group,
  having,
  listOf,
  oneOf,
  type OptionRule,
  type OptionTable,
  orNull,
  positive,
  replaced,
  text,
  unused
} from '@weft/errors'
import { peerStoreOptions } from '@weft/peer-store'
import type {
  AddressManagerInit,
  ConnectionManagerInit,
  ConnectionMonitorInit,
  TransportManagerInit
} from '@weft/swarm'
import type { Libp2pOptions } from './options.ts'

const factory: OptionRule = {
  must: 'a function (components) => instance: factories are given as tcp()',
  is: value => typeof value === 'function'
}
const factories = listOf(factory, 'an array of functions')
// Texts, and multiaddrs themselves: the address manager reads them.
const addresses: OptionRule = { must: 'an array of multiaddrs', is: Array.isArray }
const blocks = listOf(text, 'an array of address blocks')

const privateKey: OptionRule = {
  must: 'a private key, such as generateKeyPair() and privateKeyFromProtobuf() give',
  is: value => {
    const { type, publicKey, sign } = Object(value) as Record<string, unknown>
    return typeof type === 'string' && typeof publicKey === 'object' && typeof sign === 'function'
  },
  secret: true
}

const nodeInfo: OptionTable<NodeInfo> = { name: text, version: text, userAgent: text }

const addressManager: OptionTable<AddressManagerInit> = {
  listen: addresses,
  announce: addresses,
  appendAnnounce: addresses,
  noAnnounce: addresses,
  acceptPrivate: oneOf('from-private', 'always', 'never'),
  announceFilter: callback,
  maxObservedAddresses: amount(),
  addressVerificationTTL: amount(),
  addressVerificationRetry: amount()
}

const dialsItself =
  'a node dials only whom it is asked to; tag a peer keep-alive to have it dialed again when it is lost'
const noMeasure = 'use maxConnections and resourceLimits'

const connectionManager: OptionTable<ConnectionManagerInit> = {
  maxConnections: positive,
  maxInboundConnections: amount(),
  maxConnectionsPerPeer: positive,
  maxConnectionsPerAddress: amount(),
  maxConnectionsPerNetwork: amount(),
  highWater: amount(),
  lowWater: amount(),
  gracePeriod: amount(),
  silencePeriod: amount(),
  reconnectRetries: amount(),
  reconnectRetryInterval: amount(),
  reconnectBackoffFactor: amount(),
  maxParallelReconnects: positive,
  maxParallelDials: positive,
  maxDialQueueLength: positive,
  maxPeerAddrsToDial: positive,
  dialTimeout: positive,
  addressDialTimeout: positive,
  connectionCloseTimeout: amount(),
  inboundUpgradeTimeout: amount(),
  inboundUpgradeMinRate: amount(),
  inboundStreamProtocolNegotiationTimeout: amount(),
  outboundStreamProtocolNegotiationTimeout: amount(),
  inboundConnectionThreshold: amount(),
  inboundConnectionBurst: amount(),
  maxIncomingPendingConnections: amount(),
  maxIncomingPendingPerAddress: amount(),
  addressSorter: callback,
  resolvers: anObject,
  allow: blocks,
  deny: blocks,
  exempt: blocks,
  minConnections: replaced(dialsItself),
  autoDial: replaced(dialsItself),
  autoDialConcurrency: replaced(dialsItself),
  autoDialPriority: replaced(dialsItself),
  autoDialInterval: replaced(dialsItself),
  autoDialMaxQueueLength: replaced(dialsItself),
  autoDialPeerRetryThreshold: replaced(dialsItself),
  autoDialDiscoveredPeersDebounce: replaced(dialsItself),
  maxParallelDialsPerPeer: replaced('addresses of one peer are dialed eight at once'),
  maxAddrsToDial: replaced('use maxPeerAddrsToDial'),
  outboundUpgradeTimeout: replaced('use addressDialTimeout'),
  protocolNegotiationTimeout: replaced('use outboundStreamProtocolNegotiationTimeout'),
  maxData: replaced(noMeasure),
  maxSentData: replaced(noMeasure),
  maxReceivedData: replaced(noMeasure),
  maxEventLoopDelay: replaced(noMeasure),
  pollInterval: replaced(noMeasure),
  defaultPeerValue: replaced('tag peers in the peer store: peerStore.merge(peer, { tags })')
}

const connectionMonitor: OptionTable<ConnectionMonitorInit> = {
  enabled: flag,
  pingInterval: positive,
  pingTimeout: group({
    interval: positive,
    timeoutMultiplier: amount(),
    failureMultiplier: amount(),
    minTimeout: amount(),
    maxTimeout: positive,
    metricName: unused
  }),
  abortConnectionOnPingFailure: flag,
  protocolPrefix: text
}

const transportManager: OptionTable<TransportManagerInit> = { faultTolerance: oneOf(0, 1) }

const hook = orNull(callback)

const gater: OptionTable<ConnectionGater> = {
  denyDialPeer: hook,
  denyDialMultiaddr: hook,
  denyInboundConnection: hook,
  denyOutboundConnection: hook,
  denyInboundEncryptedConnection: hook,
  denyOutboundEncryptedConnection: hook,
  denyInboundUpgradedConnection: hook,
  denyOutboundUpgradedConnection: hook,
  denyInboundRelayReservation: hook,
  denyOutboundRelayedConnection: hook,
  denyInboundRelayedConnection: hook,
  filterMultiaddrForPeer: hook
}

const service = (call: string, from?: string): OptionRule =>
  replaced(`use services: { ${call} }${from === undefined ? '' : `, of ${from}`}`)

/** The options of `createLibp2p`. */
export const optionTable: OptionTable<Libp2pOptions> = {
  privateKey: orNull(privateKey),
  nodeInfo: group(nodeInfo),
  addresses: group(addressManager),
  connectionManager: group(connectionManager),
  resourceLimits: anObject,
  connectionMonitor: group(connectionMonitor),
  connectionGater: { ...group(gater), must: 'an object of functions' },
  transportManager: group(transportManager),
  datastore: orNull(
    having('a datastore, with has, get, put, delete, batch and query', 'has', 'get', 'put', 'delete', 'batch', 'query')
  ),
  peerStore: group(peerStoreOptions),
  transports: factories,
  streamMuxers: factories,
  connectionEncrypters: factories,
  peerDiscovery: factories,
  peerRouters: factories,
  contentRouters: factories,
  metrics: orNull(factory),
  connectionProtector: orNull(factory),
  services: anObject,
  logger: having('a logger, with forComponent', 'forComponent'),
  dns: having('a DNS client, with query', 'query'),
  start: flag,
  peerId: replaced('use privateKey'),
  connectionEncryption: replaced('use connectionEncrypters'),
  modules: replaced('use transports, connectionEncrypters, streamMuxers, peerDiscovery and services'),
  dialer: replaced('use connectionManager'),
  peerRouting: replaced('use peerRouters'),
  contentRouting: replaced('use contentRouters'),
  protocolPrefix: replaced('use identify({ protocolPrefix }) and ping({ protocolPrefix })'),
  pubsub: service('pubsub: gossipsub()', '@libp2p/gossipsub'),
  dht: service('dht: kadDHT()', '@libp2p/kad-dht'),
  identify: service('identify: identify()'),
  identifyPush: service('identifyPush: identifyPush()'),
  ping: service('ping: ping()'),
  fetch: service('fetch: fetch()', '@libp2p/fetch'),
  perf: service('perf: perf()'),
  nat: service('nat: uPnPNAT()', '@libp2p/upnp-nat'),
  autonat: service('autonat: autoNAT()', '@libp2p/autonat'),
  relay: replaced(
    'use transports: [circuitRelayTransport()] and services: { relay: circuitRelayServer() }, of @libp2p/circuit-relay-v2'
  )
}
