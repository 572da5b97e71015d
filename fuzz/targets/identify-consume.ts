/** What a node keeps of what a peer says of itself: of that peer alone, bounded, certified only where that peer signed it. */
import { EventEmitter } from '@weft/events'
import { multiaddr } from '@weft/multiaddr'
import { type PrivateKey, peerIdFromPrivateKey, privateKeyFromRaw } from '@weft/peer-id'
import { peerStore } from '@weft/peer-store'
import { consumeMessage } from '../../packages/swarm/identify/src/consume.ts'
import { maxAddresses, maxProtocols } from '../../packages/swarm/identify/src/core/limits.ts'
import { mergeMessages } from '../../packages/swarm/identify/src/core/merge.ts'
import { type IdentifyMessage, identifyMessage } from '../../packages/swarm/identify/src/core/message.ts'

export const name = 'identify-consume'

// Each begins with an empty peer store, and a record that is signed is verified.
export const minimum = 1000

// RFC 8032, section 7.1, test 1: seed and public key.
const rawKey =
  '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'
const key = privateKeyFromRaw(Uint8Array.from(Buffer.from(rawKey, 'hex'))) as PrivateKey
const remotePeer = peerIdFromPrivateKey(key)
const localPeer = peerIdFromPrivateKey(privateKeyFromRaw(new Uint8Array(32).fill(1)) as PrivateKey)
const noLog = Object.assign(() => {}, { error() {}, trace() {}, enabled: false, newScope: () => noLog }) as Parts[1]

// Of a node that knows nothing of its own addresses.
const addressManager = { getAddresses: () => [], getAddressesWithMetadata: () => [] } as never

type Parts = Parameters<typeof consumeMessage>
type Store = Parts[0]['peerStore']
type Peer = Awaited<ReturnType<Store['get']>>

export async function fuzz(input: Uint8Array): Promise<void> {
  let message: IdentifyMessage
  try {
    message = mergeMessages([identifyMessage.decode(input)])
  } catch (error) {
    if ((error as Error).name === 'ProtobufError') return
    throw error
  }
  const events = new EventEmitter() as unknown as Parts[0]['events']
  const store = peerStore()({ peerId: localPeer, events })
  let told = 0
  events.addEventListener('peer:identify', () => told++)
  const connection = {
    remotePeer,
    remoteAddr: multiaddr('/ip4/127.0.0.1/tcp/1'),
    status: 'open'
  } as unknown as Parts[2]
  try {
    await consumeMessage({ peerStore: store, events, addressManager }, noLog, connection, message)
  } catch (error) {
    if ((error as Error).name !== 'InvalidMessageError') throw error
    if (told !== 0) throw new Error('what is refused was told of')
    return
  }
  if (told !== 1) throw new Error(`it was told of ${told} times`)
  const peers = await store.all()
  for (const peer of peers) check(peer, message)
}

function check(peer: Peer, message: IdentifyMessage): void {
  if (!peer.id.equals(remotePeer)) throw new Error('another peer was written')
  if (peer.addresses.length > maxAddresses) throw new Error('too many addresses are kept')
  if (peer.protocols.length > maxProtocols) throw new Error('too many protocols are kept')
  const certified = peer.addresses.filter(({ isCertified }) => isCertified).length
  if (certified > 0 && message.signedPeerRecord === undefined) throw new Error('an address is certified by nothing')
  if (peer.peerRecordEnvelope === undefined && certified > 0) throw new Error('what certifies is not kept')
}
