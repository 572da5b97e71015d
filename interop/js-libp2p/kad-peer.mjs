// js-libp2p's node with its kad-dht, driven by lines.
import { peerIdFromString } from '@libp2p/peer-id'
import { serveCommands } from '../lib/kad-peer.mjs'
import { parts } from './parts.mjs'
import { cidOf, kadDHT, passthroughMapper } from './services.mjs'

const dht = kadDHT({ protocol: process.argv[2], clientMode: false, peerInfoMapper: passthroughMapper })
await serveCommands(parts, dht, { cidOf, peerIdFromString })
