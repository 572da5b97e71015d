import { collect, ended, settled } from '@weft/interface-connection/compliance'
import { PassThroughUpgrader, testComponents, transportSuite } from '@weft/interface-transport/compliance'
import { multiaddr } from '@weft/multiaddr'
import { describe, expect, it } from 'vitest'
import { memory, type MemoryTransportInit } from './index.ts'

let n = 0
const next = () => multiaddr(`/memory/test-${n++}`)
const peer = '12D3KooWGrjaCpqkhnGBtEQoGxP7yyLGYzRyCTDoi7VLnWbVDjBD'
const signal = new AbortController().signal

for (const init of [{}, { latency: 1 }]) {
  describe(`with ${JSON.stringify(init)}`, () => {
    transportSuite(
      { describe, it, expect },
      {
        setup: async () => ({
          transport: memory(init)(testComponents()),
          listenAddrs: [next(), next()],
          deadAddr: next(),
          foreignAddr: multiaddr('/ip4/127.0.0.1/tcp/1')
        })
      }
    )
  })
}

describe('memory', () => {
  const connect = async (init: MemoryTransportInit = {}) => {
    const upgrader = new PassThroughUpgrader()
    const transport = memory(init)(testComponents())
    const listener = transport.createListener({ upgrader })
    const address = next()
    await listener.listen(address)
    await transport.dial(address.encapsulate(`/p2p/${peer}`), { upgrader, signal })
    return {
      transport,
      listener,
      upgrader,
      address,
      dialer: upgrader.outbound!,
      accepted: await upgrader.nextInbound()
    }
  }

  it('keeps the peer that was dialed in the dialer’s address', async () => {
    const { dialer, accepted, address } = await connect()
    expect(dialer.remoteAddr.toString()).toBe(`${address.toString()}/p2p/${peer}`)
    expect(accepted.remoteAddr.toString()).toBe(`${address.toString()}-outgoing`)
  })

  it('finds the listener of another copy of the package', async () => {
    const { listener, upgrader, address } = await connect()
    const registry = Reflect.get(globalThis, Symbol.for('@weft/memory/1')) as Map<string, unknown>
    expect(registry.has(address.toString())).toBe(true)
    const other = memory()(testComponents())
    await other.dial(address, { upgrader, signal })
    await listener.close()
    expect(registry.has(address.toString())).toBe(false)
  })

  it('cuts what is longer than a message, and copies what is sent', async () => {
    const { dialer, accepted } = await connect({ maxMessageSize: 2 })
    const lengths: number[] = []
    const bytes: number[] = []
    accepted.addEventListener('message', ({ data }) => {
      lengths.push(data.byteLength)
      bytes.push(...data.subarray())
    })
    const ended = new Promise(resolve => accepted.addEventListener('remoteCloseWrite', resolve, { once: true }))
    const sent = Uint8Array.from([1, 2, 3, 4, 5])
    dialer.send(sent)
    sent.fill(0)
    await dialer.close()
    await ended
    expect(lengths).toEqual([2, 2, 1])
    expect(bytes).toEqual([1, 2, 3, 4, 5])
  })

  it('holds no more for a reader that does not read than a socket would', async () => {
    const { dialer, accepted } = await connect()
    const chunk = new Uint8Array(64 * 1024)
    let sent = 0
    for (let i = 0; i < 100; i++) {
      if (dialer.writableNeedsDrain) await settled()
      if (dialer.writableNeedsDrain) break
      dialer.send(chunk)
      sent += chunk.byteLength
    }
    expect(sent).toBeLessThanOrEqual(1024 * 1024)
    expect(accepted.readBufferLength).toBeLessThanOrEqual(512 * 1024)
    let received = 0
    const drained = dialer.onDrain()
    for await (const list of accepted) {
      received += list.byteLength
      if (received === sent) break
    }
    await drained
  })

  it('drops what was under way when the sender aborts', async () => {
    const { dialer, accepted } = await connect({ latency: 1 })
    accepted.pause()
    const closed = ended(accepted)
    dialer.send(new Uint8Array(10))
    dialer.abort(new Error('broken off'))
    expect((await closed).error).toMatchObject({ name: 'StreamResetError' })
    expect(accepted.readBufferLength).toBe(0)
  })

  it('closes a connection whose remote has ended when nobody uses it any more', async () => {
    const { dialer, accepted } = await connect()
    const closed = ended(accepted)
    await dialer.close()
    await settled()
    accepted.send(Uint8Array.of(1))
    expect((await closed).error).toBe(undefined)
    expect((await collect(dialer)).byteLength).toBe(1)
    expect(dialer.status).toBe('closed')
  })

  it('fails a dial whose listener closes meanwhile', async () => {
    const { transport, listener, upgrader, address } = await connect({ latency: 1 })
    const dialing = transport.dial(address, { upgrader, signal })
    await listener.close()
    await expect(dialing).rejects.toMatchObject({ name: 'ConnectionFailedError', address: address.toString() })
  })

  it('refuses to listen on another transport’s address', async () => {
    const listener = memory()(testComponents()).createListener({ upgrader: new PassThroughUpgrader() })
    await expect(listener.listen(multiaddr('/ip4/127.0.0.1/tcp/0'))).rejects.toMatchObject({
      name: 'InvalidParametersError'
    })
  })

  it.each([{ latency: -1 }, { latency: Number.NaN }, { maxMessageSize: 0 }])('refuses %o', init => {
    expect(() => memory(init)).toThrow(
      expect.objectContaining({
        name: 'InvalidParametersError',
        message: expect.stringContaining(Object.keys(init)[0]!)
      })
    )
  })
})
