import { createHash } from 'node:crypto'
import { mplex } from '@weft/multiplex'
import { noise } from '@weft/noise'
import { tls } from '@weft/tls'
import { yamux } from '@weft/yamux'
import { describe, expect, it, onTestFinished } from 'vitest'
import { tcpNode, type TestNode } from './tcp-nodes.ts'

async function node(connectionEncrypters: Array<ReturnType<typeof tls>>, streamMuxers = [yamux()]): Promise<TestNode> {
  const made = await tcpNode({ connectionEncrypters, streamMuxers })
  onTestFinished(() => made.stop())
  return made
}

describe('nodes with TLS', () => {
  it.each([
    ['alone', [tls()], [tls()], yamux()],
    ['beside noise', [tls(), noise()], [noise(), tls()], yamux()],
    ['with mplex', [tls()], [tls()], mplex()]
  ])('%s, ping and send', async (_how, own, other, muxer) => {
    const [a, b] = [await node(own, [muxer as never]), await node(other, [muxer as never])]
    const connection = await a.dial(b.getMultiaddrs())
    expect([connection.encryption, connection.multiplexer]).toEqual(['/tls/1.0.0', muxer().protocol])
    expect(await a.services.ping.ping(b.peerId)).toBeGreaterThan(0)
    // As much as mplex lets wait unread.
    const bytes = new Uint8Array(1024 * 1024).map((_, i) => i * 7)
    const stream = await connection.newStream('/echo/1.0.0')
    const hash = createHash('sha256')
    const read = (async () => {
      for await (const chunk of stream) hash.update(chunk.subarray())
    })()
    for (let at = 0; at < bytes.byteLength; at += 65_536) {
      if (!stream.send(bytes.slice(at, at + 65_536))) await stream.onDrain()
    }
    await stream.close()
    await read
    expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'))
    await connection.close()
  })
})
