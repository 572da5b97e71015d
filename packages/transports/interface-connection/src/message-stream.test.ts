import type { MessageStream, MultiaddrConnection } from '@libp2p/interface'
import type { ByteQueue } from '@weft/bytes'
import { type ConnectionScope, ResourceManager } from '@weft/resources'
import { describe, expect, it, vi } from 'vitest'
import { collect, ended, eventsOnly, messageStreamPair, messageStreamSuite, settled } from './compliance/index.ts'
import {
  connectionScopeOf,
  countBytes,
  isConnection,
  MessageStreamBase,
  openPipe,
  setResourceScope,
  streamScopeOf
} from './index.ts'

const hello = Uint8Array.from([1, 2, 3])

describe('over the byte path', () => {
  messageStreamSuite({ describe, it, expect }, { setup: async () => messageStreamPair() })
})

describe('over events', () => {
  messageStreamSuite({ describe, it, expect }, { setup: async () => messageStreamPair().map(eventsOnly) as never })
})

describe('MessageStreamBase', () => {
  it('shows what is unsent under the name that it has in js-libp2p', () => {
    const [a] = messageStreamPair({ highWaterMark: 10 })
    while (a.send(new Uint8Array(20)));
    const { writeBuffer } = a as unknown as { writeBuffer: ByteQueue }
    expect(writeBuffer.byteLength).toBe((a as unknown as { writeBufferLength: number }).writeBufferLength)
    a.abort(new Error('done'))
  })

  it('grants a fresh onDrain each time', async () => {
    const [a, b] = messageStreamPair({ highWaterMark: 10 })
    b.addEventListener('message', () => {})
    for (let i = 0; i < 3; i++) {
      expect(a.send(new Uint8Array(20))).toBe(false)
      expect(a.writableNeedsDrain).toBe(true)
      await a.onDrain()
      expect(a.writableNeedsDrain).toBe(false)
    }
  })

  it('ends its writing side under nobody’s signal: a caller that gives up ends its own wait alone', async () => {
    const [a] = messageStreamPair()
    const given: unknown[][] = []
    let finish = (): void => {}
    const below = new Promise<void>(resolve => (finish = resolve))
    Object.assign(a, {
      sendCloseWrite(...args: unknown[]) {
        given.push(args)
        return below
      }
    })
    const controller = new AbortController()
    const [first, second] = [a.close({ signal: controller.signal }), a.close()]
    controller.abort(new Error('enough'))
    await expect(first).rejects.toThrow('enough')
    finish()
    await second
    expect(given).toEqual([[]])
    expect((a as unknown as { writeStatus: string }).writeStatus).toBe('closed')
  })

  it.each(['a pipe', 'a listener'])(
    'gives bytes to %s in order, also where credit for some brings the next at once',
    how => {
      // As a muxer whose connection is read again, within the call, once this stream has been read.
      class Eager extends MessageStreamBase {
        readonly coming = [1, 2, 3, 4, 5, 6].map(byte => Uint8Array.of(byte))
        next(): void {
          const chunk = this.coming.shift()
          if (chunk !== undefined) this.deliver(chunk)
        }
        protected override consumed(): void {
          this.next()
        }
        protected override transmit(): boolean {
          return true
        }
        protected override async sendCloseWrite(): Promise<void> {}
        protected override sendReset(): void {}
      }
      const [{ log }] = messageStreamPair()
      const stream = new Eager({ log })
      const seen: number[] = []
      stream.pause()
      for (let i = 0; i < 3; i++) stream.next()
      const onBytes = (bytes: Uint8Array): void => void seen.push(...bytes)
      if (how === 'a pipe') stream.attach({ onBytes, onDrain() {}, onEnd() {}, onClose() {} })
      else stream.addEventListener('message', ({ data }) => onBytes(data.subarray()))
      stream.resume()
      expect(seen).toEqual([1, 2, 3, 4, 5, 6])
    }
  )

  it('rejects a wait for drain when its signal fires or the stream ends', async () => {
    const [a, b] = messageStreamPair({ highWaterMark: 10 })
    b.pause()
    a.send(new Uint8Array(20))
    await expect(a.onDrain({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
    const waiting = a.onDrain()
    const error = new Error('over')
    a.abort(error)
    await expect(waiting).rejects.toBe(error)
  })

  it.each([
    ['over the byte path', (stream: MultiaddrConnection) => stream],
    ['over events', eventsOnly]
  ])('tells a sink that has paused of the end after the last bytes, %s', async (_, wrap) => {
    const [, b] = messageStreamPair()
    const pipe = openPipe(wrap(b))
    const calls: string[] = []
    pipe.attach({
      onBytes: chunk => void calls.push(`bytes ${chunk.byteLength}`),
      onDrain() {},
      onEnd: () => void calls.push('end'),
      onClose() {}
    })
    await settled()
    pipe.pause()
    const below = b as unknown as { deliver(chunk: Uint8Array): void; remoteClosedWrite(): void }
    below.deliver(hello)
    below.remoteClosedWrite()
    await settled()
    expect(calls).toEqual([])
    pipe.resume()
    expect(calls).toEqual(['bytes 3', 'end'])
  })

  it('takes another logger, as js-libp2p’s upgrader gives it', () => {
    const [a] = messageStreamPair()
    const log = a.log.newScope('outbound:1')
    a.log = log
    expect(a.log).toBe(log)
  })

  it('tells a sink of a reset by its error alone, also one that comes later', async () => {
    const [a, b] = messageStreamPair()
    const calls: string[] = []
    const sink = {
      onBytes() {},
      onDrain() {},
      onEnd: () => void calls.push('end'),
      onClose: (error: Error | undefined) => void calls.push(`close ${error?.name}`)
    }
    openPipe(b).attach(sink)
    a.abort(new Error('broken off'))
    await settled()
    openPipe(b).attach(sink)
    await settled()
    expect(calls).toEqual(['close StreamResetError', 'close StreamResetError'])
  })

  it('bounds a writer that does not wait, but takes one message of any size', () => {
    const [a, b] = messageStreamPair({ highWaterMark: 10, maxChunk: 10 })
    b.pause()
    a.maxWriteBufferLength = 100
    // The pair takes everything at once, so the buffer is filled by hand.
    ;(a as unknown as { transmit: () => boolean }).transmit = () => false
    expect(a.send(new Uint8Array(1000))).toBe(false)
    expect(() => a.send(new Uint8Array(1))).toThrow(expect.objectContaining({ name: 'StreamBufferError', limit: 100 }))
    expect(a.status).toBe('aborted')
  })

  it('bounds what nobody reads', async () => {
    const [a, b] = messageStreamPair()
    b.maxReadBufferLength = 10
    const closed = ended(b)
    a.send(new Uint8Array(11))
    expect((await closed).error).toMatchObject({ name: 'StreamBufferError', byteLength: 11, limit: 10 })
  })

  describe('with an account', () => {
    const account = (memory?: number): ConnectionScope =>
      new ResourceManager({ resourceLimits: { connection: { memory } } }).openConnection('inbound')

    it('charges what lies unread, until it is read, put back, read again, or thrown away', async () => {
      const [a, b] = messageStreamPair()
      a.send(new Uint8Array(10))
      await settled()
      const scope = account()
      setResourceScope(b, scope)
      expect(connectionScopeOf(b)).toBe(scope)
      expect(streamScopeOf(b)).toBeUndefined()
      expect(scope.used('memory')).toBe(10)
      a.send(new Uint8Array(5))
      await settled()
      expect(scope.used('memory')).toBe(15)
      const iterator = b[Symbol.asyncIterator]()
      const { value } = await iterator.next()
      expect(scope.used('memory')).toBe(5)
      b.unshift(value!)
      expect(scope.used('memory')).toBe(15)
      b.push(new Uint8Array(1))
      expect(scope.used('memory')).toBe(16)
      b.abort(new Error('done'))
      expect(scope.used('memory')).toBe(0)
    })

    it('charges nothing of what a reader takes as it comes', async () => {
      for (const read of [
        (stream: MessageStream) => stream.addEventListener('message', () => {}),
        (stream: MessageStream) => openPipe(stream).attach({ onBytes() {}, onDrain() {}, onEnd() {}, onClose() {} })
      ]) {
        const [a, b] = messageStreamPair()
        const scope = account(0)
        setResourceScope(b, scope)
        read(b)
        await settled()
        a.send(new Uint8Array(10))
        await settled()
        expect(b.readBufferLength).toBe(0)
        expect(scope.exhaustedScope('memory', 0)).toBeUndefined()
      }
    })

    it('charges a stream for what is unsent by steps of 68 KiB, and ends a writer that does not wait', () => {
      const kibibyte = 1024
      const manager = new ResourceManager({ resourceLimits: { connection: { unsent: 300 * kibibyte } } })
      const scope = manager.openConnection('outbound').openStream('outbound')
      const hold = vi.spyOn(scope, 'holdUnsent')
      const release = vi.spyOn(scope, 'releaseUnsent')
      const [a] = messageStreamPair()
      let taken = 0
      const inner = a as unknown as { transmit: (queue: ByteQueue) => boolean; writable: () => void }
      inner.transmit = queue => {
        for (; taken > 0 && queue.byteLength > 0; taken--) queue.take(kibibyte)
        return queue.byteLength === 0
      }
      setResourceScope(a, scope)
      for (let i = 0; i < 67; i++) a.send(new Uint8Array(kibibyte))
      expect(hold).not.toHaveBeenCalled()
      for (let i = 0; i < 146; i++) a.send(new Uint8Array(kibibyte))
      expect(hold.mock.calls).toEqual([
        [68 * kibibyte, false],
        [68 * kibibyte, false],
        [68 * kibibyte, false]
      ])
      expect(scope.used('unsent')).toBe(204 * kibibyte)
      taken = 100
      inner.writable()
      expect(a.writeBufferLength).toBe(113 * kibibyte)
      expect(scope.used('unsent')).toBe(113 * kibibyte)
      taken = Number.POSITIVE_INFINITY
      inner.writable()
      expect(scope.used('unsent')).toBe(0)
      expect(release).toHaveBeenCalledTimes(2)
      taken = 0
      // More than there is room for, from one that has waited.
      expect(a.send(new Uint8Array(400 * kibibyte))).toBe(false)
      expect(scope.used('unsent')).toBe(150 * kibibyte)
      const write = (): boolean => a.send(new Uint8Array(100 * kibibyte))
      expect(write()).toBe(false)
      expect(write).toThrow(
        expect.objectContaining({ name: 'ResourceLimitError', option: 'resourceLimits.connection.unsent' })
      )
      expect(a.status).toBe('aborted')
      expect(scope.used('unsent')).toBe(0)
    })

    it('keeps what it has no room for, uncharged, and says so', async () => {
      const [a, b] = messageStreamPair()
      const scope = account(10)
      const refused: unknown[] = []
      ;(b as unknown as { memoryRefused: (by: unknown) => void }).memoryRefused = by => void refused.push(by)
      setResourceScope(b, scope)
      a.send(new Uint8Array(11))
      await settled()
      expect(refused).toEqual([scope])
      expect(scope.used('memory')).toBe(0)
      expect(await (async () => (await b[Symbol.asyncIterator]().next()).value!.byteLength)()).toBe(11)
      expect(scope.used('memory')).toBe(0)
    })
  })

  it('closes the reading side of a loop that is left, and discards the rest', async () => {
    const [a, b] = messageStreamPair({ maxChunk: 1 })
    a.send(Uint8Array.from([1, 2]))
    for await (const list of b) {
      expect(list.byteLength).toBe(1)
      break
    }
    expect(b.readableEnded).toBe(true)
    await settled()
    expect(b.readBufferLength).toBe(0)
  })

  it('gives a loop the error of a reset after the bytes before it', async () => {
    const [a, b] = messageStreamPair()
    a.send(Uint8Array.from([1]))
    await settled()
    a.abort(new Error('broken off'))
    await settled()
    const seen: number[] = []
    await expect(
      (async () => {
        for await (const list of b) seen.push(list.byteLength)
      })()
    ).rejects.toMatchObject({ name: 'StreamResetError' })
    expect(seen).toEqual([1])
  })

  it('reads what was put back first', async () => {
    const [a, b] = messageStreamPair()
    a.send(Uint8Array.from([3]))
    await a.close()
    await settled()
    b.unshift(Uint8Array.from([1, 2]))
    b.push(Uint8Array.from([4]))
    expect([...(await collect(b))]).toEqual([1, 2, 3, 4])
  })

  it('tells the events of a clean end in order', async () => {
    const [a, b] = messageStreamPair()
    const events: string[] = []
    for (const type of ['message', 'remoteCloseWrite', 'end', 'close'] as const) {
      b.addEventListener(type, () => events.push(type))
    }
    a.send(Uint8Array.from([1]))
    await a.close()
    await settled()
    expect(events).toEqual(['message', 'remoteCloseWrite', 'end'])
    await b.close()
    expect(events).toEqual(['message', 'remoteCloseWrite', 'end', 'close'])
  })

  it('has one reader at a time', () => {
    const [a] = messageStreamPair()
    const sink = { onBytes() {}, onDrain() {}, onEnd() {}, onClose() {} }
    openPipe(a).attach(sink)
    expect(() => openPipe(a).attach(sink)).toThrow(expect.objectContaining({ name: 'StreamStateError' }))
  })

  it('keeps the order when a reader leaves in the middle of a list', async () => {
    for (const wrap of [(stream: unknown) => stream, eventsOnly] as Array<(stream: any) => any>) {
      const [a, b] = messageStreamPair()
      for (const byte of [1, 4]) a.send(Uint8Array.of(byte, byte + 1, byte + 2))
      await a.close()
      await settled()
      const pipe = openPipe(wrap(b))
      pipe.attach({ onBytes: chunk => pipe.detach(chunk.subarray(1)), onDrain() {}, onEnd() {}, onClose() {} })
      await settled()
      expect([...(await collect(b))]).toEqual([2, 3, 4, 5, 6])
    }
  })

  it('counts what is read once, though it is put back', async () => {
    const [a, b] = messageStreamPair()
    let consumed = 0
    ;(b as unknown as { consumed: (length: number) => void }).consumed = length => void (consumed += length)
    const pipe = openPipe(b)
    pipe.attach({ onBytes: chunk => pipe.detach(chunk.subarray(1)), onDrain() {}, onEnd() {}, onClose() {} })
    a.send(Uint8Array.of(1, 2, 3))
    await settled()
    b.unshift(Uint8Array.of(9))
    a.send(Uint8Array.of(4))
    await a.close()
    expect([...(await collect(b))]).toEqual([9, 2, 3, 4])
    expect(consumed).toBe(4)
  })

  it('tells a reader of an end that came before it', async () => {
    for (const wrap of [(stream: unknown) => stream, eventsOnly] as Array<(stream: any) => any>) {
      const [a, b] = messageStreamPair()
      a.send(Uint8Array.of(1))
      await a.close()
      await settled()
      const events: string[] = []
      openPipe(wrap(b)).attach({
        onBytes: chunk => events.push(`bytes ${chunk.byteLength}`),
        onDrain() {},
        onEnd: () => events.push('end'),
        onClose: () => events.push('close')
      })
      await settled()
      expect(events).toEqual(['bytes 1', 'end'])
    }
  })

  it('tells a reader of an end, and of a close, once', async () => {
    class Arriving extends MessageStreamBase {
      arrive(): void {
        this.deliver(Uint8Array.of(1))
        this.remoteClosedWrite()
      }
      override transmit(): boolean {
        return true
      }
      override async sendCloseWrite(): Promise<void> {}
      override sendReset(): void {}
      cut(): void {
        this.transportClosed()
      }
    }
    const events: string[] = []
    const stream = new Arriving({ log: (() => {}) as any })
    // All in the turn in which the reader is attached, before its first delivery.
    openPipe(stream).attach({
      onBytes: chunk => void events.push(`bytes ${chunk.byteLength}`),
      onDrain() {},
      onEnd: () => void events.push('end'),
      onClose: () => void events.push('close')
    })
    stream.arrive()
    stream.cut()
    await settled()
    expect(events).toEqual(['bytes 1', 'end', 'close'])
  })

  it('does not end the process when nobody handles a failed close', async () => {
    const [a, b] = messageStreamPair({ highWaterMark: 1 })
    b.pause()
    a.send(new Uint8Array(10))
    void a.close()
    a.abort(new Error('over'))
    await settled()
    expect(a.status).toBe('aborted')
  })

  it('knows a connection by its mark', () => {
    expect(isConnection({ [Symbol.for('@libp2p/connection')]: true })).toBe(true)
    expect(isConnection(null)).toBe(false)
  })

  it('sends what is held in one write with what follows in the same turn, with the end, or by itself', async () => {
    const [x, y] = messageStreamPair()
    const sizes: number[] = []
    y.addEventListener('message', event => sizes.push(event.data.byteLength))
    openPipe(x).hold?.([Uint8Array.from([1])])
    expect(x.writeBufferLength).toBe(1)
    await settled()
    await settled()
    expect(sizes).toEqual([1])
    for (const write of [true, false]) {
      const [a, b] = messageStreamPair()
      openPipe(a).propose?.(Uint8Array.from([1]), () => ({ done: true }))
      if (write) a.send(Uint8Array.from([2]))
      void a.close()
      expect([...(await collect(b))]).toEqual(write ? [1, 2] : [1])
    }
  })

  it('takes the answer to a proposal from what arrives, and aborts when there is none', async () => {
    const [a, b] = messageStreamPair()
    const answer: number[] = []
    openPipe(a).propose?.(Uint8Array.from([1]), chunk => {
      answer.push(...chunk.subarray(0, 2))
      return answer.length < 2
        ? { done: false }
        : { done: true, rest: chunk.subarray(2 - (answer.length - chunk.length)) }
    })
    b.send(Uint8Array.from([7]))
    b.send(Uint8Array.from([8]))
    b.send(Uint8Array.from([9]))
    await b.close()
    expect([...(await collect(a))]).toEqual([9])
    expect(answer).toEqual([7, 8])
    const [c, d] = messageStreamPair()
    openPipe(c).propose?.(Uint8Array.from([1]), () => ({ done: false }))
    const closed = ended(c)
    void d.close()
    expect((await closed).error).toMatchObject({ name: 'ProtocolError' })
  })

  it.each([[[1, 2, 3]], [[1], [2, 3]], [[1], [2], [3]], [[1, 2], [3]]])(
    'gives answers to proposals in the order of these, however they come: %j, %j, %j',
    async (...chunks) => {
      const [a, b] = messageStreamPair()
      const answers: string[] = []
      for (const name of ['first', 'second']) {
        openPipe(a).propose?.(Uint8Array.from([7]), chunk => {
          answers.push(`${name} ${chunk[0]}`)
          return chunk.byteLength > 1 ? { done: true, rest: chunk.subarray(1) } : { done: true }
        })
      }
      for (const chunk of chunks) b.send(Uint8Array.from(chunk))
      await b.close()
      expect([...(await collect(a))]).toEqual([3])
      expect(answers).toEqual(['first 1', 'second 2'])
    }
  )

  it('finds what came before the proposal in the answer to it, whether all of it or a part', async () => {
    for (const early of [[7], [7, 8], [7, 8, 9]]) {
      const [a, b] = messageStreamPair()
      const counts = { sent: 0, received: 0 }
      countBytes(a, counts)
      b.send(Uint8Array.from(early))
      await settled()
      const answer: number[] = []
      openPipe(a).propose?.(Uint8Array.from([1]), chunk => {
        const mine = chunk.subarray(0, 2 - answer.length)
        answer.push(...mine)
        return { done: answer.length === 2, rest: chunk.subarray(mine.byteLength) }
      })
      b.send(Uint8Array.from([7, 8, 9, 10].slice(early.length)))
      await b.close()
      expect([...(await collect(a))]).toEqual([9, 10])
      expect(answer).toEqual([7, 8])
      expect(counts.received).toBe(4)
    }
  })

  it('aborts when what came before a proposal is no answer to it', async () => {
    const [a, b] = messageStreamPair()
    b.send(Uint8Array.from([7]))
    await settled()
    openPipe(a).propose?.(Uint8Array.from([1]), () => {
      throw new TypeError('no answer')
    })
    expect(a).toMatchObject({ status: 'aborted', readBufferLength: 0 })
    expect((await ended(b)).error).toMatchObject({ name: 'StreamResetError' })
  })

  it('gives a sink that had paused the last bytes, then the end', async () => {
    const [a, b] = messageStreamPair()
    const told: unknown[] = []
    const pipe = openPipe(b)
    pipe.attach({
      onBytes: chunk => told.push(...chunk),
      onDrain() {},
      onEnd: () => told.push('end'),
      onClose: () => told.push('close')
    })
    await settled()
    pipe.pause()
    // What a transport may still hand up after it was asked to pause.
    ;(b as unknown as { deliver(chunk: Uint8Array): void }).deliver(Uint8Array.from([1, 2]))
    await b.close()
    ;(b as unknown as { remoteClosedWrite(): void }).remoteClosedWrite()
    expect(told).toEqual([])
    pipe.resume()
    expect(told).toEqual([1, 2, 'end', 'close'])
    a.abort(new Error('done'))
  })
})
