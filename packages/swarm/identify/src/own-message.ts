/** What this node says about itself. */
import { CODE_P2P } from '@weft/multiaddr'
import { publicKeyToProtobuf } from '@weft/peer-id'
import { type AddressReach, isToldTo } from './address-reach.ts'
import type { IdentifyComponents } from './components.ts'
import { countFitting } from './core/fit.ts'
import type { IdentifyMessage } from './core/message.ts'
import { ownRecord } from './own-record.ts'

export interface Host {
  protocolVersion: string
  agentVersion: string
}

/**
 * What peers of a scope are told: the addresses that they can use, as many as fit one message of at most 4 KiB beside an
 * observed address. `withKey`: as only an answer does.
 */
export async function ownMessage(
  { peerId, privateKey, addressManager, registrar }: IdentifyComponents,
  host: Host,
  withKey: boolean,
  scope: AddressReach
): Promise<IdentifyMessage> {
  const publicKey = publicKeyToProtobuf(privateKey.publicKey)
  const base = { ...host, protocols: registrar.getProtocols(), ...(withKey && { publicKey }) }
  const all = addressManager
    .getAddresses()
    .filter(address => isToldTo(scope, address))
    .map(address => address.decapsulateCode(CODE_P2P))
  const count = countFitting(
    base,
    all.map(address => address.bytes),
    publicKey.byteLength
  )
  const addresses = all.slice(0, count)
  const message: IdentifyMessage = { ...base, listenAddrs: addresses.map(address => address.bytes) }
  // An answer without addresses has no record: it would tell the peer to forget the address that it has just dialed. A
  // push says just that.
  if (count > 0 || !withKey) message.signedPeerRecord = await ownRecord(peerId, privateKey, addresses, scope)
  return message
}
