// A node that is what the environment of libp2p/test-plans' conventions says.
import { nodeOptions } from './node.mjs'

const keyTypes = { ed25519: 'Ed25519', rsa: 'RSA', secp256k1: 'secp256k1', ecdsa: 'ECDSA' }

/** `earlyMuxers` gets, for each outgoing handshake, whether it agreed on the muxer too. */
export async function createConventionNode(parts, env, listen, privateKey) {
  const transport = env.transport ?? 'tcp'
  if (transport !== 'tcp') throw new Error(`transport ${transport} is not one of tcp`)
  const earlyMuxers = []
  const options = nodeOptions(parts, { security: env.security, muxer: env.muxer })
  const node = await parts.createLibp2p({
    ...options,
    addresses: { listen },
    privateKey: privateKey ?? (await parts.generateKeyPair(keyTypes[env.identity ?? 'ed25519'])),
    connectionEncrypters: options.connectionEncrypters.map(make => noting(make, earlyMuxers)),
    services: { ...options.services, ...(parts.perf === undefined ? {} : { perf: parts.perf() }) }
  })
  return { node, earlyMuxers }
}

function noting(makeEncrypter, earlyMuxers) {
  return components => {
    const encrypter = makeEncrypter(components)
    const secureOutbound = encrypter.secureOutbound.bind(encrypter)
    encrypter.secureOutbound = async (...args) => {
      const secured = await secureOutbound(...args)
      earlyMuxers.push(secured.streamMuxer !== undefined)
      return secured
    }
    return encrypter
  }
}
