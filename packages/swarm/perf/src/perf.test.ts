import type { MultiaddrConnection, Stream, StreamHandler, StreamHandlerOptions } from '@libp2p/interface'
import { toHex } from '@weft/bytes'
import { ended, eventsOnly, messageStreamPair, settled } from '@weft/interface-connection/compliance'
import { protocolSuite } from '@weft/interface-protocol/compliance'
import { multiaddr } from '@weft/multiaddr'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { perf, type PerfInit, type PerfOutput } from './index.ts'

const address = multiaddr('/memory/peer')
type Far = (stream: MultiaddrConnection) => void
type Wrap = (stream: MultiaddrConnection) => MultiaddrConnection

/** A node with the perf service, whose streams lead to `far`, or else to its own handler. */
async function node({ far, wrap = stream => stream, ...init }: PerfInit & { far?: Far; wrap?: Wrap } = {}) {
  const handlers = new Map<string, { handler: StreamHandler; options: StreamHandlerOptions | undefined }>()
  const opened: MultiaddrConnection[] = []
  const dialed: object[] = []
  const service = perf(init)({
    registrar: {
      async handle(protocol, handler, options) {
        handlers.set(protocol, { handler, options })
      },
      async unhandle(protocol) {
        handlers.delete(protocol)
      }
    },
    connectionManager: {
      async openConnection(_peer, options) {
        dialed.push(options ?? {})
        return {
          async newStream(protocol) {
            const [a, b] = messageStreamPair().map(wrap) as [MultiaddrConnection, MultiaddrConnection]
            opened.push(a)
            if (far !== undefined) far(b)
            else void handlers.get(protocol as string)?.handler(b as unknown as Stream, undefined as never)
            return a as unknown as Stream
          }
        }
      }
    }
  })
  const startable = service as unknown as { start(): Promise<void>; stop(): Promise<void>; isStarted(): boolean }
  await startable.start()
  return { service, startable, handlers, opened, dialed }
}

