import type { MessageStream, StreamMuxer } from '@libp2p/interface'
import { concat, fromHex, toHex } from '@weft/bytes'
import { openPipe } from '@weft/interface-connection'
import { collect, ended, messageStreamPair, settled } from '@weft/interface-connection/compliance'
import { streamMuxerSuite } from '@weft/interface-stream-muxer/compliance'
import { describe, expect, it, vi } from 'vitest'
import { maxFrameTime } from './core/limits.ts'
import { spdy } from './index.ts'

const maxInboundStreams = 300

streamMuxerSuite({ describe, it, expect }, { setup: async () => spdy({ maxInboundStreams })(), maxInboundStreams })

describe('spdy', () => {
  it('names itself', () => {
    expect(spdy()().protocol).toBe('/spdy/3.1.0')
  })

  it.each([
    [{ maxInboundStreams: -1 }, 'maxInboundStreams'],
    [{ maxMessageSize: 0.5 }, 'maxMessageSize'],
    [{ maxConnectionWindowSize: 65_535 }, 'maxConnectionWindowSize'],
    [{ streamOptions: { maxStreamWindowSize: Number.POSITIVE_INFINITY } }, 'maxStreamWindowSize']
  ])('refuses %o', (options, name) => {
    expect(() => spdy(options)).toThrow(
      expect.objectContaining({ name: 'InvalidParametersError', message: expect.stringContaining(name) })
    )
  })

  it('opens no more streams than it may, nor than the remote takes', async () => {
    const [near, far] = messageStreamPair()
    const muxer = spdy({ maxOutboundStreams: 2 })().createStreamMuxer(near)
    const [first] = await Promise.all([muxer.createStream(), muxer.createStream()])
    await expect(muxer.createStream()).rejects.toMatchObject({ code: 'ERR_TOO_MANY_OUTBOUND_STREAMS', limit: 2 })
    // SETTINGS, one entry: MAX_CONCURRENT_STREAMS 1
    far.send(fromHex('800300040000000c' + '00000001' + '0000000400000001'))
    await settled()
    first.abort(new Error('done'))
    await expect(muxer.createStream()).rejects.toMatchObject({ code: 'ERR_TOO_MANY_OUTBOUND_STREAMS', limit: 1 })
    muxer.abort(new Error('done'))
  })

  it('opens no streams when the remote takes no more', async () => {
    const [near, far] = messageStreamPair()
    const muxer = spdy()().createStreamMuxer(near)
    const stream = await muxer.createStream()
    const gone = ended(await muxer.createStream())
    // GOAWAY, the last stream is 1, OK
    far.send(fromHex('8003000700000008' + '00000001' + '00000000'))
    expect((await gone).error).toMatchObject({ name: 'StreamResetError' })
    expect(stream.status).toBe('open')
    await expect(muxer.createStream()).rejects.toMatchObject({ name: 'MuxerClosedError' })
    const over = ended(near)
    // GOAWAY, PROTOCOL_ERROR
    far.send(fromHex('8003000700000008' + '00000001' + '00000001'))
    expect((await over).error).toMatchObject({ code: 'ERR_SPDY_GO_AWAY', reason: 1 })
  })

  it('ends the connection with the last stream when the remote has said good-bye', async () => {
    // What libp2p-spdy 0.11 and 0.13 send when they hang up: GOAWAY, the last stream is 1, OK
    const goodBye = fromHex('8003000700000008' + '00000001' + '00000000')
    for (const open of [0, 1]) {
      const [near, far] = messageStreamPair()
      const muxer = spdy()().createStreamMuxer(near)
      const stream = open === 0 ? undefined : await muxer.createStream()
      let hungUp = false
      const hangingUp = new Promise<void>(resolve => {
        far.addEventListener('remoteCloseWrite', () => {
          hungUp = true
          resolve()
        })
      })
      const over = ended(near)
      far.send(goodBye)
      if (stream !== undefined) {
        await settled()
        expect(hungUp).toBe(false)
        stream.abort(new Error('done'))
      }
      await hangingUp
      void far.close()
      expect((await over).error).toBeUndefined()
      expect(muxer.status).toBe('closed')
    }
  })

  it('says good-bye only to a remote that broke the rules', async () => {
    const sent = async (end: (muxer: StreamMuxer, far: MessageStream) => unknown): Promise<string> => {
      const [near, far] = messageStreamPair()
      const muxer = spdy()().createStreamMuxer(near)
      await settled()
      const written: Uint8Array[] = []
      vi.spyOn(openPipe(near), 'writev').mockImplementation(chunks => written.push(...chunks) > 0)
      const over = ended(near)
      await end(muxer, far)
      near.abort(new Error('done'))
      await over
      return toHex(concat(written))
    }
    expect(await sent(muxer => muxer.close())).toBe('')
    expect(await sent(muxer => muxer.abort(new Error('enough')))).toBe('')
    // GOAWAY, no stream, PROTOCOL_ERROR: the answer to SPDY/2
    const goodBye = '8003000700000008' + '00000000' + '00000001'
    const spdy2 = fromHex('8002000600000000')
    expect(
      await sent(async (muxer, far) => {
        far.send(spdy2)
        while (muxer.status === 'open') await settled()
      })
    ).toBe(goodBye)
  })

  it('ends the connection when the rest of a frame does not come', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => Date.now())
    try {
      const [near, far] = messageStreamPair()
      const muxer = spdy()().createStreamMuxer(near)
      const over = ended(near)
      far.send(fromHex('80030006'))
      await vi.advanceTimersByTimeAsync(maxFrameTime - 100)
      expect(muxer.status).toBe('open')
      await vi.advanceTimersByTimeAsync(200)
      expect((await over).error).toMatchObject({ code: 'ERR_SPDY_FRAME_TIMEOUT' })
    } finally {
      clock.mockRestore()
      vi.useRealTimers()
    }
  })

  it('takes more than a window from a remote that counts nothing, and reads on as its reader does', async () => {
    const [near, far] = messageStreamPair({ maxChunk: 16 * 1024 })
    const muxer = spdy({ maxConnectionWindowSize: 65_536 })().createStreamMuxer(near)
    const stream = await muxer.createStream()
    // DATA of 300,000 bytes, then an end
    const length = 300_000
    far.send(fromHex('00000001' + '000493e0'))
    far.send(new Uint8Array(length).fill(7))
    far.send(fromHex('00000001' + '01000000'))
    for (let i = 0; i < 20; i++) await settled()
    expect(stream.readBufferLength).toBeGreaterThanOrEqual(65_536)
    expect(stream.readBufferLength).toBeLessThan(65_536 + 3 * 16 * 1024)
    expect((await collect(stream)).every(byte => byte === 7)).toBe(true)
    muxer.abort(new Error('done'))
  })

  it('ends when the remote floods it and reads nothing', async () => {
    const [near, far] = messageStreamPair({ highWaterMark: 1024 })
    const muxer = spdy()().createStreamMuxer(near)
    far.pause()
    // PING 2, again and again: each is answered
    const pings = fromHex(('8003000600000004' + '00000002').repeat(1000))
    for (let i = 0; i < 10 && far.status === 'open'; i++) {
      far.send(pings)
      await settled()
    }
    expect(muxer.status).toBe('closed')
  })
})
