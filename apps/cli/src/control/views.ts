/** What a node shows of its parts on the control socket: plain data, bounded, as it is printed with `--json`. */
import type { Connection, Peer, PendingDial } from '@libp2p/interface'
import type { DialRecord } from '@weft/libp2p'
import { traceStep } from '../trace/step.ts'
import { type End, reasonOf, type Stage, type Timeline, timelines } from '../trace/timeline.ts'

/** A dial that waits or runs. */
export interface DialView {
  id: string
  status: PendingDial['status']
  peer?: string
  /** Milliseconds since it began. */
  elapsed: number
  addresses: AddressView[]
  /** Addresses for which there was no room. */
  omitted?: number
}

/** An address of a dial. */
export interface AddressView {
  address: string
  /** Who brought it. */
  source: string
  /** The stage that it is at, or how it ended. */
  state: Stage | End['kind']
  /** Why it ended so, or what it waits for. */
  reason?: string
}

/** An open connection. Times are in ms. */
export interface ConnectionView {
  id: string
  peer: string
  address: string
  direction: Connection['direction']
  transport: string
  channel?: string
  muxer?: string
  streams: number
  /** Names of the protocols that its streams speak. */
  protocols: string[]
  /** Since it was opened. */
  age: number
  rtt?: number
  tags: Tags
}

/** What is known of a peer. */
export interface PeerView {
  peer: string
  /** Open ones. */
  connections: number
  agent?: string
  addresses: string[]
  protocols: string[]
  tags: Tags
}

/** Values of a peer's tags by their names. */
export type Tags = Record<string, number>

export function dialView({ id, status, peerId }: PendingDial, record: DialRecord | undefined): DialView {
  const all = timelines((record?.steps ?? []).map(traceStep)).map(addressView)
  const addresses = fitting(all, maxAddressesLength)
  return {
    id,
    status,
    ...(peerId === undefined ? {} : { peer: peerId.toString() }),
    elapsed: record?.elapsed ?? 0,
    addresses,
    ...(addresses.length === all.length ? {} : { omitted: all.length - addresses.length })
  }
}

function addressView({ address, source, spans, waiting, end }: Timeline): AddressView {
  const reason = end === undefined ? waiting?.for : reasonOf(end)
  return {
    address: clipped(address),
    source: clipped(source),
    state: end?.kind ?? spans.at(-1)?.stage ?? 'wait',
    ...(reason === undefined ? {} : { reason: clipped(reason) })
  }
}

/** `peer`: what the peer store has of whoever is connected. `now`: milliseconds since 1970. */
export function connectionView(connection: Connection, peer: Peer | undefined, now: number): ConnectionView {
  const { id, remotePeer, remoteAddr, direction, encryption, multiplexer, streams, timeline, rtt } = connection
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
    tags: tagsOf(peer)
  }
}

export function peerView(peer: Peer, connections: number): PeerView {
  const agent = peer.metadata.get('AgentVersion')
  return {
    peer: peer.id.toString(),
    connections,
    ...(agent === undefined ? {} : { agent: clipped(new TextDecoder().decode(agent.subarray(0, maxTextLength))) }),
    addresses: bounded(peer.addresses.map(({ multiaddr }) => multiaddr.toString())),
    protocols: bounded(peer.protocols),
    tags: tagsOf(peer)
  }
}

/** What carries a connection, by the innermost name in its address that says so. */
export function transportOf({ remoteAddr }: Pick<Connection, 'remoteAddr'>): string {
  const names = remoteAddr.getComponents().map(({ name }) => name)
  const found = names.findLast(name => transports.has(name))
  return found === 'p2p-circuit' ? 'relay' : found === 'quic-v1' ? 'quic' : (found ?? 'unknown')
}

const transports = new Set(
  'tcp udp ws wss quic-v1 webtransport webrtc webrtc-direct utp udt unix memory p2p-circuit'.split(' ')
)

// UTF-16 units of a text that a peer has sent: in JSON each takes six bytes at most.
const maxTextLength = 512
// Bytes of JSON. Two lists, the tags and a few texts fit a line.
const maxListLength = 24 * 1024
const maxTagsLength = 4 * 1024
// The addresses of a dial are all that its line is about.
const maxAddressesLength = 56 * 1024

function clipped(text: string): string {
  return text.length <= maxTextLength ? text : `${text.slice(0, maxTextLength - 1)}…`
}

/** As many texts as there is room for; a last one says how many were left out. */
function bounded(texts: readonly string[]): string[] {
  const kept = fitting(texts.map(clipped), maxListLength)
  return kept.length === texts.length ? kept : [...kept, `… ${texts.length - kept.length} more`]
}

function tagsOf(peer: Peer | undefined): Tags {
  const tags = [...(peer?.tags ?? [])].map(([name, { value }]): [string, number] => [clipped(name), value])
  return Object.fromEntries(fitting(tags, maxTagsLength))
}

/** The first of these values whose JSON is no longer than `length` bytes. */
function fitting<T>(values: readonly T[], length: number): T[] {
  let left = length
  const end = values.findIndex(value => {
    left -= Buffer.byteLength(JSON.stringify(value)) + 1
    return left < 0
  })
  return values.slice(0, end === -1 ? values.length : end)
}
