import type { Stream } from '@libp2p/interface'
import { fromUtf8, toUtf8 } from '@weft/bytes'
import { collect, ended, settled, until } from '@weft/interface-connection/compliance'
import { field, message, required, string } from '@weft/protobuf'
import { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, it } from 'vitest'
import { streamPair } from '../compliance/index.ts'
import * as ours from './index.ts'

// js-libp2p's helpers need it; Node 20 does not have it.
const constructor = Promise as { withResolvers?: unknown }
constructor.withResolvers ??= () => {
  const made: { promise?: Promise<unknown>; resolve?: unknown; reject?: unknown } = {}
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }))
  return made
}
const theirs = await import('@libp2p/utils')

type Helpers = Pick<typeof ours, 'byteStream' | 'lpStream' | 'pbStream'>
const implementations: Array<[string, Helpers]> = [
  ['weft', ours],
  ['js-libp2p', theirs as unknown as Helpers]
]

const text = (list: { subarray(): Uint8Array } | null): string | null =>
  list === null ? null : toUtf8(list.subarray())

/** What both do alike. */
describe.each(implementations)('stream helpers of %s', (_, { byteStream, lpStream, pbStream }) => {
  it('byteStream reads what is there, exact numbers of bytes, and null at the end', async () => {
    const [near, far] = streamPair()
    const bytes = byteStream(far)
    near.send(fromUtf8('hello'))
    expect(text(await bytes.read())).toBe('hello')
    near.send(fromUtf8('abc'))
    near.send(fromUtf8('def'))
    expect(text(await bytes.read({ bytes: 4 }))).toBe('abcd')
    expect(text(await bytes.read({ bytes: 0 }))).toBe('')
    expect(text(await bytes.read())).toBe('ef')
    await near.close()
    expect(await bytes.read()).toBeNull()
  })

  it('byteStream rejects with UnexpectedEOFError where the stream ends before', async () => {
    const [near, far] = streamPair()
    const bytes = byteStream(far)
    const reading = bytes.read({ bytes: 4 })
    near.send(fromUtf8('abc'))
    void near.close()
    await expect(reading).rejects.toMatchObject({ name: 'UnexpectedEOFError' })
    await expect(bytes.read({ bytes: 4 })).rejects.toMatchObject({ name: 'UnexpectedEOFError' })
  })

  it('byteStream writes, waits for drain, and rejects where the stream breaks', async () => {
    const [near, far] = streamPair({ highWaterMark: 1024 })
    const bytes = byteStream(near)
    far.pause()
    let written = false
    const writing = bytes.write(new Uint8Array(4096)).then(() => (written = true))
    await settled()
    expect(written).toBe(false)
    far.resume()
    far.addEventListener('message', () => {})
    await writing
    await bytes.write(new Uint8ArrayList(fromUtf8('a'), fromUtf8('b')))
    far.pause()
    const second = bytes.write(new Uint8Array(4096))
    near.abort(new Error('no'))
    await expect(second).rejects.toBeDefined()
  })

  it('byteStream takes a signal, and gives the stream back with what is unread', async () => {
    const [near, far] = streamPair()
    const bytes = byteStream(far)
    const controller = new AbortController()
    const reading = bytes.read({ bytes: 1, signal: controller.signal })
    controller.abort()
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
    near.send(fromUtf8('hello world'))
    expect(text(await bytes.read({ bytes: 6 }))).toBe('hello ')
    expect(bytes.unwrap()).toBe(far)
    expect(bytes.unwrap()).toBe(far)
    await expect(bytes.read()).rejects.toMatchObject({ name: 'UnwrappedError' })
    await expect(bytes.write(new Uint8Array(1))).rejects.toMatchObject({ name: 'UnwrappedError' })
    void near.close()
    expect(toUtf8(await collect(far))).toBe('world')
  })

  it('byteStream aborts a stream that sends more than may be buffered for a read', async () => {
    const [near, far] = streamPair({ maxChunk: 100 })
    const closed = ended(far)
    const bytes = byteStream(far, { maxBufferSize: 1000 })
    const reading = bytes.read({ bytes: 2000 })
    near.send(new Uint8Array(2000))
    await expect(reading).rejects.toMatchObject({ name: 'StreamBufferError' })
    expect((await closed).error).toMatchObject({ name: 'StreamBufferError' })
  })

  it('refuses what is no stream', () => {
    expect(() => byteStream({} as Stream)).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
  })

  it('lpStream frames messages by varints, one write for each call', async () => {
    const [near, far] = streamPair()
    const received: string[] = []
    const [a, b] = [lpStream(near), lpStream(far)]
    await a.write(fromUtf8('x'.repeat(200)))
    await a.writeV([fromUtf8('one'), new Uint8ArrayList(fromUtf8('tw'), fromUtf8('o')), new Uint8Array(0)])
    for (let i = 0; i < 4; i++) received.push(text(await b.read())!)
    expect(received).toEqual(['x'.repeat(200), 'one', 'two', ''])
    void near.close()
    await expect(b.read()).rejects.toMatchObject({ name: 'UnexpectedEOFError' })
  })

  it('lpStream refuses what is too long, and a length that takes too many bytes', async () => {
    const [near, far] = streamPair()
    near.send(Uint8Array.from([0x80, 0x01]))
    await expect(lpStream(far, { maxDataLength: 127, maxLengthLength: 2 }).read()).rejects.toMatchObject({
      name: 'InvalidDataLengthError',
      code: 'ERR_MSG_DATA_TOO_LONG'
    })
    const [other, end] = streamPair()
    other.send(Uint8Array.from([0x80, 0x80, 0x01]))
    await expect(lpStream(end, { maxDataLength: 127 }).read()).rejects.toMatchObject({
      name: 'InvalidDataLengthLengthError',
      code: 'ERR_MSG_LENGTH_TOO_LONG'
    })
  })

  it('lpStream takes another length, and refuses a negative one', async () => {
    const four = {
      lengthEncoder: (value: number) => Uint8Array.from([value >>> 24, value >>> 16, value >>> 8, value]),
      lengthDecoder(data: Uint8ArrayList) {
        if (data.byteLength < 4) throw new RangeError('too short')
        return data.getInt32(0)
      }
    }
    const [near, far] = streamPair()
    const [a, b] = [lpStream(near, four), lpStream(far, four)]
    await a.write(fromUtf8('hello'))
    expect(text(await b.read())).toBe('hello')
    near.send(Uint8Array.from([0xff, 0xff, 0xff, 0xff]))
    await expect(b.read()).rejects.toMatchObject({ name: 'InvalidMessageLengthError', code: 'ERR_INVALID_MSG_LENGTH' })
  })

  it('pbStream reads and writes messages of one kind and of any', async () => {
    const line = message<{ text: string }>({ text: field(1, required(string())) })
    const [near, far] = streamPair()
    const [a, b] = [pbStream(near), pbStream(far)]
    const proto = { encode: line.encode, decode: (data: Uint8Array) => line.decode(data.subarray()) }
    await a.write({ text: 'any' }, proto)
    expect(await b.read(proto)).toEqual({ text: 'any' })
    const [lines, others] = [a.pb(proto), b.pb(proto)]
    await lines.write({ text: 'one' })
    await lines.writeV([{ text: 'two' }, { text: 'three' }])
    expect([await others.read(), await others.read(), await others.read()].map(({ text: of }) => of)).toEqual([
      'one',
      'two',
      'three'
    ])
    expect(lines.unwrap()).toBe(a)
    expect(a.unwrap()).toBe(near)
  })
})

