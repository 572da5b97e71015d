import type { DialTarget, MultiaddrConnection, Stream, StreamHandler, StreamHandlerOptions } from '@libp2p/interface'
import { collect, ended, eventsOnly, messageStreamPair, settled } from '@weft/interface-connection/compliance'
import { protocolSuite } from '@weft/interface-protocol/compliance'
import { describe, expect, it } from 'vitest'
import { PING_PROTOCOL, type Ping, ping, type PingInit } from './index.ts'

// The node below does not look at it.
const peer = {} as DialTarget
type Far = (stream: MultiaddrConnection) => void
type Wrap = (stream: MultiaddrConnection) => MultiaddrConnection

/** A node with the ping service, whose streams lead to `far`, or else to its own handler. */
async function node({ far, wrap = stream => stream, ...init }: PingInit & { far?: Far; wrap?: Wrap } = {}) {
  const handlers = new Map<string, { handler: StreamHandler; options: StreamHandlerOptions | undefined }>()
  const opened: Array<{ options: object | undefined; near: MultiaddrConnection; far: MultiaddrConnection }> = []
  const service = ping(init)({
    registrar: {
      async handle(protocol, handler, options) {
        handlers.set(protocol, { handler, options })
      },
      async unhandle(protocol) {
        handlers.delete(protocol)
      }
    },
    connectionManager: {
      openConnection: async () => ({
        remotePeer: 'peer' as never,
        async newStream(protocol, options) {
          const [a, b] = messageStreamPair().map(wrap) as [MultiaddrConnection, MultiaddrConnection]
          opened.push({ options, near: a, far: b })
          if (far !== undefined) far(b)
          else void handlers.get(protocol as string)?.handler(b as unknown as Stream, { remotePeer: 'peer' } as never)
          return a as unknown as Stream
        }
      })
    }
  })
  const { start, stop, isStarted } = service as unknown as {
    start(): Promise<void>
    stop(): Promise<void>
    isStarted(): boolean
  }
  await start.call(service)
  const answer = (stream: MultiaddrConnection) =>
    handlers.get(PING_PROTOCOL)!.handler(stream as unknown as Stream, { remotePeer: 'peer' } as never)
  return { service, handlers, opened, answer, stop: stop.bind(service), isStarted: isStarted.bind(service) }
}

