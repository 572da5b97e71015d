// weft's node with kad-routing, driven by lines.
import { kadRouting, passthroughMapper } from '@weft/kad-routing'
import { sha256 } from '@weft/multihash'
import { peerIdFromString } from '@weft/peer-id'
import { CID } from 'multiformats/cid'
import { serveCommands } from '../lib/kad-peer.mjs'
import { parts } from './parts.mjs'

const cidOf = text => CID.createV1(0x55, sha256.digest(new TextEncoder().encode(text)))
const dht = kadRouting({ protocol: process.argv[2], clientMode: false, peerInfoMapper: passthroughMapper })
await serveCommands(parts, dht, { cidOf, peerIdFromString })
