import { Network, VirtualClock } from '@weft/testkit'
import { describe, expect, it } from 'vitest'
import { networkDatagrams } from '../src/compliance/index.ts'
import {
  type DatagramAddress,
  DatagramSockets,
  datagramSocketsOf,
  datagramSocketsSymbol,
  type DatagramReceiver,
  type DatagramSocket,
  type DatagramSocketsOptions,
  firstPackets,
  udpMagic
} from '../src/index.ts'

const here = { host: '10.0.0.1', port: 4001 }
const there = { host: '10.0.0.2', port: 4001 }
const syn = packet(20, 0x41000000)
const data = (id: number): Uint8Array => packet(20, 0x01000000 + id)

function packet(length: number, first: number): Uint8Array {
  const bytes = new Uint8Array(length)
  new DataView(bytes.buffer).setUint32(0, first)
  return bytes
}

/** A socket that notes what is sent, takes as much as `room` says, and is told by hand what it receives. */
class FakeSocket implements DatagramSocket {
  readonly local: DatagramAddress
  readonly sent: Array<{ bytes: number; to: DatagramAddress }> = []
  receiver!: DatagramReceiver
  room = Number.POSITIVE_INFINITY
  closed = 0

  constructor(local: DatagramAddress) {
    this.local = local.port === 0 ? { ...local, port: 50_000 } : local
  }

  send(view: Uint8Array, to: DatagramAddress): boolean {
    if (this.room-- <= 0) return false
    this.sent.push({ bytes: view.byteLength, to })
    return true
  }

  receive(receiver: DatagramReceiver): void {
    this.receiver = receiver
  }

  async close(): Promise<void> {
    this.closed++
  }
}

function fakeSockets(options: DatagramSocketsOptions = {}): { sockets: DatagramSockets; made: FakeSocket[] } {
  const made: FakeSocket[] = []
  const bind = async (local: DatagramAddress): Promise<FakeSocket> => {
    const socket = new FakeSocket(local)
    made.push(socket)
    return socket
  }
  return { sockets: new DatagramSockets({ bind, ...options }), made }
}

describe('sockets of a node', () => {
  it('are one for an address, for all protocols, and closed with the last user', async () => {
    const { sockets, made } = fakeSockets()
    const [utp, udt] = await Promise.all([
      sockets.open(here, { protocol: 'utp' }),
      sockets.open(here, { protocol: 'udt' })
    ])
    expect(made.length).toBe(1)
    await utp.close()
    await utp.close()
    expect(made[0]!.closed).toBe(0)
    await udt.close()
    expect([made[0]!.closed, sockets.size]).toEqual([1, 0])
    await sockets.open(here, { protocol: 'utp' })
    expect(made.length).toBe(2)
  })

  it('are joined under the port that the system chose', async () => {
    const { sockets, made } = fakeSockets()
    const utp = await sockets.open({ host: here.host, port: 0 }, { protocol: 'utp' })
    await sockets.open({ host: here.host, port: utp.local.port }, { protocol: 'udt' })
    expect([made.length, sockets.size]).toEqual([1, 1])
  })

  it('have one user of a protocol', async () => {
    const { sockets } = fakeSockets()
    await sockets.open(here, { protocol: 'utp' })
    await expect(sockets.open(here, { protocol: 'utp' })).rejects.toMatchObject({ code: 'ERR_PROTOCOL_TAKEN' })
  })

  it('are forgotten when they could not be bound', async () => {
    const sockets = new DatagramSockets({ bind: () => Promise.reject(new Error('taken')) })
    await expect(sockets.open(here, { protocol: 'utp' })).rejects.toThrow('taken')
    expect(sockets.size).toBe(0)
  })

  it('stand under a symbol on the components, and beside the upgrader where those take no names', () => {
    const upgrader = {} as Parameters<typeof datagramSocketsOf>[0]['upgrader']
    const open: Parameters<typeof datagramSocketsOf>[0] = { upgrader: {} as typeof upgrader }
    expect(datagramSocketsOf(open)).toBe(open[datagramSocketsSymbol])
    expect(datagramSocketsOf(open)).toBe(datagramSocketsOf(open))
    const closed = Object.freeze({ upgrader })
    expect(datagramSocketsOf(closed)).toBe(datagramSocketsOf(Object.freeze({ upgrader })))
  })
})

