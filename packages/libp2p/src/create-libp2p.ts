import type { Libp2p, ServiceMap } from '@libp2p/interface'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { checkOptions } from './check-options.ts'
import { Libp2pNode } from './node.ts'
import type { Libp2pOptions } from './options.ts'

/**
 * Makes a node, and starts it unless `start` is false.
 *
 * @throws InvalidParametersError - an option is not as it must be: `option` names it
 * @throws UnmetServiceDependenciesError - a service needs one that is not there
 * @throws UnsupportedListenAddressesError - it could not listen: `failures` says why, for each address
 */
export async function createLibp2p<T extends ServiceMap = ServiceMap>(
  options: Libp2pOptions<T> = {}
): Promise<Libp2p<T>> {
  const tellNotices = checkOptions(options as Libp2pOptions)
  const { start = true, ...init } = options
  const privateKey = init.privateKey ?? (await generateKeyPair('Ed25519'))
  const node = new Libp2pNode<T>(init as Libp2pOptions<T>, { privateKey, peerId: peerIdFromPrivateKey(privateKey) })
  tellNotices(node)
  if (start) await node.start()
  return node
}
