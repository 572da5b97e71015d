import type { Multiaddr } from '@multiformats/multiaddr'
import { CODE_MEMORY, CODE_UNIX } from './codes.ts'
import { readSpan } from './codec.ts'
import { isLinkLocal, isLoopback, isPrivate, isUnspecified } from './ip-ranges.ts'
import { bytesOf } from './multiaddr.ts'
import { tryGetNetConfig } from './net-config.ts'

/** From where an address can be reached: this process, this machine, this link, this network, or everywhere. */
export type AddressClass = 'memory' | 'unix' | 'loopback' | 'link-local' | 'private' | 'public'

/**
 * The class of an address, by its first hop: a relayed one has that of the relay. `localhost` and unspecified addresses,
 * which systems take for this machine, are loopback; other names are public, as are addresses that name no host.
 */
export function addressClassOf(address: Multiaddr): AddressClass {
  const bytes = bytesOf(address)
  const first = bytes.length === 0 ? undefined : readSpan(bytes, 0).protocol.code
  if (first === CODE_MEMORY) return 'memory'
  if (first === CODE_UNIX) return 'unix'
  if (isLoopback(address) || isUnspecified(address)) return 'loopback'
  if (isLinkLocal(address)) return 'link-local'
  const host = tryGetNetConfig(address)?.host.toLowerCase() ?? ''
  if (host === 'localhost' || host.endsWith('.localhost')) return 'loopback'
  return isPrivate(address) ? 'private' : 'public'
}
