import type { DialTarget, MultiaddrConnection, Stream, StreamHandler, StreamHandlerOptions } from '@libp2p/interface'
import { ended, eventsOnly, messageStreamPair, settled } from '@weft/interface-connection/compliance'
import { protocolSuite } from '@weft/interface-protocol/compliance'
import { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, it } from 'vitest'
import { type Echo, echo, type EchoInit } from './index.ts'

// The node below does not look at it.
const peer = {} as DialTarget
type Far = (stream: MultiaddrConnection) => void
type Wrap = (stream: MultiaddrConnection) => MultiaddrConnection

/** A node with the echo service, whose streams lead to `far`, or else to its own handler. */
async function node({ far, wrap = stream => stream, ...init }: EchoInit & { far?: Far; wrap?: Wrap } = {}) {
  const handlers = new Map<string, { handler: StreamHandler; options: StreamHandlerOptions | undefined }>()
  const opened: MultiaddrConnection[] = []
  const service = echo(init)({
    registrar: {
      async handle(protocol, handler, options) {
        handlers.set(protocol, { handler, options })
      },
      async unhandle(protocol) {
        handlers.delete(protocol)
      }
    },
    connectionManager: {
      async openStream(_peer, protocol) {
        const [a, b] = messageStreamPair().map(wrap) as [MultiaddrConnection, MultiaddrConnection]
        opened.push(a)
        if (far !== undefined) far(b)
        else void handlers.get(protocol)?.handler(b as unknown as Stream, undefined as never)
        return a as unknown as Stream
      }
    }
  })
  const startable = service as unknown as { start(): Promise<void>; stop(): Promise<void>; isStarted(): boolean }
  await startable.start()
  return { service, startable, handlers, opened }
}

describe('echo', () => {
  protocolSuite(
    { describe, it, expect },
    {
      protocols: ['/echo/1.0.0'],
      create: ({ components }, options) => echo(options)(components),
      ask: (service, _node, options) => (service as Echo).echo(peer, new Uint8Array(100_000), options)
    }
  )

  it.each([
    ['over the byte path', (stream: MultiaddrConnection) => stream],
    ['over events', eventsOnly]
  ])('sends back what it gets %s', async (_, wrap) => {
    const { service, opened } = await node({ wrap })
    const bytes = new Uint8Array(500_000).map((_, i) => i)
    const back = (await service.echo(peer, bytes)).subarray()
    expect(back.byteLength).toBe(bytes.byteLength)
    expect(back.every((byte, i) => byte === bytes[i])).toBe(true)
    const list = new Uint8ArrayList(bytes.subarray(0, 3), bytes.subarray(3, 10))
    expect((await service.echo(peer, list)).subarray()).toEqual(bytes.subarray(0, 10))
    expect((await service.echo(peer, new Uint8Array(0))).byteLength).toBe(0)
    await settled()
    expect(opened.map(({ status }) => status)).toEqual(['closed', 'closed', 'closed'])
  })

  it('registers and unregisters', async () => {
    const { service, startable, handlers } = await node()
    expect(service.protocol).toBe('/echo/1.0.0')
    expect(handlers.get('/echo/1.0.0')!.options).toEqual({
      maxInboundStreams: 32,
      maxOutboundStreams: 64,
      runOnLimitedConnection: false
    })
    expect(startable.isStarted()).toBe(true)
    await startable.stop()
    expect([handlers.size, startable.isStarted()]).toEqual([0, false])
    expect((await node({ protocolPrefix: 'test' })).service.protocol).toBe('/test/echo/1.0.0')
  })

  it('refuses more, less and nothing', async () => {
    const three = new Uint8Array(3)
    const more = await node({ far: far => far.send(new Uint8Array(4)) })
    await expect(more.service.echo(peer, three)).rejects.toMatchObject({ name: 'ProtocolError', expected: 3 })
    const less = await node({
      far: far => {
        far.send(new Uint8Array(2))
        void far.close()
      }
    })
    const failure = { name: 'UnexpectedEOFError', code: 'ERR_UNEXPECTED_EOF', received: 2, expected: 3 }
    await expect(less.service.echo(peer, three)).rejects.toMatchObject(failure)
    const reset = await node({ far: far => far.abort(new Error('no')) })
    await expect(reset.service.echo(peer, three)).rejects.toMatchObject({ name: 'StreamResetError' })
    const silent = await node({ far: () => {}, timeout: 10 })
    await expect(silent.service.echo(peer, three)).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  it('gives up with its signal', async () => {
    const { service, opened } = await node({ far: () => {} })
    const reason = new Error('enough')
    await expect(service.echo(peer, new Uint8Array(1), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const controller = new AbortController()
    const echoing = service.echo(peer, new Uint8Array(1), { signal: controller.signal })
    await settled()
    controller.abort(reason)
    await expect(echoing).rejects.toBe(reason)
    expect(opened.map(({ status }) => status)).toEqual(['aborted'])
  })

  it('does not read from a remote that does not read, and aborts it in the end', async () => {
    const { handlers } = await node({ timeout: 50 })
    const [near, far] = messageStreamPair({ highWaterMark: 1024 })
    const closed = ended(far)
    near.pause()
    void handlers.get('/echo/1.0.0')!.handler(far as unknown as Stream, undefined as never)
    let sent = 0
    for (let i = 0; i < 100 && !near.writableNeedsDrain; i++) {
      near.send(new Uint8Array(320))
      sent += 320
      await new Promise(resolve => setTimeout(resolve, 0))
    }
    expect(sent).toBeLessThanOrEqual(8 * 1024)
    expect((await closed).error).toMatchObject({ name: 'TimeoutError', milliseconds: 50 })
  })

  it('refuses a timeout that is none', () => {
    expect(() => echo({ timeout: 0 })).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
  })
})
