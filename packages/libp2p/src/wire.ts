/** Makes the parts of a node and gives each what it needs. */

import type {
  ContentRouting,
  Libp2pEvents,
  PeerDiscovery,
  PeerId,
  PeerRouting,
  PrivateKey,
  ServiceMap,
  TypedEventTarget
} from '@libp2p/interface'
import { dnsaddrResolver } from '@weft/dialer'
import { peerDiscoverySymbol } from '@weft/interface-discovery'
import { type Components, checkServiceDependencies, componentsOfService, createComponents } from '@weft/interface-node'
import { contentRoutingSymbol, peerRoutingSymbol } from '@weft/interface-peer-routing'
import { MemoryDatastore } from '@weft/memory-datastore'
import { persistentPeerStore } from '@weft/peer-store'
import { ResourceManager } from '@weft/resources'
import {
  ConnectionMonitor,
  connectionGater,
  DefaultAddressManager,
  DefaultConnectionManager,
  DefaultContentRouting,
  DefaultPeerRouting,
  DefaultRandomWalk,
  DefaultRegistrar,
  DefaultTransportManager,
  DefaultUpgrader,
  defaultLogger,
  NodeMetrics,
  type NodeMetricsComponents
} from '@weft/swarm'
import { userAgent } from '#user-agent'
import { callFactory, checkUnique, makePart, refuse } from './check-options.ts'
import { watchDiscovery } from './discovery.ts'
import type { Libp2pInit } from './options.ts'
import * as own from './version.ts'
import { ensureWithResolvers } from './with-resolvers.ts'

/** What a node is, before it has parts. */
export interface Identity {
  peerId: PeerId
  privateKey: PrivateKey
}

/** All components of a node, in the order in which they need one another, and its services. */
export function wire<T extends ServiceMap>(
  init: Libp2pInit<T>,
  { peerId, privateKey }: Identity,
  events: TypedEventTarget<Libp2pEvents>,
  logger: Components['logger'] = defaultLogger()
): { components: Components; services: T } {
  ensureWithResolvers()
  const { name = own.name, version = own.version } = init.nodeInfo ?? {}
  const limitLog = logger.forComponent('libp2p:limits')
  const components = createComponents({
    peerId,
    privateKey,
    nodeInfo: { name, version, userAgent: init.nodeInfo?.userAgent ?? userAgent(name, version) },
    logger,
    events,
    datastore: init.datastore ?? new MemoryDatastore(),
    connectionGater: connectionGater(init.connectionGater),
    resourceManager: new ResourceManager({
      ...init.connectionManager,
      resourceLimits: init.resourceLimits,
      onRefusal: ({ scope, resource, count }) => {
        if (limitLog.enabled) limitLog('limit reached: %s.%s, for the %dth time', scope, resource, count)
      }
    }),
    ...(init.dns === undefined ? {} : { dns: init.dns })
  })
  const make = <P>(option: string, component: string, factory: (components: Components) => P): P => {
    const part = makePart(option, factory, components)
    components[component] = part
    return part
  }
  const makeAll = <P>(
    option: keyof Libp2pInit,
    component: string,
    list: ReadonlyArray<(components: Components) => P> = []
  ): P[] => list.map((factory, i) => make(`${option}[${i}]`, `${component}-${i}`, factory))

  if (init.metrics != null) make('metrics', 'metrics', init.metrics)
  makePeerStore(components, init)
  if (init.connectionProtector != null) make('connectionProtector', 'connectionProtector', init.connectionProtector)

  const connectionEncrypters = makeAll('connectionEncrypters', 'connection-encryption', init.connectionEncrypters)
  const streamMuxers = makeAll('streamMuxers', 'stream-muxers', init.streamMuxers)
  checkUnique('connectionEncrypters', connectionEncrypters)
  checkUnique('streamMuxers', streamMuxers)
  // These read one another, when they are used: the container has them all by then.
  components.upgrader = new DefaultUpgrader(components, {
    ...init.connectionManager,
    connectionEncrypters,
    streamMuxers
  })
  components.transportManager = new DefaultTransportManager(components, init.transportManager)
  components.connectionManager = new DefaultConnectionManager(components, {
    resolvers: { dnsaddr: dnsaddrResolver },
    ...init.connectionManager
  })
  if (init.connectionMonitor?.enabled !== false) {
    components['connectionMonitor'] = new ConnectionMonitor(components, init.connectionMonitor)
  }
  components.registrar = new DefaultRegistrar(components)
  components.addressManager = new DefaultAddressManager(components, init.addresses)

  const peerRouters: Partial<PeerRouting>[] = makeAll('peerRouters', 'peer-router', init.peerRouters)
  const contentRouters: Partial<ContentRouting>[] = makeAll('contentRouters', 'content-router', init.contentRouters)
  components.peerRouting = new DefaultPeerRouting(components, { routers: peerRouters })
  components.contentRouting = new DefaultContentRouting(components, { routers: contentRouters })
  components.randomWalk = new DefaultRandomWalk(components)
  makeNodeMetrics(components)

  for (const [i, discovery] of makeAll('peerDiscovery', 'peer-discovery', init.peerDiscovery).entries()) {
    if (typeof discovery.addEventListener !== 'function') refuse(`peerDiscovery[${i}]`, 'has no addEventListener()')
    watchDiscovery(discovery, components)
  }
  for (const transport of makeAll('transports', 'transport', init.transports))
    components.transportManager.add(transport)

  const services = makeServices(components, init, service => {
    if (service[peerRoutingSymbol] != null) peerRouters.push(service[peerRoutingSymbol])
    if (service[contentRoutingSymbol] != null) contentRouters.push(service[contentRoutingSymbol])
    if (service[peerDiscoverySymbol] != null) watchDiscovery(service[peerDiscoverySymbol], components)
  })
  checkServiceDependencies(components['components'] as Record<string, unknown>)
  return { components, services }
}

