import type { Stream, StreamMuxer } from '@libp2p/interface'
import { setResourceScope, streamScopeOf } from '@weft/interface-connection'
import { collect, ended, messageStreamPair, settled } from '@weft/interface-connection/compliance'
import { type ConnectionScope, type ResourceLimits, ResourceManager } from '@weft/resources'
import { describe, expect, it, vi } from 'vitest'
import { yamux, type YamuxOptions } from './index.ts'

interface Setup {
  manager: ResourceManager
  scope: ConnectionScope
  near: StreamMuxer
  far: StreamMuxer
  /** Streams that the far side has received. */
  accepted: Stream[]
}

/** Two muxers, the far one with an account. */
function connect(manager: ResourceManager, options: YamuxOptions = {}): Setup {
  const [a, b] = messageStreamPair({ maxChunk: 32 * 1024 })
  const scope = manager.openConnection('inbound')
  scope.setPeer('near')
  scope.abortable = b
  setResourceScope(b, scope)
  b.addEventListener('close', () => scope.close())
  const near = yamux()().createStreamMuxer(a)
  const far = yamux(options)().createStreamMuxer(b)
  const accepted: Stream[] = []
  far.addEventListener('stream', event => accepted.push(event.detail))
  return { manager, scope, near, far, accepted }
}

function setup(resourceLimits: ResourceLimits = {}, options: YamuxOptions = {}): Setup {
  return connect(new ResourceManager({ resourceLimits }), options)
}

async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await settled()
}

const kibibyte = 1024

