import { concat, fromUtf8, toUtf8 } from '@weft/bytes'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { encodeLine } from './core/lines.ts'
import { handle, type HandleOptions, multistreamProtocol, type Pipe, type PipeSink, select } from './index.ts'

/** One end of a pipe whose bytes arrive when the test's turn is over. */
class End implements Pipe {
  peer!: End
  writes = 0
  private _sink: PipeSink | undefined
  private _unread: Uint8Array[] = []
  private _over: (() => void) | undefined

  attach(sink: PipeSink): void {
    if (this._sink !== undefined) throw new Error('there is a reader')
    this._sink = sink
    queueMicrotask(() => this._deliver())
  }

  detach(unread?: Uint8Array): void {
    this._sink = undefined
    if (unread !== undefined) this._unread.unshift(unread)
  }

  writev(chunks: readonly Uint8Array[]): boolean {
    this.writes++
    for (const chunk of chunks) this.peer._unread.push(chunk)
    queueMicrotask(() => this.peer._deliver())
    return true
  }

  /** The stream of the other end is over. */
  end(error?: Error): void {
    this.peer._over = () => (error === undefined ? this.peer._sink?.onEnd() : this.peer._sink?.onClose(error))
    queueMicrotask(() => this.peer._deliver())
  }

  get attached(): boolean {
    return this._sink !== undefined
  }

  unread(): string {
    return toUtf8(concat(this._unread))
  }

  private _deliver(): void {
    while (this._sink !== undefined && this._unread.length > 0) this._sink.onBytes(this._unread.shift()!)
    if (this._unread.length === 0) this._over?.()
  }
}

function pair(): [End, End] {
  const [a, b] = [new End(), new End()]
  a.peer = b
  b.peer = a
  return [a, b]
}

describe('negotiation over a pipe', () => {
  it('agrees in one write each way', async () => {
    const [near, far] = pair()
    const both = await Promise.all([select(near, ['/a']), handle(far, ['/b', '/a'])])
    expect(both).toEqual(['/a', '/a'])
    expect([near.writes, far.writes, near.attached, far.attached]).toEqual([1, 1, false, false])
  })

  it('tries one protocol after the other', async () => {
    const [near, far] = pair()
    const both = await Promise.all([select(near, ['/a', '/b', '/c']), handle(far, name => name === '/c')])
    expect(both).toEqual(['/c', '/c'])
  })

  it('leaves what follows to the next reader', async () => {
    const [near, far] = pair()
    near.writev([concat([encodeLine(multistreamProtocol), encodeLine('/a'), fromUtf8('first')]), fromUtf8(' data')])
    expect(await handle(far, ['/a'])).toBe('/a')
    expect(far.unread()).toBe('first data')
    far.writev([fromUtf8('answer')])
    await select(near, ['/a'])
    expect(near.unread()).toBe('answer')
  })

  it('rejects when all is refused', async () => {
    const [near, far] = pair()
    const listening = handle(far, ['/x'])
    await expect(select(near, ['/a', '/b'])).rejects.toMatchObject({ name: 'UnsupportedProtocolError' })
    near.end()
    await expect(listening).rejects.toMatchObject({ code: 'ERR_MULTISTREAM_ENDED' })
    expect([near.attached, far.attached]).toEqual([false, false])
  })

  it('rejects with the error of the stream', async () => {
    const [near, far] = pair()
    const error = new Error('unplugged')
    const selecting = select(near, ['/a'])
    far.end(error)
    await expect(selecting).rejects.toBe(error)
  })

  it('rejects with the reason of the signal, before and during', async () => {
    const [near, far] = pair()
    const reason = new Error('enough')
    const given = new AbortController()
    const waiting = [select(near, ['/a'], { signal: given.signal }), handle(far, ['/b'], { signal: given.signal })]
    given.abort(reason)
    for (const result of waiting) await expect(result).rejects.toBe(reason)
    await expect(select(near, ['/a'], { signal: given.signal })).rejects.toBe(reason)
    expect([near.attached, far.attached]).toEqual([false, false])
  })

  it('rejects when the remote breaks the rules, when the pipe is taken, when it cannot be written', async () => {
    const [near, far] = pair()
    far.writev([Uint8Array.of(0)])
    await expect(handle(near, ['/a'])).rejects.toMatchObject({ code: 'ERR_MULTISTREAM_HEADER' })
    far.attach({ onBytes: () => {}, onDrain: () => {}, onEnd: () => {}, onClose: () => {} })
    await expect(handle(far, ['/a'])).rejects.toThrow('there is a reader')
    expect(far.attached).toBe(true)
    const [other] = pair()
    other.writev = () => {
      throw new Error('closed')
    }
    await expect(select(other, ['/a'])).rejects.toThrow('closed')
    expect(other.attached).toBe(false)
  })
})