type Factory = (components: Components) => unknown

interface Service {
  [peerRoutingSymbol]?: Partial<PeerRouting>
  [contentRoutingSymbol]?: Partial<ContentRouting>
  [peerDiscoverySymbol]?: PeerDiscovery
}

function makeServices<T extends ServiceMap>(
  components: Components,
  init: Libp2pInit<T>,
  onService: (service: Service) => void
): T {
  const services: ServiceMap = {}
  const taken = new Set(Object.keys(components['components'] as object))
  for (const [name, factory] of Object.entries(init.services ?? {})) {
    if (taken.has(name)) refuse(`services.${name}`, 'has the name of a component')
    const service: unknown = callFactory(`services.${name}`, factory as Factory, componentsOfService(components, name))
    if (service == null) {
      components.logger.forComponent('libp2p').error('the factory of service %s made nothing', name)
      continue
    }
    services[name] = service
    components[name] = service
    onService(service as Service)
  }
  return services as T
}

function makeNodeMetrics(components: Components): void {
  const { metrics, events, connectionManager, transportManager, upgrader } = components
  if (metrics === undefined) return
  const { resourceManager } = components['components'] as Pick<NodeMetricsComponents, 'resourceManager'>
  components['nodeMetrics'] = new NodeMetrics({
    metrics,
    events,
    connectionManager,
    transportManager,
    upgrader,
    resourceManager
  })
}

function makePeerStore<T extends ServiceMap>(components: Components, init: Libp2pInit<T>): void {
  const { connectionGater: gater, events, logger, peerId, resourceManager } = components
  const addressFilter = gater.filterMultiaddrForPeer?.bind(gater)
  components.peerStore = persistentPeerStore(
    // Without a datastore of the user's, peers are kept as objects.
    {
      ...{ peerId, events, logger },
      ...(resourceManager === undefined ? {} : { resourceManager }),
      ...(init.datastore === undefined ? {} : { datastore: init.datastore })
    },
    { ...(addressFilter === undefined ? {} : { addressFilter }), ...init.peerStore }
  )
}
