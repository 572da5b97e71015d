/** Every channel under every muxer, over the connections of a transport. */
import type { ConnectionEncrypter, MessageStream, MultiaddrConnection, StreamMuxerFactory } from '@libp2p/interface'
import { streamMuxerSuite } from '@weft/interface-stream-muxer/compliance'
import { PassThroughUpgrader, testComponents } from '@weft/interface-transport/compliance'
import type { Transport } from '@weft/interface-transport'
import { multiaddr } from '@weft/multiaddr'
import { mplex } from '@weft/multiplex'
import { noise } from '@weft/noise'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { plaintext } from '@weft/plaintext'
import { secio } from '@weft/secio'
import { spdy } from '@weft/spdy'
import { tls } from '@weft/tls'
import { yamux } from '@weft/yamux'
import { describe, expect, it, onTestFinished } from 'vitest'

interface Muxer {
  name: string
  make: (maxInboundStreams: number) => StreamMuxerFactory
  flowControl: boolean
}

const channels = { noise: noise(), tls: tls(), secio: secio(), plaintext: plaintext() }
const muxers: Muxer[] = [
  { name: 'yamux', make: maxInboundStreams => yamux({ maxInboundStreams })(), flowControl: true },
  { name: 'mplex', make: maxInboundStreams => mplex({ maxInboundStreams })(), flowControl: false },
  { name: 'spdy', make: maxInboundStreams => spdy({ maxInboundStreams })(), flowControl: true }
]
const maxInboundStreams = 300
const [dialerKey, listenerKey] = [await generateKeyPair('Ed25519'), await generateKeyPair('Ed25519')]

type Pair<T> = [dialer: T, listener: T]

/** The contract suite of muxers, over connections to `address` secured by each channel. */
export function crossingSuite(
  makeTransport: (components: ReturnType<typeof testComponents>) => Transport,
  address: string
): void {
  for (const [name, channel] of Object.entries(channels)) {
    const [dialing, listening] = [channel({ privateKey: dialerKey }), channel({ privateKey: listenerKey })]
    for (const { name: muxer, make, flowControl } of muxers) {
      describe(`${muxer} over ${name}`, () => {
        streamMuxerSuite(
          { describe, it, expect },
          {
            setup: async () => make(maxInboundStreams),
            ...{ maxInboundStreams, flowControl },
            connect: async () => secure([dialing, listening], await connect(makeTransport(testComponents()), address))
          }
        )
      })
    }
  }
}

async function secure(
  [dialing, listening]: Pair<ConnectionEncrypter>,
  [outbound, inbound]: Pair<MultiaddrConnection>
): Promise<Pair<MessageStream>> {
  const secured = await Promise.all([
    dialing.secureOutbound(outbound, { remotePeer: peerIdFromPrivateKey(listenerKey) }),
    listening.secureInbound(inbound, { remotePeer: peerIdFromPrivateKey(dialerKey) })
  ])
  return [secured[0].connection, secured[1].connection]
}

async function connect(transport: Transport, address: string): Promise<Pair<MultiaddrConnection>> {
  const [dialing, listening] = [new PassThroughUpgrader(), new PassThroughUpgrader()]
  const listener = transport.createListener({ upgrader: listening })
  await listener.listen(multiaddr(address))
  onTestFinished(() => listener.close())
  const inbound = listening.nextInbound()
  await transport.dial(listener.getAddrs()[0]!, { upgrader: dialing, signal: new AbortController().signal })
  onTestFinished(() => dialing.outbound!.abort(new Error('the test has ended')))
  return [dialing.outbound!, await inbound]
}
