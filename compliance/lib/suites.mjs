// Feeds an adapter's factories to the public suites. Called inside mocha's `describe` world.
import { generateKeyPair } from '@libp2p/crypto/keys'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import * as matchers from '@multiformats/multiaddr-matcher'
import { stubInterface } from 'sinon-ts'

const kinds = {
  tcp4: { listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0'], matcher: matchers.TCP },
  tcp6: { listen: ['/ip6/::1/tcp/0', '/ip6/::1/tcp/0'], matcher: matchers.TCP },
  memory: { listen: ['/memory/addr-1', '/memory/addr-2'], matcher: matchers.Memory }
}

const load = async name => (await import(`@libp2p/interface-compliance-tests/${name}`)).default
const teardown = async () => {}

export const groups = {
  async transports(entries) {
    const suite = await load('transport')
    for (const [name, entry] of entries) {
      const { listen, matcher } = kinds[entry.kind]
      const setup = async () => {
        const dialer = {
          transports: entry.transports(),
          connectionEncrypters: entry.connectionEncrypters(),
          streamMuxers: entry.streamMuxers(),
          connectionGater: { denyDialMultiaddr: () => false },
          connectionMonitor: { enabled: false }
        }
        const listener = { ...dialer, addresses: { listen } }
        return { dialer, listener, dialMultiaddrMatcher: matcher, listenMultiaddrMatcher: matcher }
      }
      describe(`transport: ${name}`, () => suite({ setup, teardown }))
    }
  },

  async connectionEncrypters(entries) {
    const suite = await load('connection-encryption')
    for (const [name, factory] of entries) {
      const setup = async options => {
        const privateKey = options?.privateKey ?? (await generateKeyPair('Ed25519'))
        return factory({
          privateKey,
          peerId: peerIdFromPrivateKey(privateKey),
          logger: defaultLogger(),
          upgrader: stubInterface({ getStreamMuxers: () => new Map([['/test/muxer', stubInterface()]]) })
        })
      }
      describe(`connection encrypter: ${name}`, () => suite({ setup, teardown }))
    }
  },

  async streamMuxers(entries) {
    const suite = await load('stream-muxer')
    for (const [name, factory] of entries) {
      const setup = async () => factory({ logger: defaultLogger() })
      describe(`stream muxer: ${name}`, () => suite({ setup, teardown }))
    }
  },

  async datastores(entries) {
    const { interfaceDatastoreTests } = await import('interface-datastore-tests')
    for (const [name, setup] of entries) {
      describe(`datastore: ${name}`, () => interfaceDatastoreTests({ setup, teardown }))
    }
  }
}
