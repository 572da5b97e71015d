// weft, as built: what the suites are run against.
import { memory } from '@weft/memory'
import { MemoryDatastore } from '@weft/memory-datastore'
import { mplex } from '@weft/multiplex'
import { noise } from '@weft/noise'
import { plaintext } from '@weft/plaintext'
import { secio } from '@weft/secio'
import { spdy } from '@weft/spdy'
import { tcp } from '@weft/tcp'
import { tls } from '@weft/tls'
import { yamux } from '@weft/yamux'

const stack = { connectionEncrypters: () => [noise()], streamMuxers: () => [yamux()] }
const plain = {
  connectionEncrypters: () => [plaintext()],
  streamMuxers: () => [mplex({ disconnectThreshold: Infinity })]
}

export const adapter = {
  name: 'weft',
  // the transport suite imports `libp2p` to build its nodes: they are ours
  alias: { libp2p: import.meta.resolve('@weft/libp2p') },
  transports: {
    'tcp ip4': { kind: 'tcp4', transports: () => [tcp()], ...stack },
    'tcp ip6': { kind: 'tcp6', transports: () => [tcp()], ...stack },
    'tcp ip4 plaintext mplex': { kind: 'tcp4', transports: () => [tcp()], ...plain },
    memory: { kind: 'memory', transports: () => [memory()], ...stack }
  },
  connectionEncrypters: { noise: noise(), tls: tls(), secio: secio(), plaintext: plaintext() },
  streamMuxers: { yamux: yamux(), mplex: mplex({ disconnectThreshold: Infinity }), spdy: spdy() },
  datastores: { memory: async () => new MemoryDatastore() }
}