describe('a listener that greets', () => {
  const header = encodeLine(multistreamProtocol)
  const proposal = encodeLine('/a')

  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  /** A listener for /a that greets after a second, and the text of what it sends at each write. */
  function listen(options: HandleOptions = {}): { near: End; far: End; sent: string[]; agreed: Promise<string> } {
    const [near, far] = pair()
    const sent: string[] = []
    near.attach({ onBytes: chunk => sent.push(toUtf8(chunk)), onDrain() {}, onEnd() {}, onClose() {} })
    const agreed = handle(far, ['/a'], { greetAfter: 1_000, ...options })
    agreed.catch(() => {})
    return { near, far, sent, agreed }
  }

  it('sends its header after silence, once, and not again with its answer', async () => {
    const onGreet = vi.fn()
    const { near, sent, agreed } = listen({ onGreet })
    await vi.advanceTimersByTimeAsync(999)
    expect([sent, onGreet.mock.calls.length]).toEqual([[], 0])
    await vi.advanceTimersByTimeAsync(60_000)
    expect([sent, onGreet.mock.calls.length]).toEqual([[toUtf8(header)], 1])
    near.writev([header])
    await vi.advanceTimersByTimeAsync(0)
    expect(sent.length).toBe(1)
    near.writev([encodeLine('/b'), proposal])
    expect(await agreed).toBe('/a')
    expect(sent.slice(1)).toEqual(['\x03na\n', toUtf8(proposal)])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves the header out of an answer to all at once', async () => {
    const { near, sent, agreed } = listen({ greetAfter: 0 })
    await vi.advanceTimersByTimeAsync(0)
    expect(sent).toEqual([toUtf8(header)])
    near.writev([concat([header, proposal, fromUtf8('data')])])
    expect(await agreed).toBe('/a')
    await vi.advanceTimersByTimeAsync(0)
    expect(sent.slice(1)).toEqual([toUtf8(proposal)])
  })

  it('does not greet whoever has said something, be it part of a line', async () => {
    const onGreet = vi.fn()
    const { near, sent, agreed } = listen({ onGreet })
    await vi.advanceTimersByTimeAsync(999)
    near.writev([header.slice(0, 1)])
    await vi.advanceTimersByTimeAsync(0)
    expect(vi.getTimerCount()).toBe(0)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sent).toEqual([])
    near.writev([header.slice(1), proposal])
    expect(await agreed).toBe('/a')
    await vi.advanceTimersByTimeAsync(0)
    expect(sent.join('')).toBe(toUtf8(header) + toUtf8(proposal))
    expect(onGreet).not.toHaveBeenCalled()
  })

  const endings: Array<[string, (near: End, given: AbortController) => void]> = [
    ['agreed', near => near.writev([header, proposal])],
    ['heard nonsense', near => near.writev([Uint8Array.of(0)])],
    ['ended', near => near.end()],
    ['broken', near => near.end(new Error('unplugged'))],
    ['aborted', (_, given) => given.abort()]
  ]
  it.each(endings)('holds no timer once it has %s', async (_what, end) => {
    const given = new AbortController()
    const { near, far, sent } = listen({ signal: given.signal })
    await vi.advanceTimersByTimeAsync(500)
    expect(vi.getTimerCount()).toBe(1)
    end(near, given)
    await vi.advanceTimersByTimeAsync(0)
    expect([vi.getTimerCount(), far.attached]).toEqual([0, false])
    const before = sent.length
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sent.length).toBe(before)
  })

  it('holds none where it could not begin, and rejects when the greeting cannot be sent', async () => {
    const [near, far] = pair()
    far.attach({ onBytes() {}, onDrain() {}, onEnd() {}, onClose() {} })
    await expect(handle(far, ['/a'], { greetAfter: 1_000 })).rejects.toThrow('there is a reader')
    const gone = handle(near, ['/a'], { greetAfter: 1_000, signal: AbortSignal.abort(new Error('enough')) })
    await expect(gone).rejects.toThrow('enough')
    expect(vi.getTimerCount()).toBe(0)
    near.writev = () => {
      throw new Error('closed')
    }
    const agreed = handle(near, ['/a'], { greetAfter: 1_000 })
    const failed = expect(agreed).rejects.toThrow('closed')
    await vi.advanceTimersByTimeAsync(1_000)
    await failed
    expect(near.attached).toBe(false)
  })
})
