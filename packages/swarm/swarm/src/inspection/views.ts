/** A node's parts as plain data, bounded. */
import type { Connection, Peer, PendingDial, Stream } from '@libp2p/interface'
import {
  bounded,
  clipped,
  type ConnectionView,
  type DialStepView,
  type DialView,
  type ErrorView,
  fitting,
  type OwnAddressView,
  type PeerView,
  type StreamView,
  type Tags,
  transportOf
} from '@weft/interface-inspection'
import type { NodeAddress } from '@weft/interface-node'
import type { DialRecord } from '@weft/dialer'

// Bytes of JSON: beside two lists and a few texts the tags fit a line of 64 KiB.
const maxTagsLength = 4 * 1024
// The steps of a dial are all that its view is about.
const maxStepsLength = 48 * 1024
// UTF-16 units. Ends what a remote has sent, and what lists a hundred addresses.
const maxMessageLength = 2_000

/** `peer`: what the peer store has of whoever is connected. `now`: milliseconds since 1970. */
export function connectionView(connection: Connection, peer: Peer | undefined, now: number): ConnectionView {
  const { id, remotePeer, remoteAddr, direction, encryption, multiplexer, streams, timeline, rtt, limits } = connection
  const protocols = new Set(streams.map(({ protocol }) => protocol).filter(protocol => protocol !== ''))
  return {
    id,
    peer: remotePeer.toString(),
    address: clipped(remoteAddr.toString()),
    direction,
    transport: transportOf(connection),
    ...(encryption === undefined ? {} : { channel: encryption }),
    ...(multiplexer === undefined ? {} : { muxer: multiplexer }),
    streams: streams.length,
    protocols: bounded([...protocols]),
    age: Math.max(0, now - timeline.open),
    ...(rtt === undefined ? {} : { rtt }),
    limited: limits !== undefined,
    tags: tagsOf(peer)
  }
}

/** What weft's streams say beside the contract's. */
interface BufferLengths {
  readBufferLength?: number
  writeBufferLength?: number
}

export function streamView(stream: Stream, connection: Connection, now: number): StreamView {
  const { readBufferLength = 0, writeBufferLength = 0 } = stream as BufferLengths
  return {
    id: stream.id,
    connection: connection.id,
    peer: connection.remotePeer.toString(),
    protocol: clipped(stream.protocol),
    direction: stream.direction,
    status: stream.status,
    age: Math.max(0, now - stream.timeline.open),
    unread: readBufferLength,
    unsent: writeBufferLength
  }
}

export function peerView(peer: Peer, connections: number): PeerView {
  const agent = peer.metadata.get('AgentVersion')
  return {
    peer: peer.id.toString(),
    connections,
    ...(agent === undefined ? {} : { agent: clipped(new TextDecoder().decode(agent.subarray(0, maxMessageLength))) }),
    addresses: bounded(peer.addresses.map(({ multiaddr }) => multiaddr.toString())),
    protocols: bounded(peer.protocols),
    tags: tagsOf(peer)
  }
}

const reasons: Readonly<Record<NodeAddress['type'], string>> = {
  transport: 'a listener is bound to it',
  announce: 'it is configured to be announced',
  observed: 'peers see this node there',
  'dns-mapping': 'a domain name leads to it',
  'ip-mapping': 'a router forwards it'
}

export function ownAddressView({ multiaddr, verified, lastVerified, expires, type }: NodeAddress): OwnAddressView {
  return {
    address: multiaddr.toString(),
    type,
    verified,
    why: verified ? reasons[type] : `${reasons[type]}; not yet verified from outside`,
    ...(lastVerified === undefined ? {} : { lastVerified }),
    ...(Number.isFinite(expires) ? { expires } : {})
  }
}

export function dialView({ id, status, peerId, multiaddrs }: PendingDial, record: DialRecord | undefined): DialView {
  return {
    id,
    status,
    ...(peerId === undefined ? {} : { peer: peerId.toString() }),
    elapsed: record?.elapsed ?? 0,
    addresses: bounded(multiaddrs.map(String)),
    steps: fitting((record?.steps ?? []).map(dialStepView), maxStepsLength)
  }
}

function dialStepView(step: DialRecord['steps'][number]): DialStepView {
  return step.kind === 'failed' ? { ...step, error: errorView(step.error) } : { ...step }
}

export function errorView(error: unknown): ErrorView {
  const { name = 'Error', code, message = String(error) } = (error ?? {}) as Partial<ErrorView>
  const text = message.slice(0, maxMessageLength)
  return typeof code === 'string' ? { name, code, message: text } : { name, message: text }
}

function tagsOf(peer: Peer | undefined): Tags {
  const tags = [...(peer?.tags ?? [])].map(([name, { value }]): [string, number] => [clipped(name), value])
  return Object.fromEntries(fitting(tags, maxTagsLength))
}
