import { StreamBase } from '@weft/interface-connection'
import { ended, messageStreamPair, settled } from '@weft/interface-connection/compliance'
import { describe, expect, it } from 'vitest'
import { type SetStream, StreamSet } from './index.ts'

/** A stream that a transport carries by itself. */
class NativeStream extends StreamBase implements SetStream {
  reset: Error | undefined

  protected override transmit(): boolean {
    return true
  }
  protected override async sendCloseWrite(): Promise<void> {}
  protected override async sendCloseRead(): Promise<void> {}
  protected override sendReset(error: Error): void {
    this.reset = error
  }
  onTransportClosed(error: Error | undefined): void {
    if (error === undefined) this.transportClosed()
    else this.remoteReset(error)
  }
}

class NativeSet extends StreamSet<NativeStream> {
  readonly said: string[] = []

  arrive(id: string): NativeStream {
    const stream = this._make(id)
    this.accept(stream)
    return stream
  }
  gone(error?: Error): void {
    this.transportClosed(error)
  }
  protected override openStream(): NativeStream {
    const stream = this._make('own')
    this.track(stream)
    return stream
  }
  protected override sayGoodbye(error?: Error): void {
    this.said.push(error?.message ?? 'good-bye')
  }

  private _make(id: string): NativeStream {
    return new NativeStream({ id, log: this.log })
  }
}

describe('StreamSet', () => {
  const setup = (): { set: NativeSet } => {
    const [connection] = messageStreamPair()
    return { set: new NativeSet(connection, { protocol: '/native', name: 'native', maxEarlyStreams: 1 }) }
  }

  it('keeps the streams of a connection that has no frames, and those that came before anyone listened', async () => {
    const { set } = setup()
    const early = set.arrive('1')
    const seen: unknown[] = []
    set.addEventListener('stream', event => seen.push(event.detail))
    await settled()
    const own = await set.createStream()
    expect([seen, set.streams]).toEqual([[early], [early, own]])
    own.abort(new Error('enough'))
    await settled()
    expect(set.streams).toEqual([early])
    set.abort(new Error('done'))
    expect([early.status, early.reset?.message, set.said]).toEqual(['aborted', 'done', ['done']])
    await expect(set.createStream()).rejects.toMatchObject({ name: 'MuxerClosedError' })
  })

  it('takes no more early streams than it may', () => {
    const { set } = setup()
    set.arrive('1')
    expect(() => set.arrive('2')).toThrow(expect.objectContaining({ name: 'ProtocolError' }))
    set.abort(new Error('done'))
  })

  it('ends its streams with the connection: by an error, but for those that were closed in peace', async () => {
    const { set } = setup()
    const cut = await set.createStream()
    const broken = ended(cut)
    set.gone()
    expect((await broken).error).toMatchObject({ name: 'StreamResetError' })

    const { set: other } = setup()
    const whole = await other.createStream()
    await other.close()
    other.gone()
    expect([whole.status, other.said]).toEqual(['closed', ['good-bye']])
  })
})
