import type { MultiaddrConnection } from '@libp2p/interface'
import { describe, expect, it } from 'vitest'
import { collect, messageStreamPair, settled } from './compliance/index.ts'
import { type ByteCounts, countBytes, openPipe } from './index.ts'

const sink = { onBytes() {}, onDrain() {}, onEnd() {}, onClose() {} }

function none(): ByteCounts {
  return { received: 0, sent: 0 }
}

describe.each([
  ['a stream of ours', (stream: MultiaddrConnection) => stream],
  ['a foreign stream', (stream: MultiaddrConnection) => foreign(stream)]
])('countBytes() on %s', (_, wrap) => {
  it('counts what is sent and what is read, and takes nothing from the reader', async () => {
    const [a, b] = messageStreamPair().map(wrap) as [MultiaddrConnection, MultiaddrConnection]
    const counts = none()
    countBytes(b, counts)
    a.send(new Uint8Array(5))
    b.send(new Uint8Array(3))
    await settled()
    const seen: number[] = []
    b.addEventListener('message', ({ data }) => void seen.push(data.byteLength))
    await settled()
    expect(counts).toEqual({ received: 5, sent: 3 })
    expect(seen).toEqual([5])
  })

  it('counts what passes a pipe', async () => {
    const [a, b] = messageStreamPair().map(wrap) as [MultiaddrConnection, MultiaddrConnection]
    const [near, far] = [none(), none()]
    countBytes(a, near)
    countBytes(b, far)
    openPipe(b).attach(sink)
    openPipe(a).writev([new Uint8Array(2), new Uint8Array(4)])
    await settled()
    expect([near.sent, far.received]).toEqual([6, 6])
  })
})

describe('countBytes()', () => {
  it('counts what waits to be read, once, though it is put back', async () => {
    const [a, b] = messageStreamPair()
    a.send(new Uint8Array(5))
    await settled()
    const counts = none()
    countBytes(b, counts)
    b.unshift(new Uint8Array(2))
    await a.close()
    expect((await collect(b)).byteLength).toBe(7)
    expect(counts).toEqual({ received: 5, sent: 0 })
  })

  it('counts a proposal and its answer, or neither, as it saw the proposal or came later', async () => {
    for (const early of [true, false]) {
      const [a, b] = messageStreamPair()
      const counts = none()
      if (early) countBytes(a, counts)
      openPipe(a).propose?.(new Uint8Array(7), chunk => ({ done: true, rest: chunk.subarray(2) }))
      if (!early) countBytes(a, counts)
      b.send(new Uint8Array(5))
      await settled()
      expect(counts).toEqual(early ? { received: 5, sent: 7 } : { received: 3, sent: 0 })
    }
  })
})

describe('a stream that somebody has wrapped', () => {
  it('shows all its bytes, also those of a pipe and of a loop', async () => {
    for (const read of ['pipe', 'loop']) {
      const [a, b] = messageStreamPair()
      const [near, far] = [none(), none()]
      wrapAsForeignMetricsDo(a, near)
      wrapAsForeignMetricsDo(b, far)
      openPipe(a).writev([new Uint8Array(3), new Uint8Array(4)])
      void a.close()
      if (read === 'loop') await collect(b)
      else openPipe(b).attach(sink)
      await settled()
      expect([near.sent, far.received]).toEqual([7, 7])
    }
  })
})

/** Without a byte path, and with methods that can be wrapped. */
function foreign(stream: MultiaddrConnection): MultiaddrConnection {
  Object.defineProperty(stream, Symbol.for('@weft/bytes'), { value: undefined })
  return stream
}

function wrapAsForeignMetricsDo(stream: MultiaddrConnection, counts: ByteCounts): void {
  const { dispatchEvent, send } = stream
  stream.dispatchEvent = event => {
    if (event.type === 'message') counts.received += (event as MessageEvent<Uint8Array>).data.byteLength
    return dispatchEvent.call(stream, event)
  }
  stream.send = data => {
    counts.sent += data.byteLength
    return send.call(stream, data)
  }
}
