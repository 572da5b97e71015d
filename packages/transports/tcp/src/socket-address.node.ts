import path from 'node:path'
import { InvalidParametersError } from '@weft/errors'
import {
  CODE_UNIX,
  getNetConfig,
  ipPortToMultiaddr,
  isTcp,
  isUnix,
  type Multiaddr,
  netConfigToMultiaddr
} from '@weft/multiaddr'

/** What `node:net` connects to or listens on. */
export type SocketAddress = { path: string } | { host: string; port: number; family?: 4 | 6; ipv6Only?: boolean }

/** Whether TCP carries such addresses. */
export function isSocketAddress(address: Multiaddr): boolean {
  return isTcp(address) || isUnix(address)
}

/**
 * Maximum length of the path of a unix socket, without the terminating zero (`sun_path` of `struct sockaddr_un`). Node
 * 20 truncates longer paths.
 */
const maxPathLength = process.platform === 'linux' ? 107 : 103

/** Throws `InvalidParametersError` for an address of another transport. */
export function toSocketAddress(address: Multiaddr): SocketAddress {
  if (isUnix(address)) {
    const socketPath = address.getComponents().find(({ code }) => code === CODE_UNIX)?.value ?? ''
    return { path: process.platform === 'win32' ? path.join('\\\\.\\pipe\\', socketPath) : socketPath }
  }
  if (!isTcp(address)) throw new InvalidParametersError(`${address.toString()} is no address of a TCP or unix socket`)
  const { type, host, port, zone } = getNetConfig(address)
  const result = { host: zone === undefined ? host : `${host}%${zone}`, port: port! }
  if (type === 'ip6') return { ...result, ipv6Only: true }
  if (type === 'dns4') return { ...result, family: 4 }
  if (type === 'dns6') return { ...result, family: 6, ipv6Only: true }
  return result
}

/** Throws an error with the code `ENAMETOOLONG` for a path that is too long for the system. */
export function checkPath(target: SocketAddress): void {
  if (!('path' in target) || process.platform === 'win32') return
  const length = Buffer.byteLength(target.path)
  if (length <= maxPathLength) return
  const message = `the path of a socket has at most ${maxPathLength} bytes on this system, this has ${length}`
  throw Object.assign(new Error(message), { code: 'ENAMETOOLONG' })
}

/** The remote address of a socket. */
export function remoteAddress(ip: string, port: number): Multiaddr {
  const [host, zone] = ip.split('%') as [string, string?]
  if (zone === undefined) return ipPortToMultiaddr(host, port)
  return netConfigToMultiaddr({ type: 'ip6', host, zone, protocol: 'tcp', port })
}
