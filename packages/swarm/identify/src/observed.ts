import {
  CODE_IP6,
  CODE_IP6ZONE,
  CODE_P2P,
  CODE_P2P_CIRCUIT,
  isGlobalUnicast,
  isNetworkAddress,
  isPrivate,
  isTcp,
  type Multiaddr,
  multiaddr,
  p2pBytesOf
} from '@weft/multiaddr'
import { maxObservedSize } from './core/limits.ts'

/** The address of bytes from a peer; undefined for none, for the empty one and for bytes that are no address. */
export function readAddress(bytes: Uint8Array | undefined): Multiaddr | undefined {
  if (bytes === undefined || bytes.byteLength === 0) return undefined
  try {
    return multiaddr(bytes)
  } catch {
    return undefined
  }
}

/** What is told to a peer as its address: where it is seen, unless its transport has no host, or the address is too long. */
export function observedFrom(remoteAddr: Multiaddr): Uint8Array | undefined {
  if (!isNetworkAddress(remoteAddr)) return undefined
  const { bytes } = p2pBytesOf(remoteAddr) === undefined ? remoteAddr : remoteAddr.decapsulateCode(CODE_P2P)
  return bytes.byteLength > maxObservedSize ? undefined : bytes
}

/**
 * Whether an address under which a peer saw this node may be its public one. Not one over TCP: its port is the dial's
 * own, which nobody listens on. Not one over a relay: it is the relay's.
 */
export function mayBePublic(address: Multiaddr): boolean {
  // Most are over TCP, and asking for that costs least.
  if (isTcp(address) || !isNetworkAddress(address)) return false
  const codes = address.getComponents().map(component => component.code)
  if (codes.includes(CODE_P2P_CIRCUIT) || isPrivate(address)) return false
  const isIp6 = codes[0] === CODE_IP6 || (codes[0] === CODE_IP6ZONE && codes[1] === CODE_IP6)
  return !isIp6 || isGlobalUnicast(address)
}
