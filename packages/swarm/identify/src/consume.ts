/** What is done with what a peer says about itself. */
import type { Connection, IdentifyResult, Logger, PeerData, PeerId } from '@libp2p/interface'
import { equals, fromUtf8 } from '@weft/bytes'
import { InvalidMessageError } from '@weft/errors'
import { toldAddressesOf } from '@weft/interface-node'
import type { Multiaddr } from '@weft/multiaddr'
import { peerIdFromPublicKey, publicKeyFromProtobuf, publicKeyToProtobuf } from '@weft/peer-id'
import type { IdentifyComponents } from './components.ts'
import type { IdentifyMessage } from './core/message.ts'
import { readAddress } from './observed.ts'
import { newestRecord } from './peer-record.ts'

/**
 * Checks a message of the connection's peer, keeps it in the peer store and tells of it by `peer:identify`. Fields that
 * are absent change nothing.
 *
 * @throws InvalidMessageError where the key or the signed record is not the peer's
 */
export async function consumeMessage(
  { peerStore, events, addressManager }: Pick<IdentifyComponents, 'peerStore' | 'events' | 'addressManager'>,
  log: Logger,
  connection: Connection,
  message: IdentifyMessage
): Promise<IdentifyResult> {
  const { remotePeer } = connection
  const peer: PeerData = {}
  const listenAddrs = message.listenAddrs.flatMap(bytes => readAddress(bytes) ?? [])
  // The event tells what the peer said; what may be dialed is another question.
  const accept = (addresses: Multiaddr[], isCertified: boolean): void => {
    const kept = toldAddressesOf(addressManager).accept(addresses, {
      kind: 'connection',
      remoteAddr: connection.remoteAddr
    })
    // A list of which none can be read or kept says nothing: the address at which the peer was reached stays.
    if (kept.length > 0) peer.addresses = kept.map(multiaddr => ({ multiaddr, isCertified }))
  }
  if (message.protocols.length > 0) peer.protocols = message.protocols
  if (message.publicKey !== undefined) peer.publicKey = ownKey(message.publicKey, connection)

  const result: IdentifyResult = { peerId: remotePeer, listenAddrs, protocols: message.protocols, connection }
  const { signedPeerRecord } = message
  const newest = signedPeerRecord && (await newestRecord(signedPeerRecord, remotePeer, peerStore, log))
  if (newest !== undefined) {
    // What is signed counts, not what is only said.
    peer.peerRecordEnvelope = newest.envelope
    // Signed and empty: it is reachable nowhere.
    if (newest.isEmpty) peer.addresses = []
    else accept(newest.addresses, true)
    result.signedPeerRecord = { seq: newest.seq, addresses: newest.addresses }
  } else if (listenAddrs.length > 0 && !(await hasCertified(peerStore, remotePeer))) {
    // What a peer has signed is not replaced by what is only said.
    accept(listenAddrs, false)
  }
  try {
    const { metadata: known } = await peerStore.patch(remotePeer, peer)
    await keepVersions(peerStore, connection, message, known)
  } catch (error) {
    // A store that is full or closed keeps nobody from using what was heard.
    log.error('could not store what %p says of itself - %e', remotePeer, error)
  }

  if (message.protocolVersion !== undefined) result.protocolVersion = message.protocolVersion
  if (message.agentVersion !== undefined) result.agentVersion = message.agentVersion
  if (message.publicKey !== undefined) result.publicKey = message.publicKey
  const observedAddr = readAddress(message.observedAddr)
  if (observedAddr !== undefined) result.observedAddr = observedAddr
  events.safeDispatchEvent('peer:identify', { detail: result })
  return result
}

async function hasCertified(peerStore: IdentifyComponents['peerStore'], peer: PeerId): Promise<boolean> {
  try {
    return (await peerStore.get(peer)).addresses.some(({ isCertified }) => isCertified)
  } catch (error) {
    if ((error as Error).name === 'NotFoundError') return false
    // What is stored cannot be read: it is not replaced by less.
    return true
  }
}

function ownKey(bytes: Uint8Array, { remotePeer }: Connection): NonNullable<PeerData['publicKey']> {
  // What the handshake has proved is mostly known as a whole.
  const known = remotePeer.publicKey
  if (known !== undefined && equals(publicKeyToProtobuf(known), bytes)) return known
  let key: NonNullable<PeerData['publicKey']>
  try {
    key = publicKeyFromProtobuf(bytes)
  } catch (cause) {
    throw new InvalidMessageError('the public key of the identify message is not valid', { cause })
  }
  if (peerIdFromPublicKey(key).equals(remotePeer)) return key
  throw new InvalidMessageError('the public key of the identify message is not that of the peer')
}

async function keepVersions(
  peerStore: IdentifyComponents['peerStore'],
  { remotePeer }: Connection,
  { agentVersion, protocolVersion }: IdentifyMessage,
  known: ReadonlyMap<string, Uint8Array>
): Promise<void> {
  const metadata = new Map<string, Uint8Array>()
  const keep = (key: string, version: string | undefined): void => {
    if (version === undefined) return
    const value = fromUtf8(version)
    const stored = known.get(key)
    if (stored === undefined || !equals(stored, value)) metadata.set(key, value)
  }
  keep('AgentVersion', agentVersion)
  keep('ProtocolVersion', protocolVersion)
  // A peer that comes again mostly runs what it ran before.
  if (metadata.size > 0) await peerStore.merge(remotePeer, { metadata })
}
