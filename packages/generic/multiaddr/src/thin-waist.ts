import { networkInterfaces } from '#interfaces'
import type { Multiaddr } from '@multiformats/multiaddr'
import { parseIp } from './ip.ts'
import { isLinkLocal, isUnspecified } from './ip-ranges.ts'
import { getNetConfig, netConfigToMultiaddr } from './net-config.ts'

/**
 * The addresses of host and port at which a listener on `address` is reached: one for each interface where the host is
 * a wildcard (0.0.0.0 or ::), otherwise its own. What stands behind the port is left off. `port` replaces the port, as
 * after listening on 0. `interfaces` are IP addresses as text, by default those of this machine, in browsers none; only
 * those of the wildcard's family count, and not the link-local ones, which mean nothing elsewhere. Nothing gives nothing.
 * Throws `InvalidParametersError` if the address begins with no host.
 */
export function getThinWaistAddresses(
  address?: Multiaddr,
  port?: number | string,
  interfaces?: readonly string[]
): Multiaddr[] {
  if (address === undefined) return []
  const config = getNetConfig(address)
  if (!isUnspecified(address)) return [netConfigToMultiaddr(config, port)]
  const length = config.type === 'ip4' ? 4 : 16
  return (interfaces ?? networkInterfaces())
    .filter(ip => parseIp(ip)?.length === length && !isLinkLocal(ip))
    .map(ip => netConfigToMultiaddr(config, port, ip))
}
