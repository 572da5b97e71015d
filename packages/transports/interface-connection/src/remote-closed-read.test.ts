import type { MultiaddrConnection } from '@libp2p/interface'
import { describe, expect, it } from 'vitest'
import { collect, messageStreamPair, settled } from './compliance/index.ts'
import { openPipe } from './index.ts'

/** What a transport calls when the remote reads no more. */
function closeRead(stream: MultiaddrConnection): void {
  ;(stream as unknown as { remoteClosedRead(): void }).remoteClosedRead()
}

describe('a remote that reads no more', () => {
  it('ends writing here: nothing more is taken, no end mark is sent, and what is unsent is dropped', async () => {
    const [a] = messageStreamPair({ highWaterMark: 10 })
    let endMarks = 0
    Object.assign(a, { sendCloseWrite: async () => void endMarks++ })
    expect(a.send(new Uint8Array(20))).toBe(false)
    a.send(new Uint8Array(30))
    let idle = 0
    a.addEventListener('idle', () => idle++)
    closeRead(a)
    expect(a).toMatchObject({ status: 'open', writeStatus: 'closed', remoteReadStatus: 'closed', writeBufferLength: 0 })
    expect(idle).toBe(1)
    expect(() => a.send(Uint8Array.of(1))).toThrow(expect.objectContaining({ name: 'StreamStateError' }))
    await a.close()
    closeRead(a)
    expect([endMarks, idle]).toEqual([0, 1])
  })

  it('rejects those who wait for drain, also the end of what was sent before close()', async () => {
    const [a] = messageStreamPair({ highWaterMark: 10 })
    a.send(new Uint8Array(20))
    const waits = [a.onDrain(), a.close()]
    closeRead(a)
    for (const wait of [...waits, a.onDrain()]) await expect(wait).rejects.toMatchObject({ name: 'StreamStateError' })
  })

  it('can still be heard, over events and the byte path', async () => {
    for (const read of [collect, collectPlainly]) {
      const [a, b] = messageStreamPair()
      closeRead(a)
      b.send(Uint8Array.of(1, 2))
      await settled()
      b.send(Uint8Array.of(3))
      await b.close()
      expect([...(await read(a))]).toEqual([1, 2, 3])
      await settled()
      expect(a.status).toBe('closed')
    }
  })

  it('closes the stream where it had ended its own side before', async () => {
    const [a, b] = messageStreamPair()
    await b.close()
    await settled()
    expect(a).toMatchObject({ remoteWriteStatus: 'closed' })
    const closed = new Promise<Event>(resolve => a.addEventListener('close', resolve, { once: true }))
    closeRead(a)
    expect((await closed) as Event & { error?: Error }).toMatchObject({ error: undefined })
    expect(a.status).toBe('closed')
  })

  it('changes nothing of a stream that is over', () => {
    const [a] = messageStreamPair()
    a.abort(new Error('over'))
    closeRead(a)
    expect(a.status).toBe('aborted')
  })
})

function collectPlainly(stream: MultiaddrConnection): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const bytes: number[] = []
    openPipe(stream).attach({
      onBytes: chunk => void bytes.push(...chunk),
      onDrain() {},
      onEnd() {},
      onClose: error => (error === undefined ? resolve(Uint8Array.from(bytes)) : reject(error))
    })
  })
}
