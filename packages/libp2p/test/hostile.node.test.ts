import { concat, encodeLengthPrefixed, encodeVarint, fromHex, toHex } from '@weft/bytes'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { line, proposal } from '../../../wirekit/multistream.mjs'
import {
  type Frame,
  DATA as yamuxData,
  FIN as yamuxFin,
  frame as yamuxFrame,
  GO_AWAY as yamuxGoAway,
  PING as yamuxPing,
  RST as yamuxReset,
  SYN as yamuxSyn,
  WINDOW as yamuxWindow
} from '../../../wirekit/yamux.mjs'
import { RawPeer } from './raw-peer.ts'
import { eventually, portOf, SlotMeter, tcpNode, type TestNode, turn, uncaught } from './tcp-nodes.ts'
import vectors from './vectors/attack-vectors.json' with { type: 'json' }

const timeout = 300
const refusal = toHex(line('na'))
const header = toHex(line('/multistream/1.0.0'))

uncaught()

const meter = new SlotMeter()
let node: TestNode
let honest: TestNode
let port: number

beforeAll(async () => {
  honest = await tcpNode()
  node = await tcpNode({ metrics: meter.factory, connectionManager: { inboundUpgradeTimeout: timeout } })
  port = portOf(node)
})

afterEach(async () => {
  await eventually(() => expect(meter.read()).toMatchObject({ 'inbound pending': 0, inbound: 0 }))
  expect(await honest.services.ping.ping(node.getMultiaddrs())).toBeGreaterThan(0)
  await honest.hangUp(node.peerId)
})

afterAll(() => Promise.all([node.stop(), honest.stop()]))

/** The bytes of an entry, by its id. */
function vector(id: string): Uint8Array {
  const { hex, times = 1 } = vectors.find(entry => entry.id === id)!
  return fromHex(hex.repeat(times))
}

describe('before anything is secured', () => {
  it.each(['varint-overlong', 'varint-u64max', 'mss-len-65535', 'mss-zero-len'])('%s ends the connection', async id => {
    for (const before of ['', header]) {
      const peer = await RawPeer.connect(port)
      peer.send(concat([fromHex(before), vector(id)]))
      await peer.gone()
    }
  })

  it('mss-ls is refused', async () => {
    const peer = await RawPeer.connect(port)
    peer.send(vector('mss-ls'))
    await eventually(() => expect(toHex(peer.received)).toBe(header + refusal))
    peer.socket.destroy()
  })

  it('mss-na-flood ends after 32 proposals', async () => {
    const peer = await RawPeer.connect(port)
    const one = line('/x/1.0.0')
    peer.send(vector('mss-na-flood'))
    for (let i = 3; i < 1000; i++) peer.send(one)
    await peer.gone()
    expect(peer.received.byteLength).toBeLessThanOrEqual(20 + 32 * 4)
  })

  it.each(['noise-len0', 'noise-zero-e'])('%s ends the connection', async id => {
    const peer = await RawPeer.connect(port)
    peer.send(concat([proposal('/noise'), vector(id)]))
    await peer.gone()
    // At most the agreement: the message was not worth an answer.
    expect(peer.received.byteLength).toBeLessThanOrEqual(proposal('/noise').byteLength)
  })

  it('noise-e-then-silence ends with the time for a handshake', async () => {
    const peer = await RawPeer.connect(port)
    peer.send(concat([proposal('/noise'), vector('noise-e-then-silence')]))
    await eventually(() => expect(peer.received.byteLength).toBeGreaterThan(proposal('/noise').byteLength))
    expect(meter.read()).toMatchObject({ 'inbound pending': 1 })
    await peer.gone()
  })
})

