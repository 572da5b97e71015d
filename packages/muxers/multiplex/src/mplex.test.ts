import { streamMuxerSuite } from '@weft/interface-stream-muxer/compliance'
import { collect, ended, messageStreamPair, settled, until } from '@weft/interface-connection/compliance'
import type { Stream } from '@libp2p/interface'
import { describe, expect, it, vi } from 'vitest'
import { maxCrowded } from './core/limits.ts'
import { mplex } from './index.ts'

const maxInboundStreams = 300

streamMuxerSuite(
  { describe, it, expect },
  { setup: async () => mplex({ maxInboundStreams })(), maxInboundStreams, flowControl: false }
)

describe('mplex', () => {
  it('names itself', () => {
    expect(mplex()().protocol).toBe('/mplex/6.7.0')
  })

  it('takes its early name, which its muxers then have', () => {
    const factory = mplex({ protocol: '/multiplex/6.7.0' })()
    const [near] = messageStreamPair()
    const muxer = factory.createStreamMuxer(near)
    expect([factory.protocol, muxer.protocol]).toEqual(['/multiplex/6.7.0', '/multiplex/6.7.0'])
    muxer.abort(new Error('done'))
  })

  it.each([
    [{ protocol: '/mplex/7.0.0' as '/mplex/6.7.0' }, 'protocol'],
    [{ maxInboundStreams: -1 }, 'maxInboundStreams'],
    [{ maxMessageSize: 0.5 }, 'maxMessageSize'],
    [{ disconnectThreshold: Number.NaN }, 'disconnectThreshold'],
    [{ streamOptions: { maxReadBufferLength: 0 } }, 'maxReadBufferLength']
  ])('refuses %o', (options, name) => {
    expect(() => mplex(options)).toThrow(
      expect.objectContaining({ name: 'InvalidParametersError', message: expect.stringContaining(name) })
    )
  })

  it('opens no more streams than it may', async () => {
    const [near] = messageStreamPair()
    const muxer = mplex({ maxOutboundStreams: 2 })().createStreamMuxer(near)
    const [first] = await Promise.all([muxer.createStream(), muxer.createStream()])
    await expect(muxer.createStream()).rejects.toMatchObject({ code: 'ERR_TOO_MANY_OUTBOUND_STREAMS', limit: 2 })
    first.abort(new Error('done'))
    expect((await muxer.createStream()).id).toBe('i4')
    muxer.abort(new Error('done'))
  })

  it('gives its bound for a stream to the stream', async () => {
    const [near] = messageStreamPair()
    const muxer = mplex({ streamOptions: { maxReadBufferLength: 1000 } })().createStreamMuxer(near)
    expect((await muxer.createStream()).maxReadBufferLength).toBe(1000)
    muxer.abort(new Error('done'))
  })

  it('ends when the remote floods it and reads nothing', async () => {
    const [near, far] = messageStreamPair({ highWaterMark: 1024 })
    const muxer = mplex({ maxInboundStreams: 0, disconnectThreshold: 1_000_000 })().createStreamMuxer(near)
    far.pause()
    // NewStream 1, again and again: each is answered by a reset.
    const opens = new Uint8Array(16 * 1024)
    for (let i = 0; i < opens.byteLength; i += 2) opens[i] = 8
    for (let i = 0; i < 20 && far.status === 'open'; i++) {
      far.send(opens)
      await settled()
    }
    expect(muxer.status).toBe('closed')
  })
})

describe('a reader that falls behind', () => {
  async function pair(): Promise<[Stream, Stream, () => void]> {
    const [near, far] = messageStreamPair({ maxChunk: 16 * 1024 })
    const [dialer, listener] = [mplex()().createStreamMuxer(near), mplex()().createStreamMuxer(far)]
    const accepted: Stream[] = []
    listener.addEventListener('stream', event => accepted.push(event.detail))
    const stream = await dialer.createStream()
    stream.send(new Uint8Array(4 * 1024 * 1024))
    await until(() => accepted.length > 0)
    return [stream, accepted[0]!, () => dialer.abort(new Error('done'))]
  }

  it('is waited for: the connection is not read, and no byte is lost', async () => {
    const [stream, behind, end] = await pair()
    for (let i = 0; i < 20; i++) await settled()
    expect(behind.status).toBe('open')
    expect(behind.readBufferLength).toBeGreaterThan(512 * 1024)
    expect(behind.readBufferLength).toBeLessThan(600 * 1024)
    void stream.close()
    expect(await collect(behind)).toHaveLength(4 * 1024 * 1024)
    end()
  })

  it('is not waited for longer than 5 s: then its stream is reset at the bound', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => Date.now())
    try {
      const opened = pair()
      await vi.advanceTimersByTimeAsync(100)
      const [, behind, end] = await opened
      const over = ended(behind)
      await vi.advanceTimersByTimeAsync(maxCrowded - 200)
      expect(behind.status).toBe('open')
      await vi.advanceTimersByTimeAsync(400)
      expect((await over).error).toMatchObject({ name: 'StreamBufferError', limit: 1024 * 1024 })
      end()
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      clock.mockRestore()
      vi.useRealTimers()
    }
  })
})
