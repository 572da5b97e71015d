/** What a caller of `newStream()` is told of the remote's answer, and what the remote gets of what is sent meanwhile. */
import type { Connection, Libp2p, Stream, StreamHandler, StreamMuxerFactory } from '@libp2p/interface'
import { until } from '@weft/interface-connection/compliance'
import { mplex } from '@weft/multiplex'
import { spdy } from '@weft/spdy'
import { yamux } from '@weft/yamux'
import { describe, expect, it } from 'vitest'
import { makeNode } from './nodes.ts'

const protocol = '/x/1'
const unsupported = expect.objectContaining({ name: 'UnsupportedProtocolError' })

interface Pair {
  a: Libp2p
  b: Libp2p
  connection: Connection
}

async function connect(handler: StreamHandler, muxer: () => () => StreamMuxerFactory = yamux): Promise<Pair> {
  const streamMuxers = [muxer()]
  const [a, b] = [await makeNode({ streamMuxers }), await makeNode({ streamMuxers })]
  await b.handle(protocol, handler)
  const connection = await a.dial(b.getMultiaddrs())
  await until(() => b.getConnections(a.peerId).length > 0)
  return { a: a as unknown as Libp2p, b: b as unknown as Libp2p, connection }
}

/** Opens a stream of which the other side confirms the protocol: the next one is proposed, and not waited for. */
async function confirm({ connection }: Pair): Promise<void> {
  const stream = await connection.newStream(protocol)
  await stream.close()
  await until(() => stream.status !== 'open')
}

async function read(stream: Stream): Promise<unknown> {
  try {
    for await (const _ of stream);
    return undefined
  } catch (error) {
    return error
  }
}

async function knows({ a, b }: Pair): Promise<boolean> {
  return (await a.peerStore.get(b.peerId)).protocols.includes(protocol)
}

const pauses: Record<string, () => Promise<void> | undefined> = {
  'in the same tick': () => undefined,
  'after microtasks': async () => {
    for (let i = 0; i < 20; i++) await Promise.resolve()
  },
  'after a turn': () => new Promise(resolve => setTimeout(resolve, 0))
}

describe.each([
  ['yamux', yamux],
  ['mplex', mplex],
  ['spdy', spdy]
] as const)('one send() is one message of the remote, over %s', (_, muxer) => {
  for (const negotiateFully of [true, false, undefined]) {
    it.each(Object.keys(pauses))(`%s, negotiateFully ${negotiateFully}`, async pause => {
      const lengths: number[] = []
      const pair = await connect(stream => {
        stream.addEventListener('message', ({ data }) => lengths.push(data.byteLength))
        stream.addEventListener('remoteCloseWrite', () => void stream.close())
      }, muxer)
      await confirm(pair)
      for (let i = 0; i < 3; i++) {
        lengths.length = 0
        const stream = await pair.connection.newStream(protocol, negotiateFully === undefined ? {} : { negotiateFully })
        stream.send(new Uint8Array(100))
        await pauses[pause]!()
        stream.send(new Uint8Array(3))
        await stream.close()
        await until(() => lengths.reduce((sum, length) => sum + length, 0) === 103)
        expect(lengths).toEqual([100, 3])
      }
    })
  }

  it('also where its reader comes later', async () => {
    const lengths: number[] = []
    const pair = await connect(async stream => {
      const ended = new Promise(resolve => stream.addEventListener('remoteCloseWrite', resolve))
      await new Promise(resolve => setTimeout(resolve, 5))
      stream.addEventListener('message', ({ data }) => lengths.push(data.byteLength))
      await ended
      await stream.close()
    }, muxer)
    await confirm(pair)
    const stream = await pair.connection.newStream(protocol)
    stream.send(new Uint8Array(100))
    stream.send(new Uint8Array(3))
    await stream.close()
    await until(() => lengths.length > 1)
    expect(lengths).toEqual([100, 3])
  })
})

describe('a protocol that the remote has taken back', () => {
  const firstData: Array<[string, Uint8Array | undefined]> = [
    ['nothing', undefined],
    ['a byte', Uint8Array.of(0x78)],
    ['what is no line', new Uint8Array([5, 10, 3, 1, 2, 3])],
    ['zeros', new Uint8Array(64)],
    ['much', new Uint8Array(5000).fill(0x78)],
    ['a message that ends like a line', new Uint8Array([3, 0x68, 0x69, 0x0a])]
  ]

  it.each(firstData)(
    'ends the stream with UnsupportedProtocolError and is unlearnt, when the first data is %s',
    async (_, data) => {
      const pair = await connect(async stream => stream.close())
      await confirm(pair)
      await pair.b.unhandle(protocol)
      const stream = await pair.connection.newStream(protocol)
      if (data !== undefined) stream.send(data)
      expect(await read(stream)).toEqual(unsupported)
      // From now on the answer is waited for.
      await expect(pair.connection.newStream(protocol)).rejects.toEqual(unsupported)
      await until(() => pair.connection.streams.length === 0)
      expect(pair.connection.status).toBe('open')
      await expect(knows(pair)).resolves.toBe(false)
    }
  )

  it('is refused by newStream() where the answer is waited for', async () => {
    const pair = await connect(async stream => stream.close())
    await confirm(pair)
    await pair.b.unhandle(protocol)
    await expect(pair.connection.newStream(protocol, { negotiateFully: true })).rejects.toEqual(unsupported)
  })
})

describe('a protocol that the remote has not confirmed on this connection', () => {
  it('is waited for, and one that is proposed all the same is confirmed by its answer alone', async () => {
    const pair = await connect(async stream => stream.close())
    await pair.a.peerStore.merge(pair.b.peerId, { protocols: ['/y/1'] })
    await expect(pair.connection.newStream('/y/1')).rejects.toEqual(unsupported)
    const stream = await pair.connection.newStream('/z/1', { negotiateFully: false })
    await expect(pair.connection.newStream('/z/1')).rejects.toEqual(unsupported)
    expect(await read(stream)).toEqual(unsupported)
  })

  it('is not confirmed by a stream that the remote opens of it', async () => {
    const pair = await connect(async stream => stream.close())
    await pair.a.handle('/y/1', async stream => stream.close())
    const back = pair.b.getConnections(pair.a.peerId)[0]!
    await back.newStream('/y/1')
    await expect(pair.connection.newStream('/y/1')).rejects.toEqual(unsupported)
  })
})

describe('a reset before the answer', () => {
  it.each([true, false])(
    'is UnsupportedProtocolError with the reset as its cause, negotiateFully %s',
    async negotiateFully => {
      const pair = await connect(async stream => stream.close())
      await confirm(pair)
      // The other side's muxer has a limit, of which it says nothing.
      const muxers = pair.b.getConnections(pair.a.peerId)[0] as unknown as { _onStream(stream: Stream): void }
      muxers._onStream = stream => stream.abort(new Error('too many'))
      const opened = pair.connection.newStream(protocol, { negotiateFully })
      const error = negotiateFully ? await opened.catch((error: unknown) => error) : await read(await opened)
      expect(error).toMatchObject({ name: 'UnsupportedProtocolError', cause: { name: 'StreamResetError' } })
      // It may have been a limit: the protocol is still known.
      await expect(knows(pair)).resolves.toBe(true)
    }
  )

  it('is no refusal where the whole connection ends', async () => {
    const pair = await connect(async stream => stream.close())
    await confirm(pair)
    const stream = await pair.connection.newStream(protocol, { negotiateFully: false })
    pair.b.getConnections(pair.a.peerId)[0]!.abort(new Error('gone'))
    expect(await read(stream)).not.toEqual(unsupported)
  })
})
