import { setResourceScope } from '@weft/interface-connection'
import { collect, eventsOnly, messageStreamPair, settled, until } from '@weft/interface-connection/compliance'
import { ResourceManager } from '@weft/resources'
import { describe, expect, it } from 'vitest'
import { HandshakePipe, performHandshake } from './index.ts'

describe.each([
  ['the byte path', messageStreamPair],
  ['events', () => messageStreamPair().map(eventsOnly) as ReturnType<typeof messageStreamPair>]
])('handshake pipe over %s', (_name, pair) => {
  it('reads exactly what is asked for and gives back the rest, however it was cut', async () => {
    const [a, b] = pair()
    const pipe = new HandshakePipe(b)
    a.send(Uint8Array.of(1, 2))
    a.send(Uint8Array.of(3, 4, 5))
    expect([...(await pipe.read(3))]).toEqual([1, 2, 3])
    expect((await pipe.read(0)).byteLength).toBe(0)
    pipe.release()
    await a.close()
    expect([...(await collect(b))]).toEqual([4, 5])
    await b.close()
  })

  it('gives a channel what came before it, then the rest, then the end', async () => {
    const [a, b] = pair()
    const pipe = new HandshakePipe(b)
    a.send(Uint8Array.of(1, 2, 3))
    expect([...(await pipe.read(1))]).toEqual([1])
    await a.close()
    await settled()
    const given: unknown[] = []
    pipe.takeOver({
      onBytes: chunk => given.push(...chunk),
      onDrain() {},
      onEnd: () => given.push('end'),
      onClose: error => given.push(error ?? 'closed')
    })
    await settled()
    await b.close()
    await settled()
    expect(given).toEqual([2, 3, 'end', 'closed'])
  })

  it('pauses a remote that sends far ahead', async () => {
    const [a, b] = pair()
    const pipe = new HandshakePipe(b)
    for (let i = 0; i < 5; i++) {
      a.send(new Uint8Array(60_000))
      await settled()
    }
    expect(a.writableNeedsDrain).toBe(true)
    expect((await pipe.read(1)).byteLength).toBe(1)
    expect((await pipe.read(200_000)).byteLength).toBe(200_000)
    pipe.release()
    await settled()
    expect(b.readBufferLength).toBe(99_999)
    a.abort(new Error('done'))
  })

  it('charges what has come to the connection, byte by byte, until it is read or given back', async () => {
    const [a, b] = pair()
    const scope = new ResourceManager().openConnection('inbound')
    setResourceScope(b, scope)
    const pipe = new HandshakePipe(b)
    const reading = pipe.read(3000)
    for (let i = 0; i < 1000; i++) a.send(new Uint8Array(1))
    await until(() => scope.used('memory') === 1000)
    a.send(new Uint8Array(2500))
    expect((await reading).byteLength).toBe(3000)
    await until(() => scope.used('memory') === 500)
    pipe.release()
    // From here on the connection holds them, until they are read.
    expect(scope.used('memory')).toBe(500)
    await a.close()
    expect((await collect(b)).byteLength).toBe(500)
    expect(scope.used('memory')).toBe(0)
    await b.close()
  })

  it('ends the handshake where the connection may hold no more', async () => {
    const [a, b] = pair()
    const manager = new ResourceManager({ resourceLimits: { connection: { memory: 1000 } } })
    setResourceScope(b, manager.openConnection('inbound'))
    const pipe = new HandshakePipe(b)
    const reading = pipe.read(3000)
    for (let i = 0; i < 1001; i++) a.send(new Uint8Array(1))
    await expect(reading).rejects.toMatchObject({ name: 'ResourceLimitError' })
    expect(b.status).toBe('aborted')
  })

  it('rejects with what broke the connection', async () => {
    const [a, b] = pair()
    const reading = performHandshake(b, {}, pipe => pipe.read(1))
    a.abort(new Error('over'))
    await expect(reading).rejects.toMatchObject({ name: 'StreamResetError' })
  })

  it('rejects at once with a signal that has fired', async () => {
    const [, b] = pair()
    const reason = new Error('too late')
    await expect(performHandshake(b, { signal: AbortSignal.abort(reason) }, pipe => pipe.read(1))).rejects.toBe(reason)
    expect(b.status).toBe('aborted')
  })
})
