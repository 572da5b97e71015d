// One node, driven by JSON lines (see ../README.md, "Peer protocol").
import { runPeer } from '../lib/peer.mjs'
import { parts } from './parts.mjs'

runPeer(parts)
