/**
 * A network of real kad services on virtual time. What is simulated is the node under each: connections are there after a round
 * trip, streams are pairs in this process, and identify tells at once who serves. Everything follows from the seed.
 */
import {
  ConnectionFailedError,
  NotFoundError,
  UnsupportedProtocolError
} from '../../packages/generic/errors/src/index.ts'
import { EventEmitter } from '../../packages/generic/events/src/index.ts'
import { type Multiaddr, multiaddr, p2pBytesOf } from '../../packages/generic/multiaddr/src/index.ts'
import { peerIdFromMultihashBytes } from '../../packages/generic/peer-id/src/index.ts'
import { seededRandom, type Random } from '../../packages/generic/testkit/src/index.ts'
import { VirtualGlobals } from '../../packages/generic/testkit/src/virtual-globals.ts'
import { MemoryDatastore } from '../../packages/records/memory-datastore/src/index.ts'
import type { KadComponents } from '../../packages/routing/kad-routing/src/components.ts'
import { compareDistance, type KadKey, placeOf } from '../../packages/routing/kad-routing/src/core/key.ts'
import { kadRouting, type KadRouting, KAD_PROTOCOL } from '../../packages/routing/kad-routing/src/index.ts'
import { streamPair } from '../../packages/swarm/interface-protocol/src/compliance/index.ts'

type PeerId = KadComponents['peerId']
type Topology = Parameters<KadComponents['registrar']['register']>[1]
type Connection = ReturnType<KadComponents['connectionManager']['getConnections']>[number]
/** Takes streams of the protocol. */
export type StreamHandler = Parameters<KadComponents['registrar']['handle']>[1]

/** Milliseconds of a round trip, at least and at most. */
const roundTrip = [20, 200] as const
/** Milliseconds until a dial of a node that has left fails: half of them are refused, half answer nothing. */
const refused = 200
const silent = 5000

const log = Object.assign(() => {}, { error: () => {}, trace: () => {}, newScope: () => log }) as object

/** How a node serves. */
export type Serve = (node: SimNode, honest: StreamHandler) => StreamHandler

/** One node. */
export class SimNode {
  readonly index: number
  readonly peerId: PeerId
  readonly place: KadKey
  readonly address: Multiaddr
  readonly service: KadRouting
  readonly connections = new Map<string, Connection[]>()
  /** What it does not do as others do. */
  readonly role: string
  isUp = true
  private readonly _world: World
  private _topology: Topology | undefined
  private _handler: StreamHandler | undefined

  constructor(world: World, index: number, role: string, serve: Serve | undefined) {
    this._world = world
    this.index = index
    this.role = role
    // An Ed25519 id whose key nobody has: ids are compared and hashed here, nothing is signed.
    this.peerId = peerIdFromMultihashBytes(world.nextId())
    this.place = placeOf(this.peerId.toMultihash().bytes)
    const { random } = world
    const octet = (): number => 1 + random.integer(250)
    this.address = multiaddr(`/ip4/${11 + random.integer(80)}.${octet()}.${octet()}.${octet()}/tcp/4001`)
    this.service = kadRouting(world.init)(this._components(serve))
  }

  /** Whom it takes streams of. */
  get handler(): StreamHandler | undefined {
    return this._handler
  }

  /** Is told of a connection, and by identify whether the other serves. */
  connected(connection: Connection, other: SimNode): void {
    const key = other.peerId.toString()
    const known = this.connections.get(key)
    if (known === undefined) this.connections.set(key, [connection])
    else known.push(connection)
    if (known === undefined && other.handler !== undefined) void this._topology?.onConnect?.(other.peerId, connection)
  }

  /** Leaves: its connections end, and nobody reaches it again. */
  async leave(): Promise<void> {
    this.isUp = false
    await this.service.stop()
    for (const key of this.connections.keys()) {
      const other = this._world.byId.get(key)
      if (other === undefined) continue
      other.connections.delete(this.peerId.toString())
      void other._topology?.onDisconnect?.(this.peerId)
    }
    this.connections.clear()
    for (const stream of this._world.streamsOf(this)) stream.abort(new Error('the node has left'))
  }

  private _components(serve: Serve | undefined): KadComponents {
    const world = this._world
    return {
      peerId: this.peerId,
      registrar: {
        handle: async (_protocol, handler) => {
          this._handler = serve === undefined ? handler : serve(this, handler)
        },
        unhandle: async () => {
          this._handler = undefined
        },
        register: async (_protocol, topology) => {
          this._topology = topology
          return 'topology'
        },
        unregister: () => {
          this._topology = undefined
        }
      },
      connectionManager: {
        getConnections: peer => (peer === undefined ? [] : (this.connections.get(peer.toString()) ?? [])),
        openStream: (target, _protocol, options) => world.open(this, target as PeerId | Multiaddr[], options?.signal)
      },
      addressManager: { getAddresses: () => [this.address] },
      peerStore: {
        async get(peer) {
          const node = world.byId.get(peer.toString())
          if (node === undefined) throw new NotFoundError('nobody')
          return { id: peer, addresses: [{ multiaddr: node.address, isCertified: false }] } as never
        },
        all: async () => []
      },
      events: new EventEmitter<Record<string, unknown>>() as unknown as KadComponents['events'],
      datastore: new MemoryDatastore(),
      logger: { forComponent: () => log } as unknown as KadComponents['logger']
    }
  }
}

