// js-libp2p's services that run on either implementation's nodes, and the CIDs they take.
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'

export { gossipsub } from '@libp2p/gossipsub'
export { http } from '@libp2p/http'
export { kadDHT, passthroughMapper } from '@libp2p/kad-dht'

const RAW = 0x55

export async function cidOf(text) {
  return CID.createV1(RAW, await sha256.digest(new TextEncoder().encode(text)))
}
