import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readDirectly } from '@weft/bytes'
import { gone, rawServer } from './setup.ts'

const megabyte = 1024 * 1024

/** A socket that reads, and the one that writes to it. */
async function pair(): Promise<[Socket, Socket]> {
  const { server, next } = await rawServer()
  const { port } = server.address() as { port: number }
  const reader = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  onTestFinished(() => void reader.destroy())
  await once(reader, 'connect')
  return [reader, await next()]
}

/** Bytes that tell where they belong. */
function counting(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i ^ (i >> 8) ^ (i >> 16)) & 0xff)
}

describe('readDirectly', () => {
  it('gives what a flowing socket reads, and then its end', async () => {
    const [reader, writer] = await pair()
    const taken: Uint8Array[] = []
    const buffered: Uint8Array[] = []
    readDirectly(reader, chunk => taken.push(chunk) > 0)
    reader.on('data', chunk => buffered.push(chunk))
    writer.end('abc')
    await gone(reader)
    expect(Buffer.concat(taken).toString()).toBe('abc')
    expect(buffered).toEqual([])
  })

  it('leaves to the stream what it is refused, and what comes to a paused socket', async () => {
    const [reader, writer] = await pair()
    const offered: Uint8Array[] = []
    readDirectly(reader, chunk => offered.push(chunk) === 0)
    writer.write('abc')
    await once(reader, 'readable')
    expect(offered).toEqual([])
    expect(String(reader.read())).toBe('abc')
    const data = once(reader, 'data')
    reader.removeAllListeners('readable').resume()
    writer.end('def')
    expect(String(await data)).toBe('def')
    expect(String(offered)).toBe('def')
  })

  it('keeps the order of what comes while the socket flows and while it is paused', async () => {
    const [reader, writer] = await pair()
    const sent = counting(8 * megabyte)
    const received: Uint8Array[] = []
    const ways = { direct: 0, buffered: 0 }
    const take = (chunk: Uint8Array, way: keyof typeof ways): boolean => {
      ways[way]++
      received.push(chunk)
      if (received.length % 3 !== 0) return true
      reader.pause()
      // Some of them long enough for the system to be read until the buffer is full.
      if (received.length % 2 === 0) setImmediate(() => reader.resume())
      else setTimeout(() => reader.resume(), 2)
      return true
    }
    readDirectly(reader, chunk => take(chunk, 'direct'))
    reader.on('data', chunk => take(chunk, 'buffered'))
    writer.end(sent)
    await once(reader, 'end')
    expect(Buffer.concat(received).equals(sent)).toBe(true)
    expect(ways.direct).toBeGreaterThan(0)
    expect(ways.buffered).toBeGreaterThan(0)
  })
})