describe('a shared socket', () => {
  it('gives what is alive to its id, first packets to their protocol, and drops the rest', async () => {
    const { sockets, made } = fakeSockets()
    const told: string[] = []
    const user = await sockets.open(here, {
      protocol: 'utp',
      onFirst: () => told.push('first'),
      onTurn: () => told.push('turn')
    })
    await sockets.open(here, { protocol: 'udt', onTurn: () => told.push('another turn') })
    const claim = user.claim(there, { live: { protocol: 'utp', id: 7 }, onDatagram: () => told.push('seven') })
    const { receiver } = made[0]!
    receiver.onDatagram(data(7), there)
    receiver.onDatagram(syn, there)
    receiver.onDatagram(data(8), there)
    receiver.onDatagram(data(7), { ...there, port: 4002 })
    receiver.onTurn()
    claim.release()
    receiver.onDatagram(data(7), there)
    receiver.onTurn()
    expect(told).toEqual(['seven', 'first', 'turn'])
    expect(user.counts).toMatchObject({ received: 5, unknown: 3 })
  })

  it('sends an unproven source no more than it received of it, and one that is dialed or proven what it likes', async () => {
    const { sockets, made } = fakeSockets()
    const user = await sockets.open(here, { protocol: 'utp', onFirst() {} })
    expect(user.send(syn, there)).toBe(false)
    made[0]!.receiver.onDatagram(syn, there)
    expect(user.send(new Uint8Array(21), there)).toBe(false)
    expect(user.send(new Uint8Array(20), there)).toBe(true)
    expect(user.send(new Uint8Array(1), there)).toBe(false)
    user.prove(there)
    expect(user.send(new Uint8Array(1000), there)).toBe(true)
    const dialed = { host: '10.0.0.3', port: 1 }
    const claim = user.claim(dialed, { live: { protocol: 'utp', id: 1 }, onDatagram() {}, dialed: true })
    expect(claim.send(new Uint8Array(1000))).toBe(true)
    claim.release()
    expect(user.send(new Uint8Array(1), dialed)).toBe(false)
    expect(user.counts.unproven).toBe(4)
  })

  it('asks for admission only when the source is proven', async () => {
    const asked: unknown[] = []
    const admission = {
      admit: (ip: string | undefined) => {
        asked.push(ip)
        return undefined
      }
    }
    const { sockets, made } = fakeSockets({ admission })
    const user = await sockets.open(here, { protocol: 'utp', onFirst() {} })
    expect(() => user.prove(there)).toThrow(expect.objectContaining({ code: 'ERR_UNPROVEN' }))
    made[0]!.receiver.onDatagram(syn, there)
    expect(() => user.admit(there)).toThrow(expect.objectContaining({ code: 'ERR_UNPROVEN' }))
    expect(asked).toEqual([])
    user.prove(there)
    expect(user.admit(there)).toBe(undefined)
    expect(asked).toEqual([there.host])
  })

  it('remembers a bounded number of sources, and nothing of those that nobody may answer', async () => {
    const { sockets, made } = fakeSockets({ limits: { maxUnproven: 10 } })
    const user = await sockets.open(here, { protocol: 'utp', onFirst() {} })
    const source = (port: number): DatagramAddress => ({ host: '10.9.9.9', port })
    for (let port = 1; port <= 1000; port++) made[0]!.receiver.onDatagram(syn, source(port))
    expect(user.send(syn, source(990))).toBe(false)
    expect(user.send(syn, source(991))).toBe(true)
    for (let port = 2000; port < 3000; port++) made[0]!.receiver.onDatagram(data(1), source(port))
    expect(user.send(syn, source(1000))).toBe(true)
  })

  it('keeps a bounded number of remotes and of ids of each', async () => {
    const { sockets } = fakeSockets({ limits: { maxRemotes: 2, maxIds: 2 } })
    const user = await sockets.open(here, { protocol: 'utp' })
    const claim = (port: number, id: number) =>
      user.claim({ ...there, port }, { live: { protocol: 'utp', id }, onDatagram() {} })
    claim(1, 1)
    expect(() => claim(1, 1)).toThrow(expect.objectContaining({ code: 'ERR_ID' }))
    claim(1, 2)
    expect(() => claim(1, 3)).toThrow(expect.objectContaining({ code: 'ERR_TOO_MANY' }))
    const second = claim(2, 1)
    expect(() => claim(3, 1)).toThrow(expect.objectContaining({ code: 'ERR_TOO_MANY' }))
    second.release()
    claim(3, 1)
  })

  it('queues what the system does not take, a bounded number for each remote, and sends it in turn', async () => {
    const { sockets, made } = fakeSockets()
    let drained = 0
    const user = await sockets.open(here, { protocol: 'utp', onDrain: () => drained++ })
    const claim = (port: number) =>
      user.claim({ ...there, port }, { live: { protocol: 'utp', id: 1 }, onDatagram() {}, dialed: true })
    const [a, b] = [claim(1), claim(2)]
    made[0]!.room = 1
    const taken = Array.from({ length: 100 }, () => a.send(data(1))).filter(Boolean).length
    expect(taken).toBe(65)
    expect(b.send(data(1))).toBe(true)
    made[0]!.room = 3
    made[0]!.receiver.onDrain()
    expect(made[0]!.sent.map(({ to }) => to.port)).toEqual([1, 1, 2, 1])
    expect(drained).toBe(0)
    made[0]!.room = 1000
    made[0]!.receiver.onDrain()
    expect([made[0]!.sent.length, drained, user.counts.full]).toEqual([66, 1, 35])
  })

  it('refuses ids that its protocol cannot have beside the others', async () => {
    const { sockets } = fakeSockets()
    const udt = await sockets.open(here, { protocol: 'udt' })
    const quic = await sockets.open(here, { protocol: 'quic' })
    const onDatagram = (): void => {}
    for (const claim of [
      () => udt.claim(there, { live: { protocol: 'udt', id: 0x3fffffff }, onDatagram }),
      () => quic.claim(there, { live: { protocol: 'quic', id: new Uint8Array(7) }, onDatagram }),
      () => quic.claim(there, { live: { protocol: 'udt', id: 0x40000000 }, onDatagram })
    ]) {
      expect(claim).toThrow(expect.objectContaining({ code: 'ERR_ID' }))
    }
  })

  it('works over a network, for listening and dialing from one port', async () => {
    const clock = new VirtualClock()
    const bind = networkDatagrams(new Network({ clock, seed: 1, link: { latency: 5 } }))
    const heard: DatagramAddress[] = []
    const first = packet(8, udpMagic)
    expect(firstPackets.udp(first)).toBe(true)
    const one = await new DatagramSockets({ bind }).open(here, {
      protocol: 'udp',
      onFirst: (_, from) => heard.push(from)
    })
    const two = await new DatagramSockets({ bind }).open(there, {
      protocol: 'udp',
      onFirst: (view, from) => {
        heard.push(from)
        two.send(new Uint8Array(view), from)
      }
    })
    one.claim(there, { live: { protocol: 'udp', id: 5 }, onDatagram() {}, dialed: true }).send(first)
    clock.runUntilIdle()
    expect(heard).toEqual([here, there])
  })
})
