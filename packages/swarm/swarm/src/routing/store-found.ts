import type { AbortOptions, Connection, Logger, PeerInfo, PeerStore } from '@libp2p/interface'
import { throwIfAborted } from '@weft/errors'
import { type AddressManager, toldAddressesOf } from '@weft/interface-node'

/** What storing needs of the node. Without the last two all addresses are stored. */
export interface FoundComponents {
  peerStore: PeerStore
  addressManager?: AddressManager
  connectionManager?: { getConnections(): Connection[] }
}

/**
 * Stores the addresses that routers found of a peer: those that may be told by one of the remotes that routers ask. Who asked
 * is given all of them. Rejects with the signal's reason; that something could not be stored is logged.
 */
export async function storeFound(
  { peerStore, addressManager, connectionManager }: FoundComponents,
  { id, multiaddrs }: PeerInfo,
  log: Logger,
  options: AbortOptions
): Promise<void> {
  if (multiaddrs.length === 0) return
  const connections = connectionManager?.getConnections().map(({ remoteAddr }) => remoteAddr) ?? []
  const kept =
    addressManager === undefined
      ? multiaddrs
      : toldAddressesOf(addressManager).accept(multiaddrs, { kind: 'routers', connections })
  if (kept.length === 0) return
  try {
    await peerStore.merge(id, { multiaddrs: kept }, options)
  } catch (error) {
    throwIfAborted(options.signal)
    log.error('could not store the addresses of %p - %e', id, error)
  }
}
