// js-libp2p itself: shows that the runner and the machine are sound.
import { memory } from '@libp2p/memory'
import { mplex } from '@libp2p/mplex'
import { noise } from '@libp2p/noise'
import { plaintext } from '@libp2p/plaintext'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'

const stack = { connectionEncrypters: () => [noise()], streamMuxers: () => [yamux()] }

export const adapter = {
  name: 'js-libp2p',
  alias: {},
  transports: {
    'tcp ip4': { kind: 'tcp4', transports: () => [tcp()], ...stack },
    'tcp ip6': { kind: 'tcp6', transports: () => [tcp()], ...stack },
    memory: { kind: 'memory', transports: () => [memory()], ...stack }
  },
  connectionEncrypters: { noise: noise(), plaintext: plaintext() },
  streamMuxers: { yamux: yamux(), mplex: mplex({ disconnectThreshold: Infinity }) }
}
