import type { Stream } from '@libp2p/interface'
import { concat, encodeLengthPrefixed, fromUtf8, toUtf8 } from '@weft/bytes'
import { collect, ended, settled, until } from '@weft/interface-connection/compliance'
import { ResourceManager } from '@weft/resources'
import { setResourceScope } from '@weft/interface-connection'
import { describe, expect, it } from 'vitest'
import { chargeStream, streamPair } from './compliance/index.ts'
import { IdleTimer, StreamBytes, StreamMessages } from './index.ts'

const paths: Array<[string, boolean]> = [
  ['over the byte path', false],
  ['over events', true]
]

describe.each(paths)('StreamBytes %s', (_, eventsOnly) => {
  const pair = (options: object = {}) => streamPair({ eventsOnly, ...options })

  it('reads exactly what is asked for, however it was cut', async () => {
    const [near, far] = pair({ maxChunk: 3 })
    const bytes = new StreamBytes(far)
    near.send(fromUtf8('hello world'))
    await near.close()
    expect(toUtf8(await bytes.read(5))).toBe('hello')
    expect((await bytes.read(0)).byteLength).toBe(0)
    expect(toUtf8(await bytes.read(6))).toBe(' world')
    expect(await bytes.readSome()).toBeUndefined()
    await expect(bytes.read(1)).rejects.toMatchObject({ name: 'UnexpectedEOFError', received: 0, expected: 1 })
  })

  it('takes no more than it may of a remote that sends more than is read', async () => {
    const [near, far] = pair({ highWaterMark: 16 * 1024 })
    const account = chargeStream(far)
    const before = account.used('memory')
    const bytes = new StreamBytes(far)
    let sent = 0
    while (!near.writableNeedsDrain && sent < 2 ** 20) {
      near.send(new Uint8Array(4096))
      sent += 4096
      await settled()
    }
    expect(bytes.byteLength).toBeLessThanOrEqual(64 * 1024 + 4096)
    expect(sent).toBeLessThanOrEqual(96 * 1024)
    expect(account.used('memory') - before).toBeGreaterThanOrEqual(bytes.byteLength)
    // All of it is there when somebody reads.
    const closed = near.close()
    let read = 0
    for (let chunk = await bytes.readSome(); chunk !== undefined; chunk = await bytes.readSome()) {
      read += chunk.byteLength
    }
    await closed
    expect(read).toBe(sent)
    expect(account.used('memory')).toBe(before)
  })

  it('does not read while a write waits for the remote to read', async () => {
    const [near, far] = pair({ highWaterMark: 1024 })
    const bytes = new StreamBytes(far)
    near.pause()
    const writing = bytes.write(new Uint8Array(4096))
    near.send(new Uint8Array(600))
    await settled()
    near.send(new Uint8Array(600))
    await settled()
    expect(bytes.byteLength).toBe(600)
    near.resume()
    near.addEventListener('message', () => {})
    await writing
    await until(() => bytes.byteLength === 1200)
  })

  it('rejects with what breaks the stream, after what came before', async () => {
    const [near, far] = pair()
    const bytes = new StreamBytes(far)
    near.send(fromUtf8('abc'))
    await until(() => bytes.byteLength === 3)
    near.abort(new Error('gone'))
    await ended(far)
    expect(toUtf8(await bytes.read(3))).toBe('abc')
    await expect(bytes.read(1)).rejects.toMatchObject({ name: 'StreamResetError' })
    await expect(bytes.write(new Uint8Array(1))).rejects.toMatchObject({ name: 'StreamResetError' })
  })

  it('gives up a read with its signal, and reads nothing then', async () => {
    const [near, far] = pair()
    const bytes = new StreamBytes(far)
    const controller = new AbortController()
    const reading = bytes.read(3, { signal: controller.signal })
    near.send(fromUtf8('ab'))
    await settled()
    controller.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
    near.send(fromUtf8('c'))
    expect(toUtf8(await bytes.read(3))).toBe('abc')
    await expect(bytes.read(1, { signal: AbortSignal.abort(new Error('late')) })).rejects.toThrow('late')
  })

  it('fails altogether with the signal that it was made with', async () => {
    const [, far] = pair()
    const controller = new AbortController()
    const bytes = new StreamBytes(far, { signal: controller.signal })
    const reading = bytes.read(1)
    controller.abort(new Error('deadline'))
    await expect(reading).rejects.toThrow('deadline')
    await expect(bytes.write(new Uint8Array(1))).rejects.toThrow('deadline')
    const late = new StreamBytes(streamPair()[0], { signal: controller.signal })
    await expect(late.read(1)).rejects.toThrow('deadline')
  })

  it('refuses two reads at once, and what is more than it may hold', async () => {
    const [near, far] = pair()
    const bytes = new StreamBytes(far, { maxHeld: 100 })
    const first = bytes.read(1)
    await expect(bytes.read(1)).rejects.toMatchObject({ name: 'StreamStateError' })
    near.send(new Uint8Array(1))
    await first
    await expect(bytes.read(101)).rejects.toMatchObject({ name: 'StreamBufferError', byteLength: 101, limit: 100 })
    expect(far.status).toBe('aborted')
  })

  it('refuses a read that would never have enough', async () => {
    const [near, far] = pair()
    const bytes = new StreamBytes(far, { maxHeld: 100 })
    near.send(new Uint8Array(101))
    await expect(bytes.take(() => undefined)).rejects.toMatchObject({ name: 'StreamBufferError' })
  })

  it('leaves what was not read to the next reader', async () => {
    const [near, far] = pair()
    const bytes = new StreamBytes(far)
    near.send(fromUtf8('hello world'))
    await bytes.read(6)
    expect(bytes.release()).toBe(far)
    expect(bytes.release()).toBe(far)
    near.send(fromUtf8('!'))
    void near.close()
    expect(toUtf8(await collect(far))).toBe('world!')
    await expect(bytes.read(1)).rejects.toMatchObject({ name: 'StreamStateError' })
  })

  it('aborts the stream where its account has no room for what is held', async () => {
    const [near, far] = pair()
    const manager = new ResourceManager({ resourceLimits: { stream: { memory: 20_000 } } })
    const scope = manager.openConnection('inbound').openStream('inbound')
    setResourceScope(far, scope)
    const bytes = new StreamBytes(far)
    const reading = bytes.read(60_000)
    near.send(new Uint8Array(30_000))
    await expect(reading).rejects.toMatchObject({ name: 'ResourceLimitError' })
    expect(far.status).toBe('aborted')
  })
})

