/** What this node says about itself. */
import { CODE_P2P } from '@weft/multiaddr'
import { publicKeyToProtobuf } from '@weft/peer-id'
import type { IdentifyComponents } from './components.ts'
import { countFitting, encodeFitting } from './core/fit.ts'
import type { IdentifyMessage } from './core/message.ts'
import { ownRecord } from './own-record.ts'

export interface Host {
  protocolVersion: string
  agentVersion: string
}

/**
 * The bytes of one message of at most 4 KiB: addresses that do not fit are left out.
 *
 * @param extra - what only an answer says: the public key, and where the asking peer is seen
 */
export async function ownMessage(
  { peerId, privateKey, addressManager, registrar }: IdentifyComponents,
  host: Host,
  extra: { observedAddr?: Uint8Array | undefined } | undefined
): Promise<Uint8Array<ArrayBuffer>> {
  const publicKey = publicKeyToProtobuf(privateKey.publicKey)
  const base: Omit<IdentifyMessage, 'listenAddrs'> = { ...host, protocols: registrar.getProtocols() }
  if (extra !== undefined) base.publicKey = publicKey
  if (extra?.observedAddr !== undefined) base.observedAddr = extra.observedAddr

  const all = addressManager.getAddresses().map(address => address.decapsulateCode(CODE_P2P))
  const count = countFitting(
    base,
    all.map(address => address.bytes),
    publicKey.byteLength
  )
  const addresses = all.slice(0, count)
  const message: IdentifyMessage = { ...base, listenAddrs: addresses.map(address => address.bytes) }
  // An answer without addresses has no record: it would tell the peer to forget the address that it has just dialed. A
  // push says just that.
  if (count > 0 || extra === undefined) message.signedPeerRecord = await ownRecord(peerId, privateKey, addresses)
  return encodeFitting(message)
}
