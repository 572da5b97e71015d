import type { Connection, StreamHandler } from '@libp2p/interface'
import { type ProtocolNode, protocolSuite } from '@weft/interface-protocol/compliance'
import { multiaddr } from '@weft/multiaddr'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { describe, expect, it } from 'vitest'
import { type Identify, identify, type IdentifyPushComponents, identifyPush } from '../src/index.ts'
import { FakeNode } from './fake-node.ts'

const remotePeer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
const remoteAddr = multiaddr(`/ip4/8.8.8.8/tcp/4001/p2p/${remotePeer.toString()}`)

/** The suite's node with all else that identify needs of one; streams come over a connection to the remote. */
async function componentsOn(node: ProtocolNode): Promise<IdentifyPushComponents> {
  const { components } = await FakeNode.create()
  return {
    ...components,
    registrar: {
      getProtocols: () => [...node.handlers.keys()],
      handle: (protocol, handler, options) => {
        const overConnection: StreamHandler = stream => handler(stream, connectionOn(node))
        return node.components.registrar.handle(protocol, overConnection, options)
      },
      unhandle: protocol => node.components.registrar.unhandle(protocol)
    }
  }
}

function connectionOn(node: ProtocolNode): Connection {
  const newStream: Connection['newStream'] = async (protocol, options) => node.open([protocol].flat()[0]!, options)
  return { remotePeer, remoteAddr, newStream } as Partial<Connection> as Connection
}

describe('identify', () => {
  protocolSuite(
    { describe, it, expect },
    {
      protocols: ['/ipfs/id/1.0.0'],
      capabilities: ['@libp2p/identify'],
      create: async (node, options) => identify(options)(await componentsOn(node)),
      ask: (service, node, options) => (service as Identify).identify(connectionOn(node), options)
    }
  )
})

describe('identify push', () => {
  protocolSuite(
    { describe, it, expect },
    {
      protocols: ['/ipfs/id/push/1.0.0'],
      capabilities: ['@libp2p/identify-push'],
      create: async (node, options) => identifyPush(options)(await componentsOn(node))
    }
  )
})
