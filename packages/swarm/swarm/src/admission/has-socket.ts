import { isCircuit, isUnix, type Multiaddr } from '@weft/multiaddr'

/** Whether a connection has a socket of its own. A relayed one is a stream, and all UDP connections share one. */
export function hasSocket(address: Multiaddr): boolean {
  return !isCircuit(address) && (isUnix(address) || address.getComponents().some(({ name }) => name === 'tcp'))
}
