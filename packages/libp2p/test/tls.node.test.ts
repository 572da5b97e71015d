import { createHash } from 'node:crypto'
import type { Stream } from '@libp2p/interface'
import { concat, toHex } from '@weft/bytes'
import { mplex } from '@weft/multiplex'
import { noise } from '@weft/noise'
import { tls } from '@weft/tls'
import { yamux } from '@weft/yamux'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually, tcpNode, type TestNode } from './tcp-nodes.ts'

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

  it('keep small messages of many streams apart while nobody reads them', async () => {
    const [a, b] = [await node([tls()]), await node([tls()])]
    const inbound: Stream[] = []
    await b.handle('/later/1.0.0', stream => void inbound.push(stream))
    const connection = await a.dial(b.getMultiaddrs())
    const streams = [await connection.newStream('/later/1.0.0'), await connection.newStream('/later/1.0.0')]
    for (let i = 0; i < 200; i++) for (const [k, stream] of streams.entries()) stream.send(message(k, i))
    await Promise.all(streams.map(stream => stream.close()))
    await eventually(() => expect(inbound.map(stream => stream.remoteWriteStatus)).toEqual(['closed', 'closed']))
    for (const [k, stream] of inbound.entries()) {
      const received: Uint8Array[] = []
      for await (const chunk of stream) received.push(chunk.subarray())
      const sent = Array.from({ length: 200 }, (_, i) => message(k, i))
      expect(toHex(concat(received))).toBe(toHex(concat(sent)))
    }
  })
})

function message(stream: number, index: number): Uint8Array {
  return new Uint8Array(40).fill(100 * stream + (index % 100))
}
