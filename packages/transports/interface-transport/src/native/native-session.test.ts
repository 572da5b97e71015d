import { connectionScopeOf, receivedBytesOf, setResourceScope, streamScopeOf } from '@weft/interface-connection'
import { collect, ended, messageStreamSuite, settled, until } from '@weft/interface-connection/compliance'
import { multiaddr } from '@weft/multiaddr'
import { ResourceManager } from '@weft/resources'
import { describe, expect, it, vi } from 'vitest'
import {
  type FakeNativeConnection,
  fakeNativePair,
  type FakeNativeStream,
  testComponents
} from '../compliance/index.ts'
import { InboundConnections, nativeUpgrade } from '../index.ts'

const address = multiaddr('/ip4/192.0.2.1/udp/4001/quic-v1')
const hello = Uint8Array.from([1, 2, 3])

async function streamPair(
  [dialer, listener]: [FakeNativeConnection, FakeNativeConnection] = fakeNativePair(address)
): Promise<[FakeNativeStream, FakeNativeStream]> {
  const accepted = new Promise<FakeNativeStream>(resolve =>
    listener.muxer.addEventListener('stream', event => resolve(event.detail as FakeNativeStream), { once: true })
  )
  return [await dialer.muxer.createStream(), await accepted]
}

describe('streams of a native session', () => {
  messageStreamSuite({ describe, it, expect }, { setup: () => streamPair() })

  it('are paused for want of room in the node, and end the one that holds most when none comes', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      const [dialer, listener] = fakeNativePair(address)
      const manager = new ResourceManager({ resourceLimits: { system: { memory: 200_000 } } })
      const scope = manager.openConnection('inbound')
      scope.abortable = listener
      setResourceScope(listener, scope)
      const [sends, holds] = await streamPair([dialer, listener])
      expect(connectionScopeOf(listener)).toBe(scope)
      const account = streamScopeOf(holds)!
      expect(account.abortable).toBe(holds)
      sends.send(new Uint8Array(500))
      await until(() => account.used('memory') > 0)
      // What the node itself holds: no connection can be ended for it.
      manager.system.reserve('memory', 200_000 - manager.system.used('memory') - 1_000)
      const over = ended(sends)
      sends.send(new Uint8Array(10_000))
      await until(() => holds.readBufferLength === 10_500)
      expect([holds.status, account.used('memory')]).toEqual(['open', 500])
      vi.advanceTimersByTime(10_000)
      expect(holds.status).toBe('aborted')
      await over
      expect(listener.status).toBe('open')
      listener.abort(new Error('done'))
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('a connection without bytes', () => {
  it('refuses bytes of its own, and goes on', async () => {
    const [dialer] = fakeNativePair(address)
    for (const write of [() => dialer.send(hello), () => dialer.writev([hello])]) {
      expect(write).toThrow(expect.objectContaining({ name: 'StreamStateError' }))
    }
    expect(dialer.status).toBe('open')
  })

  it('counts what arrives over its streams', async () => {
    const pair = fakeNativePair(address)
    const [a] = await streamPair(pair)
    a.send(hello)
    await until(() => receivedBytesOf(pair[1]) === 3)
    expect(receivedBytesOf(pair[0])).toBe(0)
  })

  it('cuts its streams when the remote ends it, and says so to those that had not ended', async () => {
    const pair = fakeNativePair(address)
    const [near, far] = await streamPair(pair)
    const over = Promise.all([ended(far), ended(pair[1])])
    near.send(hello)
    await pair[0].close()
    const [stream, connection] = await over
    expect([stream.error?.name, connection.error]).toEqual(['StreamResetError', undefined])
    expect(far.readBufferLength).toBe(3)
    expect([near.status, pair[1].muxer.status, pair[1].muxer.streams]).toEqual(['reset', 'closed', []])
  })

  it('has a muxer whose close waits for the remote’s sides: with a signal until that fires, else for 5 s', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const pair = fakeNativePair(address)
      const opening = streamPair(pair)
      await vi.advanceTimersByTimeAsync(1)
      const [near] = await opening
      const closing = pair[0].muxer.close()
      await vi.advanceTimersByTimeAsync(4_999)
      expect([near.writeStatus, near.status]).toEqual(['closed', 'open'])
      await vi.advanceTimersByTimeAsync(1)
      await closing
      expect(near.status).toBe('aborted')

      const others = fakeNativePair(address)
      const another = streamPair(others)
      await vi.advanceTimersByTimeAsync(1)
      const [, answers] = await another
      const { signal, abort } = abortable()
      const rejects = expect(others[0].muxer.close({ signal })).rejects.toThrow('enough')
      await vi.advanceTimersByTimeAsync(10)
      abort(new Error('enough'))
      await rejects
      answers.abort(new Error('done'))
    } finally {
      vi.useRealTimers()
    }
  })

  it('lets no more than ten streams of the remote wait for the end of the upgrade', async () => {
    const [dialer, listener] = fakeNativePair(address)
    const over = ended(listener)
    for (let i = 0; i < 11; i++) await dialer.muxer.createStream()
    expect((await over).error).toMatchObject({ name: 'ProtocolError' })
  })

  it('is upgraded by a listener with the options of its own session', async () => {
    const [, connection] = fakeNativePair(address)
    const remotePeer = { toString: () => 'someone' } as never
    const seen: object[] = []
    const upgrader = { upgradeInbound: async (_: unknown, options: object) => void seen.push(options) } as never
    const log = testComponents().logger.forComponent('test')
    const connections = new InboundConnections({ upgrader, log, upgraderOptions: { limits: { seconds: 1 } } })
    connections.accept(connection, undefined, nativeUpgrade({ muxer: connection.muxer, remotePeer }))
    await settled()
    expect(seen).toEqual([
      {
        limits: { seconds: 1 },
        skipEncryption: true,
        skipProtection: true,
        remotePeer,
        muxerFactory: { protocol: '/fake-native', createStreamMuxer: expect.any(Function) },
        signal: expect.any(AbortSignal)
      }
    ])
    connections.abort(new Error('done'))
    expect(connections.size).toBe(0)
  })

  it('gives what a stream has received to its reader after the end', async () => {
    const pair = fakeNativePair(address)
    const [near, far] = await streamPair(pair)
    near.send(hello)
    await near.close()
    await far.close()
    await pair[0].close()
    await until(() => pair[1].status === 'closed')
    expect([...(await collect(far))]).toEqual([...hello])
  })
})

function abortable(): { signal: AbortSignal; abort: (reason: Error) => void } {
  const controller = new AbortController()
  return { signal: controller.signal, abort: reason => controller.abort(reason) }
}