/** What is better than there. */
describe('stream helpers', () => {
  it('hold a remote back that sends more than is read', async () => {
    const [near, far] = streamPair({ highWaterMark: 16 * 1024 })
    const bytes = ours.byteStream(far, { maxBufferSize: 1000 })
    let sent = 0
    for (; !near.writableNeedsDrain && sent < 2 ** 20; sent += 4096) {
      near.send(new Uint8Array(4096))
      await settled()
    }
    expect(sent).toBeLessThan(128 * 1024)
    expect(far.status).toBe('open')
    expect((await bytes.read({ bytes: 1000 })).byteLength).toBe(1000)
  })

  it('say each time that the stream was reset', async () => {
    const [near, far] = streamPair()
    const bytes = ours.byteStream(far)
    near.abort(new Error('no'))
    await until(() => far.status === 'reset')
    for (let i = 0; i < 2; i++) await expect(bytes.read()).rejects.toMatchObject({ name: 'StreamResetError' })
  })

  it('refuse a length that is not minimal, and one that never ends', async () => {
    for (const [bytes, name] of [
      [[0x81, 0x00], 'InvalidMessageLengthError'],
      [Array<number>(12).fill(0x80), 'InvalidDataLengthLengthError']
    ] as const) {
      const [near, far] = streamPair()
      near.send(Uint8Array.from(bytes))
      await expect(ours.lpStream(far).read()).rejects.toMatchObject({ name })
    }
    const [near, far] = streamPair()
    near.send(new Uint8Array(20))
    const never = ours.lpStream(far, {
      lengthDecoder() {
        throw new RangeError('more')
      }
    })
    await expect(never.read()).rejects.toMatchObject({ name: 'InvalidDataLengthLengthError' })
  })

  it('read a message after a read that was cancelled in the middle of its length', async () => {
    const [near, far] = streamPair()
    const messages = ours.lpStream(far)
    const controller = new AbortController()
    const reading = messages.read({ signal: controller.signal })
    near.send(Uint8Array.from([0x81]))
    await settled()
    controller.abort()
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
    near.send(Uint8Array.from([0x01, ...new Uint8Array(129)]))
    expect((await messages.read()).byteLength).toBe(129)
  })
})