describe('yamux', () => {
  const connected = (): Promise<RawPeer> => RawPeer.muxed(port, '/yamux/1.0.0')

  it.each([
    'yamux-version',
    'yamux-type9',
    'yamux-ping-on-stream',
    'yamux-syn-id0',
    'yamux-len-lie',
    'yamux-syn-data-over-credit'
  ])('%s ends the session with a protocol error', async id => {
    const peer = await connected()
    peer.send(vector(id))
    await peer.gone()
    expect(peer.frames().at(-1)).toMatchObject({ type: yamuxGoAway, id: 0, length: 1 })
  })

  it('yamux-unsolicited-pong is ignored', async () => {
    const peer = await connected()
    peer.send(vector('yamux-unsolicited-pong'))
    await expectService(peer, 1)
    peer.socket.destroy()
  })

  it('yamux-data-unknown-stream keeps the framing, 63 times', async () => {
    const peer = await connected()
    for (let i = 0; i < 63; i++) peer.send(vector('yamux-data-unknown-stream'))
    await expectService(peer, 1)
    peer.send(vector('yamux-data-unknown-stream'))
    // Stream 99 lies above stream 1: it never was.
    await peer.gone()
  })

  const floods: Record<string, (i: number) => Uint8Array> = {
    'yamux-syn-rst-rapid': i => concat([syn(2 * i + 1), yamuxFrame(yamuxWindow, yamuxReset, 2 * i + 1, 0)]),
    'empty data': i => (i === 0 ? syn(1) : yamuxFrame(yamuxData, 0, 1, 0)),
    'updates of nothing': i => (i === 0 ? syn(1) : yamuxFrame(yamuxWindow, 0, 1, 0)),
    pings: i => yamuxFrame(yamuxPing, yamuxSyn, 0, i)
  }
  it.each(Object.entries(floods))('a million of %s ends the session early', async (_name, frame) => {
    await expectFloodToEnd(await connected(), frame)
  })

  it('streams that name a protocol and are reset call its handler a bounded number of times', async () => {
    let calls = 0
    await node.handle('/count/1', () => {
      calls++
    })
    await expectFloodToEnd(await connected(), i => {
      const id = 2 * i + 1
      const opened = concat([syn(id), data(id, proposal('/count/1'))])
      return concat([opened, yamuxFrame(yamuxWindow, yamuxReset, id, 0)])
    })
    await node.unhandle('/count/1')
    // 4,096 at once and 512 a second, on a machine that takes a few seconds at worst.
    expect(calls).toBeGreaterThan(4000)
    expect(calls).toBeLessThan(10_000)
  })

  it('a thousand streams of echoes that nobody reads take bounded memory', async () => {
    const peer = await connected()
    peer.socket.pause()
    const before = process.memoryUsage().arrayBuffers
    const echo = concat([proposal('/echo/1.0.0'), new Uint8Array(200_000)])
    for (let id = 1; id < 2000; id += 2) {
      if (!peer.socket.write(concat([syn(id), data(id, echo)]))) await drained(peer)
    }
    // Of 200 MB: what may lie unread in a connection, and what is not yet collected.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024)
    expect(await honest.services.ping.ping(node.getMultiaddrs())).toBeGreaterThan(0)
    await honest.hangUp(node.peerId)
    peer.socket.destroy()
  })

  it('a remote that ends and reads nothing of what it asked for is let go', async () => {
    const peer = await connected()
    peer.socket.pause()
    peer.send(concat([syn(1), data(1, proposal('/echo/1.0.0')), data(1, new Uint8Array(200_000))]))
    for (let id = 3; id < 60; id += 2) {
      peer.send(concat([syn(id), data(id, proposal('/echo/1.0.0')), data(id, new Uint8Array(256 * 1024 - 100))]))
    }
    peer.socket.end()
    await eventually(() => expect(meter.read()).toMatchObject({ inbound: 1 }))
    await eventually(() => expect(meter.read()).toMatchObject({ inbound: 0 }))
    peer.socket.destroy()
  })
})

describe('multistream on a stream', () => {
  it.each(['varint-overlong', 'varint-u64max', 'mss-len-65535', 'mss-zero-len'])('%s resets the stream', async id => {
    const peer = await RawPeer.muxed(port, '/yamux/1.0.0')
    for (const [i, before] of ['', header].entries()) {
      const stream = 4 * i + 1
      peer.send(concat([syn(stream), data(stream, concat([fromHex(before), vector(id)]))]))
      await eventually(() => expect(resets(peer)).toContain(stream))
      await expectService(peer, stream + 2)
    }
    peer.socket.destroy()
  })

  it('mss-ls is refused', async () => {
    const peer = await RawPeer.muxed(port, '/yamux/1.0.0')
    peer.send(concat([syn(1), data(1, vector('mss-ls'))]))
    await eventually(() => expect(toHex(peer.dataOf(1))).toBe(header + refusal))
    peer.socket.destroy()
  })

  it('mss-na-flood resets the stream after 32 proposals', async () => {
    const peer = await RawPeer.muxed(port, '/yamux/1.0.0')
    peer.send(concat([syn(1), data(1, vector('mss-na-flood'))]))
    for (let i = 3; i < 1000; i++) peer.send(data(1, line('/x/1.0.0')))
    await eventually(() => expect(resets(peer)).toContain(1))
    expect(peer.dataOf(1).byteLength).toBeLessThanOrEqual(20 + 32 * 4)
    await expectService(peer, 3)
    peer.socket.destroy()
  })

  it('mss-na-flood on many streams, of a remote that does not read, ends the connection', async () => {
    const peer = await RawPeer.muxed(port, '/yamux/1.0.0')
    peer.socket.pause()
    for (let id = 1; id < 200_000 && !peer.socket.destroyed; id += 2) {
      const flood = concat([line('/multistream/1.0.0'), ...Array.from({ length: 32 }, () => line('/x/1.0.0'))])
      if (!peer.socket.write(concat([syn(id), data(id, flood)]))) await drained(peer)
    }
    await eventually(() => expect(meter.read()).toMatchObject({ inbound: 0 }))
    peer.socket.destroy()
    // Megabytes lie in the system's buffers before the node notices.
  }, 20_000)
})

