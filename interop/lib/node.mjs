// Builds a node from parts: `host` gives createLibp2p, `parts` everything that goes into it.
import { withMuxer } from './early-muxer.mjs'

/** Streams of one protocol that the scenarios open at once; js-libp2p's default of 32 is too few for them. */
export const MAX_STREAMS = 2000

/**
 * `securityOptions` are those of the channel, such as what SECIO offers; `early` says whether it takes part in agreeing on
 * the muxer.
 */
export function nodeOptions(parts, options = {}) {
  const { security = 'noise', securityOptions, early, muxer = 'yamux' } = options
  const { psk, services = {}, listen = true } = options
  const channel = parts[security](securityOptions)
  const limits = { maxInboundStreams: MAX_STREAMS, maxOutboundStreams: MAX_STREAMS }
  // mplex may also bound how many streams are opened in a second
  const muxerOptions = { ...limits, disconnectThreshold: Infinity }
  return {
    addresses: { listen: listen ? ['/ip4/127.0.0.1/tcp/0'] : [] },
    transports: [parts.tcp()],
    connectionEncrypters: [early === undefined ? channel : withMuxer(channel, early)],
    streamMuxers: [parts[muxer](muxerOptions)],
    connectionGater: { denyDialMultiaddr: () => false },
    connectionManager: { inboundConnectionThreshold: Infinity },
    connectionMonitor: { enabled: false },
    ...(psk === undefined ? {} : { connectionProtector: parts.preSharedKey({ psk: Buffer.from(psk) }) }),
    ...(parts.metrics === undefined ? {} : { metrics: parts.metrics }),
    services: {
      identify: parts.identify(),
      identifyPush: parts.identifyPush(),
      ping: parts.ping(),
      echo: parts.echo(limits),
      ...services
    }
  }
}

/** `identity`: the type of the node's key; without it, the implementation's default. */
export async function createNode(host, { identity, ...options } = {}, parts = host) {
  const privateKey = identity === undefined ? undefined : await parts.generateKeyPair(identity)
  return await host.createLibp2p({ ...nodeOptions(parts, options), ...(privateKey && { privateKey }) })
}

/** What identify has put into the peer store, or undefined as long as it has not. */
export async function identified(node, peerId) {
  try {
    const record = await node.peerStore.get(peerId)
    return record.metadata.has('AgentVersion') ? record : undefined
  } catch (error) {
    if (error.name !== 'NotFoundError') throw error
  }
}

/** Repeats `check`, each `every` ms, until it returns something other than undefined or false. */
export async function until(check, { timeout = 5000, every = 20, what = 'the expected state' } = {}) {
  const deadline = Date.now() + timeout
  for (;;) {
    const value = await check()
    if (value !== undefined && value !== false) return value
    if (Date.now() > deadline) throw new Error(`no sign of ${what} within ${timeout} ms`)
    await new Promise(resolve => setTimeout(resolve, every))
  }
}

export function assert(condition, message) {
  if (!condition) throw new Error(message)
}
