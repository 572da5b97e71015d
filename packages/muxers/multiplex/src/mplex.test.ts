import { streamMuxerSuite } from '@weft/interface-stream-muxer/compliance'
import { messageStreamPair, settled } from '@weft/interface-connection/compliance'
import { describe, expect, it } from 'vitest'
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