describe('mplex', () => {
  it.each(['mplex-type7', 'mplex-overlong-header', 'mplex-len-over-1MiB'])('%s ends the connection', async id => {
    const peer = await RawPeer.muxed(port, '/mplex/6.7.0')
    peer.send(vector(id))
    await peer.gone()
  })

  const frame = (id: number, flag: number): Uint8Array => concat([encodeVarint(id * 8 + flag), Uint8Array.of(0)])
  const floods: Record<string, (i: number) => Uint8Array> = {
    'streams that are reset': i => concat([frame(i, 0), frame(i, 6)]),
    streams: i => frame(i, 0),
    'empty messages': i => (i === 0 ? frame(0, 0) : frame(0, 2)),
    'messages for no stream': i => frame(i, 2)
  }
  it.each(Object.entries(floods))('a million %s end the session early', async (_name, flood) => {
    await expectFloodToEnd(await RawPeer.muxed(port, '/mplex/6.7.0'), flood)
  })
})

describe('identify', () => {
  it.each(['pb-deep-group', 'pb-len-lie'])('%s as the answer costs the stream only', async id => {
    const bytes = vector(id)
    for (const message of [bytes, bytes.subarray(0, 8192)]) await answerIdentify(encodeLengthPrefixed(message))
  })

  it('kad-lp-34GB as the length of the answer costs the stream only', async () => {
    await answerIdentify(vector('kad-lp-34GB'))
  })

  async function answerIdentify(answer: Uint8Array): Promise<void> {
    const peer = await RawPeer.muxed(port, '/yamux/1.0.0')
    const asked = toHex(proposal('/ipfs/id/1.0.0'))
    // The streams of a listener have even ids.
    await eventually(() => expect(toHex(peer.dataOf(2))).toBe(asked))
    peer.send(data(2, concat([proposal('/ipfs/id/1.0.0'), answer])))
    await eventually(() => expect(resets(peer)).toContain(2))
    await expectService(peer, 1)
    peer.socket.destroy()
  }
})

/** The node closes the connection long before a million frames, and keeps nothing of them. */
async function expectFloodToEnd(peer: RawPeer, frame: (i: number) => Uint8Array): Promise<void> {
  const before = process.memoryUsage().rss
  let sent = 0
  while (sent < 1_000_000 && !peer.socket.destroyed) {
    const batch = Array.from({ length: 1000 }, (_, i) => frame(sent + i))
    sent += 1000
    if (!peer.socket.write(concat(batch))) await drained(peer)
    await turn()
  }
  expect(peer.socket.destroyed).toBe(true)
  expect(sent).toBeLessThan(1_000_000)
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
}

/** Resolves when the socket takes more, or is no more. */
function drained({ socket }: RawPeer): Promise<void> {
  return eventually(() => expect(socket.writableNeedDrain && !socket.destroyed).toBe(false))
}

/** The raw peer itself is still served: its ping comes back. */
async function expectService(peer: RawPeer, id: number): Promise<void> {
  const payload = new Uint8Array(32).fill(id)
  peer.send(concat([syn(id), data(id, concat([proposal('/ipfs/ping/1.0.0'), payload]))]))
  await eventually(() => expect(peer.dataOf(id)).toEqual(concat([proposal('/ipfs/ping/1.0.0'), payload])))
  peer.send(yamuxFrame(yamuxWindow, yamuxFin, id, 0))
}

function syn(id: number): Uint8Array {
  return yamuxFrame(yamuxWindow, yamuxSyn, id, 0)
}

function data(id: number, payload: Uint8Array): Uint8Array {
  return yamuxFrame(yamuxData, 0, id, payload)
}

function resets(peer: RawPeer): number[] {
  return peer
    .frames()
    .filter(({ flags }: Frame) => (flags & yamuxReset) !== 0)
    .map(({ id }) => id)
}
