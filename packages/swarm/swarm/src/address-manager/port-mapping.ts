import type { Multiaddr } from '@multiformats/multiaddr'
import type { TransportManager } from '@weft/interface-node'
import { isLoopback, isPrivate, isQuicV1, isTcp, isWebSocket, tryGetNetConfig } from '@weft/multiaddr'

/** External and internal end of a router's mapping. */
export interface PortMapping {
  internalIp: string
  internalPort: number
  externalIp: string
  externalPort: number
  protocol: 'tcp' | 'udp'
}

const kinds = [isWebSocket, isTcp, isQuicV1]

/**
 * The mapping by which a public IPv4 address leads to this node, if there is just one listener of its kind: with several
 * it would be a guess which of them the router means.
 */
export function portMappingOf(ma: Multiaddr, transportManager: TransportManager): PortMapping | undefined {
  const outside = tryGetNetConfig(ma)
  const kind = kinds.find(matches => matches(ma))
  if (outside?.type !== 'ip4' || isPrivate(outside.host) || kind === undefined) return undefined
  const isKind = (address: Multiaddr): boolean => kind(address) && tryGetNetConfig(address)?.type === 'ip4'
  const listeners = transportManager.getListeners().filter(listener => listener.getAddrs().some(isKind))
  if (listeners.length !== 1) return undefined
  const local = listeners[0]!.getAddrs().findLast(address => isKind(address) && !isLoopback(address))
  const inside = local === undefined ? undefined : tryGetNetConfig(local)
  const { host: externalIp, port: externalPort, protocol } = outside
  if (inside?.port === undefined || externalPort === undefined || protocol === undefined) return undefined
  return { internalIp: inside.host, internalPort: inside.port, externalIp, externalPort, protocol }
}
