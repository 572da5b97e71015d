import { messageStreamPair, settled } from '@weft/interface-connection/compliance'
import { streamMuxerSuite } from '@weft/interface-stream-muxer/compliance'
import { describe, expect, it } from 'vitest'
import { yamux } from './index.ts'

const maxInboundStreams = 300

streamMuxerSuite({ describe, it, expect }, { setup: async () => yamux({ maxInboundStreams })(), maxInboundStreams })

describe('yamux', () => {
  it('names itself', () => {
    expect(yamux()().protocol).toBe('/yamux/1.0.0')
  })

  it.each([
    [{ maxInboundStreams: -1 }, 'maxInboundStreams'],
    [{ keepAliveInterval: 0.5 }, 'keepAliveInterval'],
    [{ streamOptions: { maxStreamWindowSize: 1000 } }, 'maxStreamWindow']
  ])('refuses %o', (options, name) => {
    expect(() => yamux(options)).toThrow(
      expect.objectContaining({ name: 'InvalidParametersError', message: expect.stringContaining(name) })
    )
  })

  it('makes the opener wait while 256 streams are unanswered, and gives the wait up with its signal', async () => {
    const [near, far] = messageStreamPair()
    const dialer = yamux()().createStreamMuxer(near)
    await Promise.all(Array.from({ length: 256 }, () => dialer.createStream()))
    const given = new AbortController()
    const reason = new Error('enough')
    const waiting = dialer.createStream({ signal: given.signal })
    given.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    const answered = dialer.createStream()
    const listener = yamux()().createStreamMuxer(far)
    listener.addEventListener('stream', () => {})
    await answered
    const late = Array.from({ length: 256 }, () => dialer.createStream())
    dialer.abort(new Error('over'))
    for (const result of await Promise.allSettled(late)) expect(['fulfilled', 'rejected']).toContain(result.status)
    expect(dialer.streams.length).toBe(0)
  })

  it('ends when the remote floods it and reads nothing', async () => {
    const [near, far] = messageStreamPair({ highWaterMark: 1024 })
    const muxer = yamux()().createStreamMuxer(near)
    far.pause()
    const pings = new Uint8Array(12 * 1000)
    for (let i = 0; i < 1000; i++) pings.set([0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1], i * 12)
    for (let i = 0; i < 10 && far.status === 'open'; i++) {
      far.send(pings)
      await settled()
    }
    expect(muxer.status).toBe('closed')
  })
})
