import { Network, type Random, seededRandom, VirtualClock } from '@weft/testkit'
import {
  type DatagramProtocolName,
  DatagramSockets,
  type DatagramUser,
  type LiveId,
  minUdtId,
  udpMagic
} from '../src/index.ts'
import { networkDatagrams } from '../src/compliance/index.ts'

/** Protocols of the traffic: all that weft speaks on one port, QUIC's form included. */
const protocols = ['utp', 'udt', 'cjdns', 'udp', 'quic'] as const

/** Connections of each protocol between the two sockets; cjdns has one. */
const connections = 40

/** Where a protocol's own payload begins: there the sender writes whose packet it is. */
const payloadAt = { utp: 20, udt: 16, cjdns: 20, udp: 8, quic: 14 }

/** What came of the packets. */
export interface MixedTraffic {
  sent: number
  delivered: { [name in DatagramProtocolName]: number }
  first: { [name in DatagramProtocolName]: number }
  misdelivered: number
  dropped: number
}

/**
 * Sends packets of five protocols' shapes between two sockets, those of live connections and first ones, everything in them
 * that is free random, and counts whether each came to its owner.
 */
export async function mixedTraffic(packets: number, seed: number): Promise<MixedTraffic> {
  const clock = new VirtualClock()
  const network = new Network({ clock, seed, logged: false })
  const sockets = new DatagramSockets({ bind: networkDatagrams(network) })
  const random = seededRandom(seed)
  const none = { utp: 0, udt: 0, cjdns: 0, udp: 0, quic: 0 }
  const result: MixedTraffic = {
    sent: packets,
    delivered: { ...none },
    first: { ...none },
    misdelivered: 0,
    dropped: 0
  }
  const one = await Side.open(sockets, random, { host: '10.0.0.1', port: 4001 }, result)
  const two = await Side.open(sockets, random, { host: '10.0.0.2', port: 4001 }, result)
  one.connect(two)
  two.connect(one)
  // One buffer for all: the network copies what is sent.
  const buffer = new Uint8Array(200)
  for (let i = 0; i < packets; i++) {
    ;(i % 2 === 0 ? one : two).send(buffer)
    if (i % 1000 === 999) clock.runUntilIdle()
  }
  clock.runUntilIdle()
  result.dropped = one.counts.unknown + two.counts.unknown
  await Promise.all([one.close(), two.close()])
  return result
}

class Side {
  private readonly _users: Map<DatagramProtocolName, DatagramUser>
  private readonly _random: Random
  private readonly _result: MixedTraffic
  private readonly _ids = new Map<DatagramProtocolName, LiveId[]>()
  private _other: Side | undefined

  private constructor(users: Map<DatagramProtocolName, DatagramUser>, random: Random, result: MixedTraffic) {
    this._users = users
    this._random = random
    this._result = result
  }

  static async open(
    sockets: DatagramSockets,
    random: Random,
    local: { host: string; port: number },
    result: MixedTraffic
  ): Promise<Side> {
    const users = new Map<DatagramProtocolName, DatagramUser>()
    const side = new Side(users, random, result)
    for (const [at, protocol] of protocols.entries()) {
      const onFirst = (view: Uint8Array): void => side._check('first', view, protocol, firstOwner + at)
      // oxlint-disable-next-line no-await-in-loop
      users.set(protocol, await sockets.open(local, { protocol, onFirst }))
    }
    return side
  }

  get counts(): { unknown: number } {
    return this._users.get('utp')!.counts
  }

  /** Claims the ids under which the other side sends. */
  connect(other: Side): void {
    this._other = other
    for (const protocol of protocols) {
      const ids: LiveId[] = []
      for (let i = 0; i < (protocol === 'cjdns' ? 1 : connections); i++) {
        const live = this._newId(protocol)
        const owner = i
        const onDatagram = (view: Uint8Array): void => this._check('delivered', view, protocol, owner)
        this._users.get(protocol)!.claim(other._users.get(protocol)!.local, { live, onDatagram, dialed: true })
        ids.push(live)
      }
      this._ids.set(protocol, ids)
    }
  }

