import type { MessageStream, Stream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import {
  collect,
  ended,
  eventsOnly,
  messageStreamPair,
  settled,
  type TestRunner,
  until
} from '@weft/interface-connection/compliance'

/** Makes the muxer under test. */
export interface StreamMuxerSetup {
  /** Called at the beginning of each test. Both sides are made by the factory that it gives. */
  readonly setup: () => Promise<StreamMuxerFactory>
  /** Streams that the remote may open at once, as the factory under test was told. */
  readonly maxInboundStreams: number
  /**
   * Whether the protocol can stop a sender. Where it cannot, a stream whose reader falls behind must be reset.
   * @default true
   */
  readonly flowControl?: boolean
  /** Makes both ends of what the muxer runs over. @default `messageStreamPair` */
  readonly connect?: () => Promise<[MessageStream, MessageStream]>
}

const hello = Uint8Array.from([1, 2, 3])

/** What every muxer of weft does, over weft's byte path and over a foreign connection's events. */
export function streamMuxerSuite(runner: TestRunner, options: StreamMuxerSetup): void {
  runner.describe('stream muxer over the byte path', () => suite(runner, options, stream => stream))
  runner.describe('stream muxer over events', () => suite(runner, options, eventsOnly))
}

type Wrap = <S extends MessageStream>(stream: S) => S

function suite({ it, expect }: TestRunner, options: StreamMuxerSetup, wrap: Wrap): void {
  const { setup, maxInboundStreams, flowControl = true, connect: pair = async () => messageStreamPair() } = options
  const connect = async (): Promise<{ dialer: StreamMuxer; listener: StreamMuxer; connections: MessageStream[] }> => {
    const connections = (await pair()).map(wrap)
    const factory = await setup()
    const [dialer, listener] = connections.map(connection => factory.createStreamMuxer(connection))
    return { dialer: dialer!, listener: listener!, connections }
  }
  const nextStream = (muxer: StreamMuxer): Promise<Stream> =>
    new Promise(resolve => muxer.addEventListener('stream', event => resolve(event.detail), { once: true }))
  const echoing = (muxer: StreamMuxer): void => {
    muxer.addEventListener('stream', event => {
      const stream = event.detail
      stream.addEventListener('message', message => stream.send(message.data))
      stream.addEventListener('remoteCloseWrite', () => void stream.close())
    })
  }

  it('opens streams both ways and carries bytes', async () => {
    const { dialer, listener } = await connect()
    echoing(dialer)
    echoing(listener)
    for (const muxer of [dialer, listener]) {
      const stream = await muxer.createStream()
      stream.send(hello)
      await stream.close()
      expect([...(await collect(stream))]).toEqual([...hello])
    }
    await until(() => dialer.streams.length + listener.streams.length === 0)
  })

  it('announces a stream that carries nothing', async () => {
    const { dialer, listener } = await connect()
    const [incoming, outgoing] = await Promise.all([nextStream(listener), dialer.createStream()])
    expect([incoming.direction, outgoing.direction]).toEqual(['inbound', 'outbound'])
    expect(listener.streams).toContain(incoming)
    dialer.abort(new Error('done'))
  })

  it('keeps streams apart, each in order', async () => {
    const { dialer, listener } = await connect()
    echoing(listener)
    const streams = await Promise.all(Array.from({ length: 20 }, () => dialer.createStream()))
    const answers = streams.map(async (stream, i) => {
      for (let n = 0; n < 50; n++) stream.send(Uint8Array.from([i, n]))
      await stream.close()
      return collect(stream)
    })
    for (const [i, bytes] of (await Promise.all(answers)).entries()) {
      expect([...bytes]).toEqual(Array.from({ length: 50 }, (_, n) => [i, n]).flat())
    }
  })

  it('keeps early streams for whoever listens later', async () => {
    const { dialer, listener } = await connect()
    const outgoing = await dialer.createStream()
    outgoing.send(hello)
    await settled()
    const incoming = await nextStream(listener)
    await outgoing.close()
    expect([...(await collect(incoming))]).toEqual([...hello])
    dialer.abort(new Error('done'))
  })

  it('half-closes', async () => {
    const { dialer, listener } = await connect()
    const incoming = nextStream(listener)
    const stream = await dialer.createStream()
    await stream.close()
    const other = await incoming
    expect((await collect(other)).byteLength).toBe(0)
    other.send(hello)
    await other.close()
    expect([...(await collect(stream))]).toEqual([...hello])
    await until(() => stream.status === 'closed' && other.status === 'closed')
  })

  it('resets one stream and no other', async () => {
    const { dialer, listener } = await connect()
    const first = nextStream(listener)
    const stream = await dialer.createStream()
    const other = await first
    const survivor = await dialer.createStream()
    const closed = ended(other)
    stream.abort(new Error('broken off'))
    expect((await closed).error).toMatchObject({ name: 'StreamResetError' })
    expect(survivor.status).toBe('open')
    expect(dialer.streams.length).toBe(1)
    dialer.abort(new Error('done'))
  })

  it(
    flowControl ? 'stops a sender whose reader is slow, and loses nothing' : 'resets a stream that is not read',
    async () => {
      const { dialer, listener } = await connect()
      const incoming = nextStream(listener)
      const stream = await dialer.createStream()
      const reader = await incoming
      const total = flowControl ? 3 * 1024 * 1024 : 8 * 1024 * 1024
      const sending = (async () => {
        for (let sent = 0; sent < total; sent += 64 * 1024) {
          if (!stream.send(new Uint8Array(64 * 1024).fill(sent / (64 * 1024)))) await stream.onDrain()
        }
        await stream.close()
      })()
      if (flowControl) {
        await settled()
        const bytes = await collect(reader)
        await sending
        expect(bytes.byteLength).toBe(total)
        for (let at = 0; at < total; at += 64 * 1024) expect(bytes[at]).toBe((at / (64 * 1024)) % 256)
      } else {
        const closed = ended(reader)
        await expect(sending).rejects.toMatchObject({ name: 'StreamResetError' })
        expect((await closed).error).toMatchObject({ name: 'StreamBufferError' })
        expect([stream.status, listener.streams.length]).toEqual(['reset', 0])
        expect([dialer.status, listener.status]).toEqual(['open', 'open'])
      }
      dialer.abort(new Error('done'))
    }
  )

  it('answers a caller that sends all and closes before it reads, while the other side answers as it reads', async () => {
    const { dialer, listener } = await connect()
    listener.addEventListener('stream', event => {
      const stream = event.detail as Stream
      void (async () => {
        for await (const list of stream) if (!stream.send(list)) await stream.onDrain()
        await stream.close()
      })()
    })
    const stream = await dialer.createStream()
    const sent = Uint8Array.from({ length: 450_000 }, (_, i) => i % 251)
    for (let at = 0; at < sent.byteLength; at += 50_000) stream.send(new Uint8Array(sent.subarray(at, at + 50_000)))
    await stream.close()
    expect(await collect(stream)).toEqual(sent)
    dialer.abort(new Error('done'))
  })

  it('refuses streams past the limit and keeps those it has', async () => {
    const { dialer, listener } = await connect()
    echoing(listener)
    const streams: Stream[] = []
    const opening = Array.from({ length: maxInboundStreams + 1 }, async () => {
      const stream = await dialer.createStream()
      streams.push(stream)
      stream.send(hello)
    })
    await Promise.all(opening)
    if (streams.every(stream => stream.status === 'open')) await Promise.race(streams.map(ended))
    const open = streams.filter(stream => stream.status === 'open')
    expect(open.length).toBe(maxInboundStreams)
    expect(listener.streams.length).toBe(maxInboundStreams)
    dialer.abort(new Error('done'))
  })

  it('closes: streams end, no new ones', async () => {
    const { dialer, listener } = await connect()
    echoing(listener)
    const stream = await dialer.createStream()
    stream.send(hello)
    const closing = dialer.close()
    expect(dialer.status).toBe('closing')
    await closing
    expect(dialer.status).toBe('closed')
    await expect(dialer.createStream()).rejects.toMatchObject({ name: 'MuxerClosedError' })
  })

  it('aborts: streams end with the error', async () => {
    const { dialer, listener } = await connect()
    const incoming = nextStream(listener)
    const stream = await dialer.createStream()
    const remote = ended(await incoming)
    const error = new Error('broken off')
    const local = ended(stream)
    dialer.abort(error)
    expect((await local).error).toBe(error)
    expect((await remote).error).toMatchObject({ name: 'StreamResetError' })
    expect(dialer.streams.length).toBe(0)
  })

  it('ends its streams with the connection', async () => {
    const { dialer, listener, connections } = await connect()
    const incoming = nextStream(listener)
    const stream = await dialer.createStream()
    await incoming
    const closed = [ended(stream), ended(await incoming)]
    connections[0]!.abort(new Error('unplugged'))
    await Promise.all(closed)
    expect([dialer.status, listener.status]).toEqual(['closed', 'closed'])
    await expect(dialer.createStream()).rejects.toMatchObject({ name: 'MuxerClosedError' })
  })

  it('ends the connection on what it cannot read, and nothing else', async () => {
    const [near, far] = (await pair()).map(wrap)
    const muxer = (await setup()).createStreamMuxer(near!)
    const closed = ended(near!)
    far!.send(new Uint8Array(64).fill(0xff))
    expect((await closed).error === undefined).toBe(false)
    expect(muxer.status).toBe('closed')
  })
}