describe('yamux with an account', () => {
  it('resets a stream past the limit before anyone sees it', async () => {
    const { manager, scope, near, accepted } = setup({ connection: { streamsInbound: 1 } })
    const first = await near.createStream()
    const second = await near.createStream()
    await ended(second)
    expect(second.status).toBe('reset')
    expect(accepted).toHaveLength(1)
    expect(manager.refusals()).toEqual([{ scope: 'connection', resource: 'streamsInbound', count: 1 }])
    first.abort(new Error('done'))
    await turns()
    expect(scope.used('streams')).toBe(0)
    const third = await near.createStream()
    await turns()
    expect(third.status).toBe('open')
  })

  it('opens no stream past the limit', async () => {
    const { far, scope } = setup({ system: { streamsOutbound: 1 } })
    const stream = await far.createStream()
    const refused = { name: 'ResourceLimitError', resource: 'streamsOutbound', limit: 1 }
    await expect(far.createStream()).rejects.toMatchObject(refused)
    stream.abort(new Error('done'))
    await far.createStream()
    far.abort(new Error('done'))
    expect(scope.used('streams')).toBe(0)
  })

  it('charges what lies unread, and gives it back when it is read', async () => {
    const { scope, near, accepted } = setup()
    const stream = await near.createStream()
    stream.send(new Uint8Array(100 * kibibyte))
    await turns()
    const [received] = accepted
    expect(scope.used('memory')).toBe(100 * kibibyte)
    expect(streamScopeOf(received!)?.used('memory')).toBe(100 * kibibyte)
    await stream.close()
    expect(await collect(received!)).toHaveLength(100 * kibibyte)
    expect(scope.used('memory')).toBe(0)
  })

  it('reads no more when there is no room, and goes on when there is: nothing is lost', async () => {
    const { scope, near, accepted } = setup({ connection: { memory: 100 * kibibyte } })
    const stream = await near.createStream()
    stream.send(new Uint8Array(150 * kibibyte).fill(1))
    void stream.close()
    await turns()
    expect(scope.used('memory')).toBeGreaterThan(64 * kibibyte)
    expect(scope.used('memory')).toBeLessThanOrEqual(100 * kibibyte)
    // One chunk had arrived before the pause.
    expect(accepted[0]!.readBufferLength - scope.used('memory')).toBeLessThanOrEqual(32 * kibibyte)
    const bytes = await collect(accepted[0]!)
    expect(bytes).toHaveLength(150 * kibibyte)
    expect(bytes.every(byte => byte === 1)).toBe(true)
    expect(scope.used('memory')).toBe(0)
  })

  it('ends the stream that holds the most after 10 s without room, and goes on', async () => {
    vi.useFakeTimers()
    try {
      const { scope, near, accepted } = setup({ connection: { memory: 100 * kibibyte } })
      const [small, large] = [await near.createStream(), await near.createStream()]
      small.send(new Uint8Array(20 * kibibyte))
      large.send(new Uint8Array(70 * kibibyte))
      await vi.advanceTimersByTimeAsync(1)
      small.send(new Uint8Array(30 * kibibyte))
      await vi.advanceTimersByTimeAsync(9_000)
      expect(accepted.map(({ status }) => status)).toEqual(['open', 'open'])
      const end = ended(accepted[1]!)
      await vi.advanceTimersByTimeAsync(1_100)
      const error = { name: 'ResourceLimitError', scope: 'connection', resource: 'memory', requested: 0 }
      expect((await end).error).toMatchObject(error)
      expect(accepted[0]!.status).toBe('open')
      expect(accepted[0]!.readBufferLength).toBe(50 * kibibyte)
      expect(scope.used('memory')).toBe(50 * kibibyte)
      expect(large.status).toBe('reset')
    } finally {
      vi.useRealTimers()
    }
  })

  it('takes the room from the connection that holds the most when the node has none', async () => {
    vi.useFakeTimers()
    try {
      const manager = new ResourceManager({ resourceLimits: { system: { memory: 320 * kibibyte } } })
      const [hog, honest] = [connect(manager), connect(manager)]
      const [held, stream] = [await hog.near.createStream(), await honest.near.createStream()]
      await vi.advanceTimersByTimeAsync(1)
      held.send(new Uint8Array(250 * kibibyte))
      await vi.advanceTimersByTimeAsync(1)
      stream.send(new Uint8Array(20 * kibibyte))
      await vi.advanceTimersByTimeAsync(10_100)
      expect(manager.system.used('memory')).toBeLessThanOrEqual(320 * kibibyte)
      expect(hog.accepted[0]!.status).toBe('aborted')
      expect(honest.accepted[0]).toMatchObject({ status: 'open', readBufferLength: 20 * kibibyte })
    } finally {
      vi.useRealTimers()
    }
  })

  it('resets a stream that holds more than a stream may', async () => {
    const { near, accepted } = setup({ stream: { memory: 10 * kibibyte } })
    const stream = await near.createStream()
    stream.send(new Uint8Array(11 * kibibyte))
    await ended(stream)
    expect(stream.status).toBe('reset')
    expect(accepted[0]!.status).toBe('aborted')
  })

  it('never resets a sender for filling a window that it was granted, however large', async () => {
    const { scope, near, accepted } = setup()
    const stream = await near.createStream()
    await turns()
    const largest = 16 * 2 ** 20
    expect([streamScopeOf(accepted[0]!)!.limit('memory'), accepted[0]!.maxReadBufferLength]).toEqual([largest, largest])
    expect(scope.limit('windows')).toBe(64 * 2 ** 20)
    stream.abort(new Error('done'))
  })

  it('may hold what its options say', async () => {
    const { scope, accepted, near } = setup(
      {},
      {
        maxInboundStreams: 2000,
        maxConnectionWindowSize: 32 * 2 ** 20,
        streamOptions: { maxStreamWindowSize: 16 * 2 ** 20 }
      }
    )
    expect([scope.limit('streamsInbound'), scope.limit('memory')]).toEqual([2000, 32 * 2 ** 20])
    await near.createStream()
    await turns()
    expect(streamScopeOf(accepted[0]!)?.limit('memory')).toBe(16 * 2 ** 20)
  })

  it('charges what is unsent to a remote that does not read, and nothing is lost for a writer that waits', async () => {
    const { far, near, scope } = setup()
    const received: Stream[] = []
    near.addEventListener('stream', event => {
      // One that nobody reads yet would take more than its window.
      event.detail.pause()
      received.push(event.detail)
    })
    const stream = await far.createStream()
    const size = 20 * 1024 * kibibyte
    expect(stream.send(new Uint8Array(size).fill(1))).toBe(false)
    // More than a connection may hold: half of that is charged, and the rest waits all the same.
    expect(scope.used('unsent')).toBeGreaterThan(7 * 1024 * kibibyte)
    expect(scope.used('unsent')).toBeLessThan(9 * 1024 * kibibyte)
    expect(scope.used('memory')).toBe(0)
    void stream.close()
    await turns()
    expect(stream.writeBufferLength).toBeGreaterThan(19 * 1024 * kibibyte)
    received[0]!.resume()
    const bytes = await collect(received[0]!)
    expect(bytes).toHaveLength(size)
    await turns()
    expect(scope.used('unsent')).toBe(0)
  })

  it('charges what its connection has not taken, until it has', async () => {
    const manager = new ResourceManager()
    const [a, b] = messageStreamPair({ highWaterMark: 1000 })
    const scope = manager.openConnection('outbound')
    scope.setPeer('near')
    setResourceScope(b, scope)
    a.pause()
    const muxer = yamux()().createStreamMuxer(b)
    const stream = await muxer.createStream()
    stream.send(new Uint8Array(10 * kibibyte))
    await settled()
    // With the headers of its frames, and a ping where the session has sent one.
    expect(scope.used('unsent')).toBeGreaterThan(10 * kibibyte)
    expect(scope.used('unsent')).toBeLessThan(11 * kibibyte)
    expect(streamScopeOf(stream)?.used('unsent')).toBe(0)
    a.resume()
    a.addEventListener('message', () => {})
    await turns()
    expect(scope.used('unsent')).toBe(0)
  })

  it('lets writers have what its options say', () => {
    const maxWriteBufferLength = 64 * 1024 * kibibyte
    expect(setup({}, { streamOptions: { maxWriteBufferLength } }).scope.limit('unsent')).toBe(maxWriteBufferLength)
  })
})