async function all(outputs: AsyncIterable<PerfOutput>): Promise<PerfOutput[]> {
  const list: PerfOutput[] = []
  for await (const output of outputs) list.push(output)
  return list
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('perf', () => {
  protocolSuite(
    { describe, it, expect },
    {
      protocols: ['/perf/1.0.0'],
      create: ({ components }, options) => perf(options)(components)
    }
  )

  it.each([
    ['over the byte path', (stream: MultiaddrConnection) => stream],
    ['over events', eventsOnly]
  ])('moves what it is told to %s', async (_, wrap) => {
    const { service, opened, dialed } = await node({ wrap })
    for (const [up, down] of [
      [0, 0],
      [1, 0],
      [0, 70_000],
      [300_000, 200_000]
    ] as const) {
      const outputs = await all(service.measurePerformance(address, up, down))
      expect(outputs).toEqual([
        { type: 'final', timeSeconds: expect.any(Number), uploadBytes: up, downloadBytes: down }
      ])
    }
    await settled()
    expect(new Set(opened.map(({ status }) => status))).toEqual(new Set(['closed']))
    expect(dialed[0]).toEqual({ force: true })
    await all(service.measurePerformance(address, 0, 0, { reuseExistingConnection: true }))
    expect(dialed.at(-1)).toEqual({ force: false })
  })

  it('reports about once a second, and adds up', async () => {
    // Each look at the clock finds it 400 ms on.
    let now = 0
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 400))
    const { service } = await node()
    const outputs = await all(service.measurePerformance(address, 1_000_000, 1_000_000))
    const final = outputs.pop()!
    expect(outputs.length).toBeGreaterThan(2)
    for (const { type, timeSeconds } of outputs) {
      expect(type).toBe('intermediary')
      expect(timeSeconds).toBeGreaterThan(0.99)
    }
    expect(final).toMatchObject({ type: 'final', uploadBytes: 1_000_000, downloadBytes: 1_000_000 })
    const sum = outputs.reduce((total, { uploadBytes }) => total + uploadBytes, 0)
    expect(sum).toBeLessThanOrEqual(1_000_000)
  })

  it('sends the golden request', async () => {
    const sent: string[] = []
    const { service } = await node({
      far: far => {
        far.addEventListener('message', ({ data }) => sent.push(toHex(data.subarray())))
        far.addEventListener('remoteCloseWrite', () => {
          far.send(new Uint8Array(258))
          void far.close()
        })
      }
    })
    await all(service.measurePerformance(address, 3, 258))
    // 258 bytes wanted; three bytes of upload, zeros.
    expect(sent.join('')).toBe(`0000000000000102${'000000'}`)
  })

  it('may ask for the largest number of 64 bits', async () => {
    const sent: string[] = []
    const { service } = await node({
      far: far => {
        far.addEventListener('message', ({ data }) => sent.push(toHex(data.subarray())))
        far.addEventListener('remoteCloseWrite', () => far.abort(new Error('enough')))
      }
    })
    const measuring = all(service.measurePerformance(address, 0n, 2n ** 64n - 1n))
    await expect(measuring).rejects.toMatchObject({ name: 'StreamResetError' })
    expect(sent.join('')).toBe('ffffffffffffffff')
  })

  it('refuses more, less and a stream that breaks', async () => {
    const answer = (bytes: number) => (far: MultiaddrConnection) => {
      far.addEventListener('message', () => {})
      far.addEventListener('remoteCloseWrite', () => {
        far.send(new Uint8Array(bytes))
        void far.close()
      })
    }
    for (const received of [9, 11]) {
      const { service, opened } = await node({ far: answer(received) })
      await expect(all(service.measurePerformance(address, 0, 10))).rejects.toMatchObject({
        name: 'ProtocolError',
        received,
        expected: 10
      })
      expect(opened[0]!.status).not.toBe('open')
    }
    const broken = await node({ far: far => far.abort(new Error('no')) })
    await expect(all(broken.service.measurePerformance(address, 10_000_000, 10))).rejects.toMatchObject({
      name: 'StreamResetError'
    })
  })

  it('fails when the remote ends and closes before the upload is taken', async () => {
    const { service } = await node({
      far: far => {
        far.pause()
        void far.close()
        setTimeout(() => far.abort(new Error('gone')), 5)
      }
    })
    await expect(all(service.measurePerformance(address, 10_000_000, 0))).rejects.toMatchObject({
      name: 'StreamResetError'
    })
  })

  it('gives up with its signal, and when the loop is left', async () => {
    const reason = new Error('enough')
    const { service, opened } = await node({ far: far => far.pause() })
    const controller = new AbortController()
    const measuring = all(service.measurePerformance(address, 10_000_000, 0, { signal: controller.signal }))
    await settled()
    controller.abort(reason)
    await expect(measuring).rejects.toBe(reason)
    const aborted = service.measurePerformance(address, 0, 0, { signal: AbortSignal.abort(reason) })
    await expect(all(aborted)).rejects.toBe(reason)

    let now = 0
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 2000))
    for await (const output of service.measurePerformance(address, 10_000_000, 0)) {
      expect(output.type).toBe('intermediary')
      break
    }
    expect(opened.map(({ status }) => status)).toEqual(['aborted', 'aborted'])
  })

  it('serves a remote that asks for everything and reads nothing with bounded memory', async () => {
    const { handlers } = await node({ writeBlockSize: 1024 })
    const [near, far] = messageStreamPair({ highWaterMark: 4096 })
    void handlers.get('/perf/1.0.0')!.handler(far as unknown as Stream, undefined as never)
    near.pause()
    near.send(new Uint8Array(8).fill(0xff))
    await near.close()
    await settled()
    expect(far.writableNeedsDrain).toBe(true)
    expect((far as unknown as { writeBufferLength: number }).writeBufferLength).toBeLessThanOrEqual(4096)
    const closed = ended(far)
    near.abort(new Error('done'))
    await closed
  })

  it('aborts a request that is too short', async () => {
    const { handlers } = await node()
    const [near, far] = messageStreamPair()
    const closed = ended(far)
    void handlers.get('/perf/1.0.0')!.handler(far as unknown as Stream, undefined as never)
    near.send(new Uint8Array(7))
    await near.close()
    expect((await closed).error).toMatchObject({ name: 'ProtocolError', byteLength: 7 })
  })

  it('registers and unregisters', async () => {
    const { startable, handlers } = await node()
    expect(handlers.get('/perf/1.0.0')!.options).toEqual({
      maxInboundStreams: 1,
      maxOutboundStreams: 1,
      runOnLimitedConnection: false
    })
    expect(startable.isStarted()).toBe(true)
    await startable.stop()
    expect([handlers.size, startable.isStarted()]).toEqual([0, false])
  })

  it('refuses options and numbers that cannot be', async () => {
    const invalid = expect.objectContaining({ name: 'InvalidParametersError' })
    expect(() => perf({ writeBlockSize: 7 })).toThrow(invalid)
    const { service, dialed } = await node()
    await expect(all(service.measurePerformance(address, -1, 0))).rejects.toEqual(invalid)
    await expect(all(service.measurePerformance(address, 0, 0.5))).rejects.toEqual(invalid)
    await expect(all(service.measurePerformance(address, 0, 2n ** 64n))).rejects.toEqual(invalid)
    expect(dialed).toEqual([])
  })
})
