// js-libp2p as a set of parts: the same names as ../weft/parts.mjs.
import { generateKeyPair, generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { echo } from '@libp2p/echo'
import { identify, identifyPush } from '@libp2p/identify'
import { memory } from '@libp2p/memory'
import { mplex } from '@libp2p/mplex'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { plaintext } from '@libp2p/plaintext'
import { generateKey, preSharedKey } from '@libp2p/pnet'
import { tcp } from '@libp2p/tcp'
import { tls } from '@libp2p/tls'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { perf } from './perf.mjs'

export const parts = {
  name: 'js',
  createLibp2p,
  multiaddr,
  generateKeyPair,
  generateKeyPairFromSeed,
  tcp,
  memory,
  noise,
  tls,
  plaintext,
  preSharedKey,
  generateKey,
  yamux,
  mplex,
  identify,
  identifyPush,
  ping,
  perf,
  echo
}
