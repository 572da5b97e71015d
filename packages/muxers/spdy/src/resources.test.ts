import type { Stream } from '@libp2p/interface'
import { setResourceScope, streamScopeOf } from '@weft/interface-connection'
import { collect, ended, messageStreamPair, settled } from '@weft/interface-connection/compliance'
import { type ResourceLimits, ResourceManager } from '@weft/resources'
import { expect, it } from 'vitest'
import { spdy, type SpdyOptions } from './index.ts'

function setup(resourceLimits: ResourceLimits, options: SpdyOptions = {}) {
  const [a, b] = messageStreamPair({ maxChunk: 8 * 1024 })
  const scope = new ResourceManager({ resourceLimits }).openConnection('inbound')
  setResourceScope(b, scope)
  const [near, far] = [spdy()().createStreamMuxer(a), spdy(options)().createStreamMuxer(b)]
  const accepted: Stream[] = []
  far.addEventListener('stream', event => accepted.push(event.detail))
  return { scope, near, far, accepted }
}

async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await settled()
}

it('resets a stream for which the account has no room, and opens none', async () => {
  const { near, far, accepted } = setup({ connection: { streams: 1 } })
  const [first, second] = [await near.createStream(), await near.createStream()]
  await ended(second)
  expect([first.status, second.status]).toEqual(['open', 'reset'])
  expect(accepted).toHaveLength(1)
  await expect(far.createStream()).rejects.toMatchObject({ name: 'ResourceLimitError', scope: 'connection' })
})

it('reads no more when there is no room, and goes on when there is', async () => {
  const { scope, near, accepted } = setup({ connection: { memory: 20 * 1024 } })
  const stream = await near.createStream()
  stream.send(new Uint8Array(50 * 1024))
  void stream.close()
  await turns()
  expect(scope.used('memory')).toBeLessThanOrEqual(20 * 1024)
  expect(accepted[0]!.readBufferLength).toBeLessThanOrEqual(28 * 1024)
  expect(await collect(accepted[0]!)).toHaveLength(50 * 1024)
  expect(scope.used('memory')).toBe(0)
})

it('may hold what its options say', async () => {
  const { scope, accepted, near } = setup(
    {},
    { maxInboundStreams: 2000, maxConnectionWindowSize: 32 * 2 ** 20, streamOptions: { maxStreamWindowSize: 2 ** 24 } }
  )
  expect([scope.limit('streamsInbound'), scope.limit('memory')]).toEqual([2000, 32 * 2 ** 20])
  await near.createStream()
  await turns()
  expect(streamScopeOf(accepted[0]!)?.limit('memory')).toBe(2 ** 24)
})