  send(buffer: Uint8Array): void {
    const random = this._random
    const view = new DataView(buffer.buffer)
    for (let at = 0; at < buffer.byteLength; at += 4) view.setUint32(at, random.integer(0x100000000))
    const at = random.integer(protocols.length)
    const protocol = protocols[at]!
    const other = this._other!
    let length = buffer.byteLength
    if (random.integer(20) === 0) {
      length = first(protocol, view)
      // A handshake of a remote that has a session of cjdns is that session's: it may be set up anew.
      view.setUint16(ownerOffset(protocol), protocol === 'cjdns' ? 0 : firstOwner + at)
    } else {
      const ids = other._ids.get(protocol)!
      const owner = random.integer(ids.length)
      live(ids[owner]!, view, random)
      view.setUint16(ownerOffset(protocol), owner)
    }
    this._users.get(protocol)!.send(buffer.subarray(0, length), other._users.get(protocol)!.local)
  }

  async close(): Promise<void> {
    await Promise.all([...this._users.values()].map(user => user.close()))
  }

  private _newId(protocol: DatagramProtocolName): LiveId {
    const random = this._random
    if (protocol === 'cjdns') return { protocol }
    if (protocol === 'quic') {
      return { protocol, id: Uint8Array.from({ length: 8 }, () => random.integer(256)) }
    }
    if (protocol === 'utp') return { protocol, id: random.integer(0x10000) }
    if (protocol === 'udt') return { protocol, id: minUdtId + random.integer(0x40000000) }
    return { protocol, id: random.integer(0x100000000) }
  }

  private _check(kind: 'first' | 'delivered', view: Uint8Array, protocol: DatagramProtocolName, owner: number): void {
    const at = ownerOffset(protocol)
    if (((view[at]! << 8) | view[at + 1]!) === owner) this._result[kind][protocol]++
    else this._result.misdelivered++
  }
}

/** Owners of first packets are numbered from here by their protocol. */
const firstOwner = 1000

function ownerOffset(protocol: DatagramProtocolName): number {
  return payloadAt[protocol] + 4
}

/** Makes of random bytes a first packet; returns its length. */
function first(protocol: DatagramProtocolName, view: DataView): number {
  switch (protocol) {
    case 'utp':
      view.setUint8(0, 0x41)
      break
    case 'udt':
      view.setUint32(0, 0x80000000)
      view.setUint32(12, 0)
      return 64
    case 'cjdns':
      view.setUint32(0, view.getUint8(0) & 3)
      break
    case 'udp':
      view.setUint32(0, udpMagic)
      break
    default:
      view.setUint8(0, view.getUint8(0) | 0xc0)
  }
  return view.byteLength
}

/** Makes of random bytes a packet of a live connection. */
function live(id: LiveId, view: DataView, random: Random): void {
  switch (id.protocol) {
    case 'utp':
      view.setUint8(0, (random.integer(4) << 4) | 1)
      view.setUint16(2, id.id)
      // Its window, of at most 1 GiB.
      view.setUint32(12, view.getUint32(12) & 0x3fffffff)
      break
    case 'udt':
      // Data of any sequence number, or a control packet.
      view.setUint32(
        0,
        random.integer(2) === 0 ? view.getUint32(0) & 0x7fffffff : 0x80000000 + random.integer(9) * 65_536
      )
      view.setUint32(12, id.id)
      break
    case 'cjdns':
      view.setUint32(0, 4 + random.integer(0x00fffff0))
      break
    case 'udp':
      view.setUint32(0, udpMagic)
      view.setUint32(4, id.id)
      break
    default: {
      const isLong = random.integer(4) === 0
      view.setUint8(0, isLong ? view.getUint8(0) | 0xc0 : (view.getUint8(0) & 0x3f) | 0x40)
      if (isLong) view.setUint8(5, 8)
      for (const [at, byte] of id.id.entries()) view.setUint8((isLong ? 6 : 1) + at, byte)
    }
  }
}
