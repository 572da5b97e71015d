import type { PeerId, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@weft/multiaddr'
import type { AddressReach } from './address-reach.ts'
import { PeerRecord, RecordEnvelope } from '@weft/peer-info'

interface Sealed {
  addresses: string
  envelope: Promise<RecordEnvelope>
}

interface OwnRecord {
  /** By who is told: the addresses differ. */
  sealed: Map<AddressReach, Sealed>
  seqNumber: bigint
}

// By key, so that identify and identify push of one node send one record: the number of a record says which is newer,
// and an older one with other addresses would be believed after it.
const records = new WeakMap<PrivateKey, OwnRecord>()

/** The signed record of this node's addresses. It is signed anew only where they have changed. */
export async function ownRecord(
  peerId: PeerId,
  privateKey: PrivateKey,
  multiaddrs: Multiaddr[],
  scope: AddressReach
): Promise<Uint8Array> {
  let own = records.get(privateKey)
  if (own === undefined) {
    own = { sealed: new Map(), seqNumber: 0n }
    records.set(privateKey, own)
  }
  const addresses = multiaddrs.join()
  let sealed = own.sealed.get(scope)
  if (sealed?.addresses !== addresses) {
    const now = BigInt(Date.now())
    own.seqNumber = now > own.seqNumber ? now : own.seqNumber + 1n
    const record = new PeerRecord({ peerId, multiaddrs, seqNumber: own.seqNumber })
    sealed = { addresses, envelope: RecordEnvelope.seal(record, privateKey) }
    own.sealed.set(scope, sealed)
  }
  try {
    return (await sealed.envelope).marshal()
  } catch (error) {
    if (own.sealed.get(scope) === sealed) own.sealed.delete(scope)
    throw error
  }
}
