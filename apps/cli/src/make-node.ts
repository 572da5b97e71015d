import type { Libp2p } from '@libp2p/interface'
import { type Echo, echo } from '@weft/echo'
import { type Identify, type IdentifyPush, identify, identifyPush } from '@weft/identify'
import { createLibp2p, type Libp2pOptions } from '@weft/libp2p'
import { noise } from '@weft/noise'
import { type Perf, perf } from '@weft/perf'
import { type Ping, ping } from '@weft/ping'
import { tcp } from '@weft/tcp'
import { yamux } from '@weft/yamux'

export interface Services {
  [name: string]: unknown
  identify: Identify
  identifyPush: IdentifyPush
  ping: Ping
  /** Of a node that was told to answer it. */
  echo?: Echo
  /** Of a node that was told to answer it, or that only dials, and then answers nobody. */
  perf?: Perf
}

/** How a node is made. Without addresses it only dials. */
export type NodeInit = Pick<Libp2pOptions, 'privateKey' | 'metrics' | 'connectionProtector' | 'datastore'> & {
  listen?: string[]
  /** Whether it answers echo. @default false */
  echo?: boolean
  /** Whether it answers perf, which sends as many bytes as any peer asks for. @default false */
  perf?: boolean
}

/** A node that has what the command has, started. */
export async function makeNode({
  listen = [],
  echo: answersEcho = false,
  perf: answersPerf = false,
  ...init
}: NodeInit = {}): Promise<Libp2p<Services>> {
  // To measure a peer is no reason to let it measure back.
  const measures = answersPerf ? perf() : perf({ maxInboundStreams: 0 })
  return await createLibp2p<Services>({
    ...init,
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      ...(answersEcho && { echo: echo() }),
      ...((answersPerf || listen.length === 0) && { perf: measures })
    }
  })
}
