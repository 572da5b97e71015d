// A node of weft on the local network, driven by JSON lines.
import { createLibp2p } from '@weft/libp2p'
import { identify } from '@weft/libp2p/identify'
import { mdns } from '@weft/libp2p/mdns'
import { mdnsRecordStore } from '@weft/libp2p/mdns-record-store'
import { mdnsRouting } from '@weft/libp2p/mdns-routing'
import { noise } from '@weft/libp2p/noise'
import { peerIdFromString } from '@weft/libp2p/peer-id'
import { ping } from '@weft/libp2p/ping'
import { generateKey, preSharedKey } from '@weft/libp2p/pnet'
import { tcp } from '@weft/libp2p/tcp'
import { yamux } from '@weft/libp2p/yamux'
import { sha256 } from '@weft/multihash'
import { CID } from 'multiformats/cid'
import { serve } from '../lib/rpc.mjs'
import { foundBy } from './found.mjs'

const encode = text => new TextEncoder().encode(text)
const cidOf = text => CID.createV1(0x55, sha256.digest(encode(text)))
// Any record is valid, the longest is the best.
const longest = (_key, records) => {
  const lengths = records.map(({ byteLength }) => byteLength)
  return lengths.indexOf(Math.max(...lengths))
}
const validators = { note: { validate() {}, select: longest } }

/** A key file that is the same in each process. */
function psk(seed) {
  const file = new Uint8Array(95)
  generateKey(file)
  return encode(new TextDecoder().decode(file).replace(/[0-9a-f]{64}$/, seed.repeat(64)))
}

const methods = {
  async start({ discovery = true, network, ...options }) {
    const node = await createLibp2p({
      addresses: { listen: ['/ip4/0.0.0.0/tcp/0', '/ip6/::/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      ...(network && { connectionProtector: preSharedKey({ psk: psk(network) }) }),
      peerDiscovery: discovery ? [mdns(options)] : [],
      services: {
        identify: identify(),
        ping: ping(),
        routing: mdnsRouting(options),
        records: mdnsRecordStore({ ...options, validators })
      }
    })
    Object.assign(methods, foundBy(node), {
      /** Dials by the id alone. Answers with the address of the connection. */
      dial: async ({ peer }) => (await node.dial(peerIdFromString(peer))).remoteAddr.toString(),
      provide: ({ text }) => node.contentRouting.provide(cidOf(text)),
      providers: async ({ text }) => {
        const ids = []
        for await (const { id } of node.contentRouting.findProviders(cidOf(text))) ids.push(id.toString())
        return ids
      },
      put: ({ key, text }) => node.services.records.put(encode(key), encode(text)).then(() => true),
      get: async ({ key }) => new TextDecoder().decode(await node.services.records.getBest(encode(key)))
    })
    return { peerId: node.peerId.toString(), addrs: node.getMultiaddrs().map(String) }
  }
}
serve(methods)