/** What a world is made of. */
export interface WorldOptions {
  /** An integer of 0 to 2^32-1, from which all follows. */
  seed: number
  /** Options of each service. */
  init?: Parameters<typeof kadRouting>[0]
}

/** All nodes, the network between them, and the time. */
export class World {
  readonly globals = new VirtualGlobals()
  readonly random: Random
  readonly nodes: SimNode[] = []
  readonly byId = new Map<string, SimNode>()
  readonly init: Parameters<typeof kadRouting>[0]
  private readonly _restore: () => void
  private readonly _ids: Random
  private readonly _streams = new Map<SimNode, Set<{ abort(error: Error): void }>>()

  constructor({ seed, init = {} }: WorldOptions) {
    this.random = seededRandom(seed)
    this.init = init
    this._ids = this.random.fork('ids')
    // What the services draw follows from the seed too.
    const drawn = this.random.fork('drawn')
    const [getRandomValues, random] = [crypto.getRandomValues, Math.random]
    crypto.getRandomValues = array => {
      const bytes = array as unknown as Uint8Array
      bytes.set(drawn.bytes(bytes.byteLength))
      return array
    }
    Math.random = () => drawn.next()
    this._restore = () => {
      crypto.getRandomValues = getRandomValues
      Math.random = random
    }
  }

  /** Nodes that are up. */
  get up(): SimNode[] {
    return this.nodes.filter(({ isUp }) => isUp)
  }

  nextId(): Uint8Array {
    // Of an inlined Ed25519 key: six bytes before it say so.
    const id = new Uint8Array(38)
    id.set([0x00, 0x24, 0x08, 0x01, 0x12, 0x20])
    id.set(this._ids.bytes(32), 6)
    return id
  }

  /** One more node, started, which knows one of those that are up. Resolves when it has explored its table. */
  async join(role: string = 'honest', serve?: Serve): Promise<SimNode> {
    const node = new SimNode(this, this.nodes.length, role, serve)
    const others = this.up
    this.nodes.push(node)
    this.byId.set(node.peerId.toString(), node)
    await node.service.start()
    if (others.length === 0) return node
    for (let i = 0; i < 2; i++) {
      const known = others[this.random.integer(others.length)]!
      if (known.isUp) this._connect(node, known)
    }
    for (let i = 0; i < 100 && node.service.routingTable.size === 0; i++) await pause(50)
    await node.service.refreshRoutingTable()
    return node
  }

  /** A stream from one node to another, which is connected first. */
  async open(from: SimNode, target: PeerId | Multiaddr[], signal: AbortSignal | undefined) {
    const id = Array.isArray(target) ? peerIdFromMultihashBytes(p2pBytesOf(target[0]!)!) : target
    const to = this.byId.get(id.toString())
    if (to?.isUp !== true) {
      await pause(this.random.chance(0.5) ? refused : silent, signal)
      throw new ConnectionFailedError('nobody is there')
    }
    const [least, most] = roundTrip
    const isConnected = from.connections.has(id.toString())
    await pause((isConnected ? 1 : 3) * (least + this.random.next() * (most - least)), signal)
    if (!to.isUp || !from.isUp) throw new ConnectionFailedError('it has left')
    if (!isConnected) this._connect(from, to)
    const { handler } = to
    if (handler === undefined) throw new UnsupportedProtocolError(KAD_PROTOCOL)
    const [near, far] = streamPair()
    for (const [node, stream] of [
      [from, near],
      [to, far]
    ] as const) {
      const streams = this._streams.get(node) ?? new Set()
      this._streams.set(node, streams.add(stream))
      stream.addEventListener('close', () => void streams.delete(stream))
    }
    void handler(far, to.connections.get(from.peerId.toString())![0]!)
    return near
  }

  streamsOf(node: SimNode): Array<{ abort(error: Error): void }> {
    return [...(this._streams.get(node) ?? [])]
  }

  /** The closest to a place of some nodes. */
  closest(place: KadKey, count: number, of: readonly SimNode[] = this.up): SimNode[] {
    return of.toSorted((a, b) => compareDistance(place, a.place, b.place)).slice(0, count)
  }

  /** Ends all nodes and gives the globals back. */
  async end(): Promise<void> {
    await this.globals.until(Promise.all(this.up.map(node => node.leave())))
    this.globals.restore()
    this._restore()
  }

  private _connect(from: SimNode, to: SimNode): void {
    const connection = ({ peerId, address }: SimNode, direction: string): Connection =>
      ({ remotePeer: peerId, remoteAddr: address, status: 'open', direction }) as unknown as Connection
    if (from.connections.has(to.peerId.toString())) return
    from.connected(connection(to, 'outbound'), to)
    to.connected(connection(from, 'inbound'), from)
  }
}

/** Virtual milliseconds. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, ms)
    const abort = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    if (signal?.aborted === true) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  })
}
