import type { Connection, Stream } from '@libp2p/interface'
import { concat, fromUtf8, toHex } from '@weft/bytes'
import { GoAwayCode } from '@weft/yamux'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { line, proposal } from '../../../wirekit/multistream.mjs'
import {
  DATA as yamuxData,
  type Frame,
  frame as yamuxFrame,
  GO_AWAY as yamuxGoAway,
  RST as yamuxReset,
  SYN as yamuxSyn,
  WINDOW as yamuxWindow
} from '../../../wirekit/yamux.mjs'
import { RawPeer } from './raw-peer.ts'
import { eventually, portOf, tcpNode, type TestNode, uncaught } from './tcp-nodes.ts'

const initialWindow = 256 * 1024
const largeLength = 1024 * 1024
const reservedBits = 0xfff0

uncaught()

let node: TestNode
let port: number

beforeAll(async () => {
  node = await tcpNode()
  port = portOf(node)
  await node.handle('/large', async stream => {
    stream.send(new Uint8Array(largeLength))
    await stream.close()
  })
})

afterAll(() => node.stop())

async function muxed(): Promise<{ peer: RawPeer; connection: Connection }> {
  const before = new Set(node.getConnections())
  const peer = await RawPeer.muxed(port, '/yamux/1.0.0')
  peer.socket.on('end', () => peer.socket.end())
  let connection: Connection | undefined
  await eventually(() => {
    connection = node.getConnections().find(one => !before.has(one))
    expect(connection?.status).toBe('open')
  })
  return { peer, connection: connection! }
}

/** The frame of that kind, when it has come. */
async function frameOf(peer: RawPeer, matches: (frame: Frame) => boolean): Promise<Frame> {
  let found: Frame | undefined
  await eventually(() => {
    found = peer.frames().find(frame => matches(frame))
    expect(found).toBeDefined()
  })
  return found!
}

const goAway = (peer: RawPeer): Promise<Frame> => frameOf(peer, ({ type }) => type === yamuxGoAway)

/** The node answers a ping of 32 bytes on stream 1, whose protocol was agreed. */
async function pinged(peer: RawPeer): Promise<void> {
  const payload = new Uint8Array(32).fill(7)
  const before = peer.dataOf(1).byteLength
  peer.send(yamuxFrame(yamuxData, 0, 1, payload))
  await eventually(() => expect(toHex(peer.dataOf(1).subarray(before))).toBe(toHex(payload)))
}

async function openPing(peer: RawPeer, flags = yamuxSyn): Promise<void> {
  peer.send(concat([yamuxFrame(yamuxWindow, flags, 1, 0), yamuxFrame(yamuxData, 0, 1, proposal('/ipfs/ping/1.0.0'))]))
  const answer = concat([line('/multistream/1.0.0'), line('/ipfs/ping/1.0.0')])
  await eventually(() => expect(toHex(peer.dataOf(1))).toBe(toHex(answer)))
}

describe('yamux of a node', () => {
  it('says good-bye by the code of the end: normal, an error of the protocol, an error of its own', async () => {
    const closed = await muxed()
    await closed.connection.close()
    expect((await goAway(closed.peer)).length).toBe(GoAwayCode.NormalTermination)
    await closed.peer.gone()

    const broken = await muxed()
    broken.peer.send('010000000000000100000000')
    expect((await goAway(broken.peer)).length).toBe(GoAwayCode.ProtocolError)
    await broken.peer.gone()

    const aborted = await muxed()
    aborted.connection.abort(new Error('enough'))
    expect((await goAway(aborted.peer)).length).toBe(GoAwayCode.InternalError)
    await aborted.peer.gone()
  })

  it('goes on with the streams that are open after a good-bye in peace, and opens no new ones', async () => {
    const { peer, connection } = await muxed()
    await openPing(peer)
    peer.send(yamuxFrame(yamuxGoAway, 0, 0, GoAwayCode.NormalTermination))
    await pinged(peer)
    await expect(connection.newStream('/any')).rejects.toMatchObject({ name: 'MuxerClosedError' })
    await pinged(peer)
    peer.socket.destroy()
  })

  it.each([GoAwayCode.ProtocolError, GoAwayCode.InternalError, 77])(
    'ends the connection at a good-bye of code %i',
    async code => {
      const { peer } = await muxed()
      peer.send(yamuxFrame(yamuxGoAway, 0, 0, code))
      await peer.gone()
    }
  )

  it('takes the first data of a stream as its acknowledgement', async () => {
    const { peer, connection } = await muxed()
    const streams: Stream[] = []
    // As many as may be open without an answer: one more waits for the first of them.
    const opening = Array.from({ length: 257 }, async () =>
      streams.push(await connection.newStream('/any', { negotiateFully: false, maxOutboundStreams: 300 }))
    )
    await eventually(() => expect(streams).toHaveLength(256))
    const asked = toHex(line('/any'))
    const opened = (await frameOf(peer, ({ type, payload }) => type === yamuxData && toHex(payload).includes(asked))).id
    peer.send(yamuxFrame(yamuxData, 0, opened, concat([line('/multistream/1.0.0'), line('/any'), fromUtf8('hello')])))
    await Promise.all(opening)
    peer.socket.destroy()
  })

  it('sends at once what a SYN with a window says', async () => {
    const { peer } = await muxed()
    peer.send(
      concat([
        yamuxFrame(yamuxWindow, yamuxSyn, 1, largeLength),
        yamuxFrame(yamuxData, 0, 1, proposal('/large')),
        yamuxFrame(yamuxWindow, yamuxSyn, 3, 0),
        yamuxFrame(yamuxData, 0, 3, proposal('/large'))
      ])
    )
    const answer = concat([line('/multistream/1.0.0'), line('/large')]).byteLength
    await eventually(() => expect(peer.dataOf(1).byteLength).toBe(answer + largeLength))
    await eventually(() => expect(peer.dataOf(3).byteLength).toBe(initialWindow))
    peer.socket.destroy()
  })

  it('passes over bits of the flags that mean nothing', async () => {
    const { peer } = await muxed()
    await openPing(peer, reservedBits | yamuxSyn)
    peer.send(yamuxFrame(yamuxWindow, reservedBits, 1, largeLength))
    await pinged(peer)
    expect(peer.frames().every(({ flags }) => (flags & reservedBits) === 0 && (flags & yamuxReset) === 0)).toBe(true)
    peer.socket.destroy()
  })
})
