import type { MessageStream, Stream } from '@libp2p/interface'
import type { ByteQueue } from '@weft/bytes'
import { openPipe } from '@weft/interface-connection'
import { ended, messageStreamPair, settled } from '@weft/interface-connection/compliance'
import { describe, expect, it, vi } from 'vitest'
import { MuxedStreamBase, MuxerBase } from './index.ts'

class TestStream extends MuxedStreamBase {
  readonly sent: Uint8Array[] = []

  stuck = false
  write: ((frame: Uint8Array) => void) | undefined

  protected override writeFrame(queue: ByteQueue): boolean {
    if (this.stuck) return false
    const frame = queue.shift()!
    this.sent.push(frame)
    this.write?.(frame)
    return true
  }
  protected override async sendCloseWrite(): Promise<void> {}
  protected override sendReset(): void {}
  protected override sendPause(): void {}
  protected override sendResume(): void {}
}

/** Each byte opens a stream; 0xff cannot be decoded. */
class TestMuxer extends MuxerBase<TestStream> {
  over = 0

  constructor(connection: MessageStream, maxEarlyStreams?: number) {
    super(connection, { protocol: '/test/1.0.0', name: 'test', maxEarlyStreams })
  }

  frame(bytes: Uint8Array): void {
    this.writer.push(bytes)
  }

  protected override receive(chunk: Uint8Array): void {
    for (const byte of chunk) {
      if (byte === 0xff) throw new Error('no frame')
      this.accept(this._stream(`${byte}`))
    }
  }
  protected override openStream(): TestStream {
    const stream = this._stream('own')
    stream.write = frame => this.frame(frame)
    this.track(stream)
    return stream
  }
  protected override sendGoAway(): void {}
  protected override ended(): void {
    this.over++
  }

  private _stream(id: string): TestStream {
    return new TestStream({ id, log: this.log, muxer: this })
  }
}

describe('MuxerBase', () => {
  it('sends the frames of one turn in one write', async () => {
    const [a] = messageStreamPair()
    const writev = vi.spyOn(openPipe(a), 'writev')
    const muxer = new TestMuxer(a)
    const frames = [Uint8Array.of(1), Uint8Array.of(2, 3)]
    for (const frame of frames) muxer.frame(frame)
    expect(writev).not.toHaveBeenCalled()
    await settled()
    expect(writev.mock.calls).toEqual([[frames]])
    muxer.abort(new Error('done'))
  })

  it('takes what its streams hold along in that write', async () => {
    const [a] = messageStreamPair()
    const writev = vi.spyOn(openPipe(a), 'writev')
    const muxer = new TestMuxer(a)
    const stream = await muxer.createStream()
    muxer.frame(Uint8Array.of(1))
    openPipe(stream).hold!([Uint8Array.of(2)])
    await settled()
    expect(stream.sent).toEqual([Uint8Array.of(2)])
    expect(writev.mock.calls).toEqual([[[Uint8Array.of(1), Uint8Array.of(2)]]])
    muxer.abort(new Error('done'))
  })

  it('takes what its connection holds for it along, and nothing else', async () => {
    const [a] = messageStreamPair()
    const transmit = vi.spyOn(a as unknown as { transmit: (queue: ByteQueue) => boolean }, 'transmit')
    const muxer = new TestMuxer(a)
    openPipe(a).hold!([Uint8Array.of(1)], true)
    muxer.frame(Uint8Array.of(2, 3))
    await settled()
    expect(transmit).toHaveBeenCalledTimes(1)
    openPipe(a).hold!([Uint8Array.of(1)])
    muxer.frame(Uint8Array.of(2, 3))
    await settled()
    expect(transmit).toHaveBeenCalledTimes(3)
    muxer.abort(new Error('done'))
  })

  it('keeps early streams, and ends the connection at one too many', async () => {
    const [a, b] = messageStreamPair()
    const muxer = new TestMuxer(a, 2)
    b.send(Uint8Array.of(1, 2))
    await settled()
    const ids: string[] = []
    muxer.addEventListener('stream', event => ids.push((event.detail as Stream).id))
    await settled()
    expect(ids).toEqual(['1', '2'])

    const [c, d] = messageStreamPair()
    const flooded = new TestMuxer(c, 2)
    const broken = ended(c)
    d.send(Uint8Array.of(1, 2, 3))
    expect((await broken).error).toMatchObject({ name: 'ProtocolError' })
    expect([flooded.status, flooded.streams.length, flooded.over]).toEqual(['closed', 0, 1])
    muxer.abort(new Error('done'))
  })

  it('ends the connection, and every stream, when something cannot be decoded', async () => {
    const [a, b] = messageStreamPair()
    const muxer = new TestMuxer(a)
    const stream = await muxer.createStream()
    const broken = ended(stream)
    b.send(Uint8Array.of(0xff))
    expect((await broken).error).toMatchObject({ message: 'no frame' })
    expect(muxer.streams).toEqual([])
    await expect(muxer.createStream()).rejects.toMatchObject({ name: 'MuxerClosedError' })
  })

  it('resets its streams when the connection breaks, and says once that it is over', async () => {
    const [a, b] = messageStreamPair()
    const muxer = new TestMuxer(a)
    const stream = await muxer.createStream()
    const broken = ended(stream)
    b.abort(new Error('gone'))
    expect((await broken).error !== undefined).toBe(true)
    muxer.abort(new Error('twice'))
    expect([muxer.status, muxer.over]).toEqual(['closed', 1])
  })

  it('closes in time though a remote takes nothing more, and waits as long as a signal lets it', async () => {
    vi.useFakeTimers()
    try {
      for (const signal of [undefined, AbortSignal.abort(new Error('enough'))]) {
        const [a] = messageStreamPair()
        const muxer = new TestMuxer(a)
        const stream = await muxer.createStream()
        stream.stuck = true
        stream.send(Uint8Array.of(1))
        const closing = muxer.close(signal === undefined ? {} : { signal })
        const outcome = closing.then(
          () => 'closed',
          (error: Error) => error.message
        )
        await vi.advanceTimersByTimeAsync(5000)
        expect(await outcome).toBe(signal === undefined ? 'closed' : 'enough')
        expect(stream.status).toBe(signal === undefined ? 'aborted' : 'open')
        muxer.abort(new Error('done'))
      }
    } finally {
      vi.useRealTimers()
    }
  })
})