describe.each(paths)('StreamMessages %s', (_, eventsOnly) => {
  const open = (maxMessageSize = 100, options: object = {}): [Stream, StreamMessages] => {
    const [near, far] = streamPair({ eventsOnly, ...options })
    return [near, new StreamMessages(far, { maxMessageSize })]
  }

  it('reads and writes messages, however they were cut', async () => {
    for (const maxChunk of [1, 2, 7, 1000]) {
      const [near, messages] = open(300, { maxChunk })
      const sent = ['', 'a', 'b'.repeat(127), 'c'.repeat(300)]
      near.send(concat(sent.map(text => encodeLengthPrefixed(fromUtf8(text)))))
      void near.close()
      for (const text of sent) expect(toUtf8((await messages.read())!)).toBe(text)
      expect(await messages.read()).toBeUndefined()
      for (const text of sent) void messages.write(fromUtf8(text))
      void messages.bytes.stream.close()
      expect(await collect(near)).toEqual(concat(sent.map(text => encodeLengthPrefixed(fromUtf8(text)))))
    }
  })

  it('refuses a message by its length, before any of it has come', async () => {
    const [near, messages] = open()
    near.send(Uint8Array.from([101]))
    await expect(messages.read()).rejects.toMatchObject({ name: 'InvalidMessageError', cause: { maximum: 100 } })
    const [endless, others] = open()
    endless.send(new Uint8Array(9).fill(0xff))
    await expect(others.read()).rejects.toMatchObject({ name: 'InvalidMessageError' })
  })

  it('tells an end from a cut', async () => {
    const [near, messages] = open()
    near.send(Uint8Array.from([3, 1, 2]))
    void near.close()
    await expect(messages.read()).rejects.toMatchObject({ name: 'UnexpectedEOFError', received: 3 })
  })

  it('says of a message that does not decode why', async () => {
    const [near, messages] = open()
    near.send(Uint8Array.from([1, 7]))
    const decoder = {
      decode(bytes: Uint8Array): never {
        throw new RangeError(`no ${bytes[0]}`)
      }
    }
    await expect(messages.readAs(decoder)).rejects.toMatchObject({
      name: 'InvalidMessageError',
      cause: { message: 'no 7' }
    })
  })
})

describe('IdleTimer', () => {
  it('aborts a stream on which nothing moves, and no other', async () => {
    const [near, far] = streamPair()
    new IdleTimer(near, 10)
    const stopped = new IdleTimer(far, 10)
    stopped.stop()
    expect((await ended(near)).error).toMatchObject({ name: 'TimeoutError', milliseconds: 10 })
    expect((await new Promise<Stream>(resolve => setTimeout(() => resolve(far), 20))).status).toBe('reset')
  })
})
