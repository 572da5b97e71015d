/** Nodes without a swarm: a registrar, a peer store and connections whose streams are pairs in this process. */
import type { Connection, IdentifyResult, Libp2pEvents, Peer, PeerData, PrivateKey, Stream } from '@libp2p/interface'
import { NotFoundError } from '@weft/errors'
import { EventEmitter } from '@weft/events'
import { messageStreamPair } from '@weft/interface-connection/compliance'
import { type Multiaddr, multiaddr } from '@weft/multiaddr'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import type { IdentifyPushComponents } from '../src/index.ts'

type Handler = (stream: Stream, connection: Connection) => void | Promise<void>

const log: any = Object.assign(() => {}, { error() {}, trace() {}, enabled: false, newScope: () => log })

export class FakeNode {
  readonly handlers = new Map<string, Handler>()
  readonly limits = new Map<string, unknown>()
  readonly peers = new Map<string, Peer>()
  readonly observed: string[] = []
  readonly identified: IdentifyResult[] = []
  readonly connections: Connection[] = []
  addresses: Multiaddr[] = []
  protocols: string[] | undefined
  components!: IdentifyPushComponents

  static async create(userAgent = 'weft/test'): Promise<FakeNode> {
    const node = new FakeNode()
    const privateKey = await generateKeyPair('Ed25519')
    const events = new EventEmitter<Libp2pEvents>()
    events.addEventListener('peer:identify', event => node.identified.push(event.detail))
    node.components = { ...node._parts(privateKey), events, nodeInfo: { name: 'weft', version: '1', userAgent } }
    return node
  }

  peer(of: FakeNode): Peer {
    return this.peers.get(of.components.peerId.toString())!
  }

  /** Its addresses or protocols are others now. */
  changed(): void {
    this.components.events.safeDispatchEvent('self:peer:update', { detail: { peer: this.peer(this) } })
  }

  private _parts(privateKey: PrivateKey): Omit<IdentifyPushComponents, 'events' | 'nodeInfo'> {
    const write = (id: { toString(): string }, data: PeerData, union: boolean): any => {
      const peer = this.peers.get(id.toString()) ?? ({ id, addresses: [], protocols: [], metadata: new Map() } as any)
      const metadata = data.metadata instanceof Map ? data.metadata : new Map(Object.entries(data.metadata ?? {}))
      const next = { ...peer, ...data, metadata: new Map([...peer.metadata, ...metadata]) }
      if (union) next.protocols = [...new Set([...peer.protocols, ...(data.protocols ?? [])])]
      this.peers.set(id.toString(), next)
      return next
    }
    return {
      privateKey,
      peerId: peerIdFromPrivateKey(privateKey),
      logger: { forComponent: () => log },
      peerStore: {
        get: async (id: any) => {
          const peer = this.peers.get(id.toString())
          if (peer === undefined) throw new NotFoundError()
          return peer
        },
        patch: async (id: any, data: PeerData) => write(id, data, false),
        merge: async (id: any, data: PeerData) => write(id, data, true)
      } as any,
      registrar: {
        getProtocols: () => this.protocols ?? [...this.handlers.keys()].toSorted(),
        handle: async (protocol, handler, limits) => {
          this.handlers.set(protocol as string, handler as Handler)
          this.limits.set(protocol as string, limits)
        },
        unhandle: async protocol => void this.handlers.delete(protocol)
      },
      addressManager: {
        getAddresses: () => this.addresses,
        addObservedAddr: address => this.observed.push(address.toString())
      },
      connectionManager: { getConnections: () => this.connections }
    }
  }
}

/** A connection between two nodes, as each of them sees it. Streams open with the other's handler. */
export function connect(a: FakeNode, b: FakeNode): [Connection, Connection] {
  const ends = [side(b, '/ip4/1.1.1.1/udp/4001/quic-v1'), side(a, '/ip4/8.8.8.8/udp/4002/quic-v1')] as const
  ends[0].newStream = async (protocol: string) => open(protocol, ends[1], b)
  ends[1].newStream = async (protocol: string) => open(protocol, ends[0], a)
  a.connections.push(ends[0])
  b.connections.push(ends[1])
  return [ends[0], ends[1]]
}

/** Two ends of a stream. */
export function streamPair(): [Stream, Stream] {
  return messageStreamPair().map(end =>
    Object.assign(end, { id: '1', protocol: '', closeRead: async () => (end as any).discardReads() })
  ) as unknown as [Stream, Stream]
}

function open(protocol: string, remote: Connection, node: FakeNode): Stream {
  const [near, far] = streamPair()
  const handler = node.handlers.get(protocol)
  if (handler === undefined) throw Object.assign(new Error(protocol), { name: 'UnsupportedProtocolError' })
  void handler(far, remote)
  return near
}

function side(remote: FakeNode, address: string): any {
  const { peerId } = remote.components
  return { remotePeer: peerId, remoteAddr: multiaddr(`${address}/p2p/${peerId.toString()}`), limits: undefined, log }
}
