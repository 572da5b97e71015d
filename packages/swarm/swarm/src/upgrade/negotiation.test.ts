import type { Stream } from '@libp2p/interface'
import type { TimeoutQueue } from '@weft/collections'
import { messageStreamPair } from '@weft/interface-connection/compliance'
import { describe, expect, it, vi } from 'vitest'
import { proposeOptimistically } from './negotiation.ts'

describe('a protocol that was proposed', () => {
  it('is waited for no longer than the stream is there', () => {
    const [stream] = messageStreamPair()
    const clear = vi.fn()
    const timeouts = { add: () => ({ at: 0, fire() {}, clear }) } as unknown as TimeoutQueue
    const owner = { timeouts, onAgreed() {}, onRefused() {}, isAlive: () => true }
    proposeOptimistically(stream as unknown as Stream, '/p/1.0.0', owner)
    expect(clear).not.toHaveBeenCalled()
    stream.abort(new Error('enough'))
    expect(clear).toHaveBeenCalled()
  })
})
