import { memory } from '@weft/memory'
import { noise } from '@weft/noise'
import { yamux } from '@weft/yamux'
import { describe, expect, it } from 'vitest'
import { createLibp2p, isLibp2p, type Libp2p } from './index.ts'

let count = 0
const node = (options = {}): Promise<Libp2p> =>
  createLibp2p({
    addresses: { listen: [`/memory/facade-${count++}`] },
    transports: [memory()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    ...options
  })

describe('createLibp2p', () => {
  it('makes nodes that connect and speak a protocol', async () => {
    const [a, b] = await Promise.all([node(), node()])
    expect(isLibp2p(a)).toBe(true)
    await b.handle('/echo', async stream => {
      for await (const chunk of stream) stream.send(chunk)
      await stream.close()
    })
    const stream = await a.dialProtocol(b.getMultiaddrs(), '/echo')
    stream.send(Uint8Array.of(1, 2, 3))
    await stream.close()
    const got: number[] = []
    for await (const chunk of stream) got.push(...chunk.subarray())
    expect(got).toEqual([1, 2, 3])
    expect(a.getPeers().map(String)).toEqual([b.peerId.toString()])
    await Promise.all([a.stop(), b.stop()])
    expect(a.getConnections()).toEqual([])
  })
})
