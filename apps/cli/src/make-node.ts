import type { Libp2p } from '@libp2p/interface'
import { type Echo, echo } from '@weft/echo'
import { type Identify, type IdentifyPush, identify, identifyPush } from '@weft/identify'
import { createLibp2p, type Libp2pOptions } from '@weft/libp2p'
import { noise } from '@weft/noise'
import { type Perf, perf } from '@weft/perf'
import { type Ping, ping } from '@weft/ping'
import { tcp } from '@weft/tcp'
import { yamux } from '@weft/yamux'
import type { KadComponents, KadDHT } from '@weft/kad-record-store'

type Discovery = NonNullable<Libp2pOptions['peerDiscovery']>[number]

export interface Services {
  [name: string]: unknown
  identify: Identify
  identifyPush: IdentifyPush
  ping: Ping
  /** Of a node that was told to answer it. */
  echo?: Echo
  /** Of a node that was told to answer it, or that only dials, and then answers nobody. */
  perf?: Perf
  /** Of a node that was told to join one. */
  dht?: KadDHT
}

/** How a node is made. Without addresses it only dials. */
export type NodeInit = Pick<Libp2pOptions, 'privateKey' | 'metrics' | 'connectionProtector' | 'datastore'> & {
  listen?: string[]
  /** Whether it answers echo. @default false */
  echo?: boolean
  /** Whether it answers perf, which sends as many bytes as any peer asks for. @default false */
  perf?: boolean
  /** The DHT that it joins: of local networks, or the public one. */
  dht?: 'lan' | 'wan' | undefined
  /** Whether it finds peers of the local network by multicast DNS. @default false */
  mdns?: boolean
  /** Addresses of peers that it begins with. */
  bootstrap?: string[] | undefined
}

/** A node that has what the command has, started. */
export async function makeNode({
  listen = [],
  echo: answersEcho = false,
  perf: answersPerf = false,
  dht,
  mdns = false,
  bootstrap,
  ...init
}: NodeInit = {}): Promise<Libp2p<Services>> {
  // To measure a peer is no reason to let it measure back.
  const measures = answersPerf ? perf() : perf({ maxInboundStreams: 0 })
  return await createLibp2p<Services>({
    ...init,
    addresses: { listen },
    peerDiscovery: await discoveries(mdns, bootstrap),
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      ...(answersEcho && { echo: echo() }),
      ...((answersPerf || listen.length === 0) && { perf: measures }),
      ...(dht !== undefined && { dht: await dhtOf(dht) })
    }
  })
}

// Loaded only by a node that has them.

async function discoveries(usesMdns: boolean, list: string[] | undefined): Promise<Discovery[]> {
  const found: Discovery[] = []
  if (usesMdns) found.push((await import('@weft/mdns-discovery')).mdns())
  if (list !== undefined) found.push((await import('@weft/railing')).bootstrap({ list }))
  return found
}

async function dhtOf(network: 'lan' | 'wan'): Promise<(components: KadComponents) => KadDHT> {
  const { kadDHT, LAN_KAD_PROTOCOL, removePublicAddressesMapper } = await import('@weft/kad-record-store')
  if (network === 'wan') return kadDHT()
  // As kubo has it: everybody answers, and addresses of the internet stay out.
  return kadDHT({ protocol: LAN_KAD_PROTOCOL, clientMode: false, peerInfoMapper: removePublicAddressesMapper })
}
