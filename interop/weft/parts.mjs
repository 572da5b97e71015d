// weft as a set of parts: the same names as ../js-libp2p/parts.mjs.
import { echo } from '@weft/echo'
import { identify, identifyPush } from '@weft/identify'
import { createLibp2p } from '@weft/libp2p'
import { memory } from '@weft/memory'
import { multiaddr } from '@weft/multiaddr'
import { mplex } from '@weft/multiplex'
import { noise } from '@weft/noise'
import { generateKeyPair, generateKeyPairFromSeed } from '@weft/peer-id'
import { perf } from '@weft/perf'
import { ping } from '@weft/ping'
import { plaintext } from '@weft/plaintext'
import { secio } from '@weft/secio'
import { spdy } from '@weft/spdy'
import { generateKey, preSharedKey } from '@weft/pnet'
import { tcp } from '@weft/tcp'
import { tls } from '@weft/tls'
import { yamux } from '@weft/yamux'
import { earlyPlaintext, noChannel } from './unproved.mjs'

export const parts = {
  name: 'weft',
  createLibp2p,
  multiaddr,
  generateKeyPair,
  generateKeyPairFromSeed,
  tcp,
  memory,
  noise,
  tls,
  plaintext,
  secio,
  earlyPlaintext,
  noChannel,
  preSharedKey,
  generateKey,
  yamux,
  mplex,
  spdy,
  identify,
  identifyPush,
  ping,
  perf,
  echo
}
