import type { Stream } from '@libp2p/interface'
import { fromHex, toHex } from '@weft/bytes'
import { messageStreamPair } from '@weft/interface-connection/compliance'
import { describe, expect, it, vi } from 'vitest'
import { negotiateRaw, proposeOptimistically } from './negotiation.ts'
import type { TimeoutQueue } from './timeout-queue.ts'

describe('a protocol that was proposed', () => {
  it('is waited for no longer than the stream is there', () => {
    const [stream] = messageStreamPair()
    const clear = vi.fn()
    const timeouts = { add: () => ({ at: 0, fire() {}, clear }) } as unknown as TimeoutQueue
    proposeOptimistically(stream as unknown as Stream, '/p/1.0.0', timeouts, () => {})
    expect(clear).not.toHaveBeenCalled()
    stream.abort(new Error('enough'))
    expect(clear).toHaveBeenCalled()
  })
})

describe('a channel without a handshake', () => {
  it('leaves the answer to its own name to itself, and that to the muxer to the muxer', async () => {
    const [near, far] = messageStreamPair()
    const signal = AbortSignal.timeout(5000)
    expect(await negotiateRaw(near, ['/plaintext/1.0.0'], 'outbound', signal)).toBe('/plaintext/1.0.0')
    expect(await negotiateRaw(near, ['/spdy/3.1.0'], 'outbound', signal)).toBe('/spdy/3.1.0')
    // What a listener of 2017 sent: twice the header and the name that it agrees to.
    far.send(
      fromHex(
        '132f6d756c746973747265616d2f312e302e300a' + // /multistream/1.0.0
          '112f706c61696e746578742f312e302e300a' + // /plaintext/1.0.0
          '132f6d756c746973747265616d2f312e302e300a' + // /multistream/1.0.0
          '0c2f737064792f332e312e300a' + // /spdy/3.1.0
          '8003' // the first two bytes of the muxer
      )
    )
    for await (const chunk of near) {
      expect(toHex(chunk.subarray())).toBe('8003')
      break
    }
    expect(near.status).toBe('open')
  })
})