describe('ping', () => {
  protocolSuite(
    { describe, it, expect },
    {
      protocols: [PING_PROTOCOL],
      capabilities: ['@libp2p/ping'],
      create: ({ components }, options) => ping(options)(components),
      ask: (service, _node, options) => (service as Ping).ping(peer, options)
    }
  )

  it.each([
    ['over the byte path', (stream: MultiaddrConnection) => stream],
    ['over events', eventsOnly]
  ])('measures a round trip %s, and leaves no stream', async (_, wrap) => {
    const { service, opened } = await node({ wrap })
    for (let i = 0; i < 3; i++) expect(await service.ping(peer)).toBeGreaterThanOrEqual(0)
    await settled()
    for (const { near, far } of opened) expect([near.status, far.status]).toEqual(['closed', 'closed'])
    expect(opened[0]!.options).toEqual({ maxOutboundStreams: 1, runOnLimitedConnection: true })
  })

  it('waits for its turn: 30 at once are answered, over one stream at a time', async () => {
    const { service, opened } = await node()
    const times = await Promise.all(Array.from({ length: 30 }, () => service.ping(peer)))
    expect(times.length).toBe(30)
    for (const [i, { near }] of opened.entries()) {
      expect(near.status).toBe('closed')
      if (i > 0) expect(near.timeline.open).toBeGreaterThanOrEqual(opened[i - 1]!.near.timeline.close!)
    }
  })

  it('takes two streams of a peer, over however many connections, and again when one has ended', async () => {
    const { answer } = await node()
    const pairs = [messageStreamPair(), messageStreamPair(), messageStreamPair(), messageStreamPair()]
    for (const [, far] of pairs.slice(0, 3)) void answer(far)
    await settled()
    expect(pairs.slice(0, 3).map(([, far]) => far.status)).toEqual(['open', 'open', 'aborted'])
    await pairs[0]![0].close()
    await settled()
    void answer(pairs[3]![1])
    await settled()
    expect(pairs[3]![1].status).toBe('open')
    for (const [near] of pairs) near.abort(new Error('done'))
  })

  it('registers, with the limits of the specification, and unregisters', async () => {
    const { handlers, stop, isStarted, service } = await node()
    expect([...handlers.keys()]).toEqual([PING_PROTOCOL])
    expect(handlers.get(PING_PROTOCOL)!.options).toEqual({
      maxInboundStreams: 2,
      maxOutboundStreams: 1,
      runOnLimitedConnection: true
    })
    expect(Reflect.get(service, Symbol.for('@libp2p/service-capabilities'))).toEqual(['@libp2p/ping'])
    expect(isStarted()).toBe(true)
    await stop()
    expect([handlers.size, isStarted()]).toEqual([0, false])
    expect([...(await node({ protocolPrefix: 'test' })).handlers.keys()]).toEqual(['/test/ping/1.0.0'])
  })

  it('refuses an answer that is another one', async () => {
    const { service, opened } = await node({ far: far => far.send(new Uint8Array(32)) })
    await expect(service.ping(peer)).rejects.toMatchObject({ name: 'ProtocolError' })
    expect(opened[0]!.near.status).toBe('aborted')
  })

  it('refuses an end, and a reset, before the answer', async () => {
    const ending = await node({ far: far => void far.close() })
    await expect(ending.service.ping(peer)).rejects.toMatchObject({ name: 'ProtocolError' })
    const resetting = await node({ far: far => far.abort(new Error('no')) })
    await expect(resetting.service.ping(peer)).rejects.toMatchObject({ name: 'StreamResetError' })
  })

  it('gives up after its timeout and with its signal', async () => {
    const { service, opened } = await node({ far: () => {}, timeout: 10 })
    await expect(service.ping(peer)).rejects.toMatchObject({ name: 'TimeoutError', milliseconds: 10 })
    const reason = new Error('enough')
    await expect(service.ping(peer, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(opened.length).toBe(1)
    const controller = new AbortController()
    const pinging = service.ping(peer, { signal: controller.signal })
    await settled()
    controller.abort(reason)
    await expect(pinging).rejects.toBe(reason)
    expect(opened.map(({ near }) => near.status)).toEqual(['aborted', 'aborted'])
  })

  it('takes the answer of a remote that keeps its side open, and then lets the stream go', async () => {
    const { service, opened } = await node({
      far: far => far.addEventListener('message', ({ data }) => far.send(data))
    })
    expect(await service.ping(peer)).toBeGreaterThanOrEqual(0)
    expect(opened[0]!.near.status).toBe('aborted')
  })

  it('answers many pings on one stream exactly, whose end may have come before', async () => {
    const { answer } = await node()
    for (const wrap of [(stream: MultiaddrConnection) => stream, eventsOnly]) {
      const [near, far] = messageStreamPair({ maxChunk: 7 })
      const pings = crypto.getRandomValues(new Uint8Array(32 * 50))
      near.send(pings)
      await near.close()
      await settled()
      void answer(wrap(far))
      expect(await collect(near)).toEqual(pings)
      await settled()
      expect(far.status).toBe('closed')
    }
  })

  it('aborts a stream that is silent, and one that sends no whole ping', async () => {
    const { answer } = await node({ timeout: 20 })
    for (const bytes of [0, 31]) {
      const [near, far] = messageStreamPair()
      const closed = ended(far)
      void answer(far)
      near.send(new Uint8Array(bytes))
      expect((await closed).error).toMatchObject({ name: 'TimeoutError', milliseconds: 20 })
    }
  })

  it('reads no pings from a remote that does not read the answers', async () => {
    const { answer } = await node()
    const [near, far] = messageStreamPair({ highWaterMark: 1024 })
    void answer(far)
    near.pause()
    let sent = 0
    for (let i = 0; i < 100 && !near.writableNeedsDrain; i++) {
      near.send(new Uint8Array(320))
      sent += 320
      await settled()
    }
    expect(near.writableNeedsDrain).toBe(true)
    expect(sent).toBeLessThanOrEqual(8 * 1024)
    expect((far as unknown as { writeBufferLength: number }).writeBufferLength).toBeLessThanOrEqual(1024)
    near.abort(new Error('done'))
  })

  it.each([
    ['over the byte path', (stream: MultiaddrConnection) => stream],
    ['over events', eventsOnly]
  ])('makes few of the answers that the remote does not read, and all once it does, %s', async (_, wrap) => {
    const { answer } = await node()
    const [near, far] = messageStreamPair({ highWaterMark: 1024 })
    const pings = crypto.getRandomValues(new Uint8Array(32 * 2000))
    void answer(wrap(far))
    near.pause()
    near.send(pings)
    const sent = near.close()
    await settled()
    expect((far as unknown as { writeBufferLength: number }).writeBufferLength).toBeLessThanOrEqual(16 * 1024)
    near.resume()
    expect(await collect(near)).toEqual(pings)
    await sent
    await settled()
    expect(far.status).toBe('closed')
  })

  it.each([0, -1, Number.NaN, 2 ** 31])('refuses the timeout %d', timeout => {
    expect(() => ping({ timeout })).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
  })
})
