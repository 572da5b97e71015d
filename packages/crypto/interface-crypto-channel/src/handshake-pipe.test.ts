import { collect, eventsOnly, messageStreamPair, settled } from '@weft/interface-connection/compliance'
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
