import type { Address } from '@libp2p/interface'
import {
  isCircuit,
  isGlobalUnicast,
  isLoopback,
  isMemory,
  isTcp,
  isUnix,
  isWebSocket,
  type Multiaddr
} from '@weft/multiaddr'

/** Public before private before loopback, direct before relayed, certified first, simple transports first. */
export function defaultAddressSorter(a: Address, b: Address): number {
  return (
    Number(isLoopback(a.multiaddr)) - Number(isLoopback(b.multiaddr)) ||
    Number(isGlobalUnicast(b.multiaddr)) - Number(isGlobalUnicast(a.multiaddr)) ||
    Number(isCircuit(a.multiaddr)) - Number(isCircuit(b.multiaddr)) ||
    Number(b.isCertified) - Number(a.isCertified) ||
    rank(a.multiaddr) - rank(b.multiaddr)
  )
}

function rank(address: Multiaddr): number {
  if (isTcp(address) || isUnix(address) || isMemory(address)) return 0
  return isWebSocket(address) ? 1 : 2
}
