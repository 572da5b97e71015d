/** A connection is closed over a channel that has bytes which its socket has not taken yet. */
import type { Connection, Stream } from '@libp2p/interface'
import { mplex } from '@weft/multiplex'
import { noise } from '@weft/noise'
import { plaintext } from '@weft/plaintext'
import { secio } from '@weft/secio'
import { expect, it, onTestFinished } from 'vitest'
import { type TestNode, tcpNode, uncaught } from './tcp-nodes.ts'

uncaught()

// What a muxer gives to the channel at once, and a socket does not take in one turn.
const muxerWrite = 256 * 1024

interface Sink {
  dialer: TestNode
  connection: Connection
  stream: Stream
  /** Bytes of the stream that came to the other side, when it has ended there, and how. */
  ended: Promise<{ received: number; error: string }>
}

/** `nth` stream of the protocol is the one whose end is told. */
async function open(channel: ReturnType<typeof noise> | ReturnType<typeof plaintext>, nth = 0): Promise<Sink> {
  // Without windows: what is sent in one turn of the event loop is more than a socket is given in one.
  const options = { connectionEncrypters: [channel], streamMuxers: [mplex()] }
  const [dialer, listener] = [await tcpNode(options), await tcpNode(options)]
  onTestFinished(async () => {
    await Promise.all([dialer.stop(), listener.stop()])
  })
  const ended = new Promise<{ received: number; error: string }>(resolve => {
    void listener.handle('/sink/1', async stream => {
      if (nth-- > 0) return
      let received = 0
      try {
        for await (const chunk of stream) received += chunk.byteLength
        resolve({ received, error: '' })
      } catch (error) {
        resolve({ received, error: (error as Error).name })
      }
    })
  })
  const connection = await dialer.dial(listener.getMultiaddrs())
  const stream = await connection.newStream('/sink/1')
  return { dialer, connection, stream, ended }
}

const channels = { noise: noise(), plaintext: plaintext(), secio: secio() }
const ends: Record<string, (sink: Sink) => Promise<unknown>> = {
  'the connection is closed': ({ connection }) => connection.close(),
  'the peer is hung up on': ({ dialer, connection }) => dialer.hangUp(connection.remotePeer),
  'the node stops': async ({ dialer }) => dialer.stop()
}

for (const [name, channel] of Object.entries(channels)) {
  it.each(Object.keys(ends))(`after the abort of a stream that waits for drain, over ${name}, when %s`, async how => {
    const sink = await open(channel)
    while (sink.stream.send(new Uint8Array(muxerWrite)));
    const waiting = sink.stream.onDrain()
    sink.stream.abort(new Error('given up'))
    await Promise.all([ends[how]!(sink), expect(waiting).rejects.toMatchObject({ message: 'given up' })])
    await sink.ended
  })

  it(`what a stream had sent before its reset leaves, over ${name}`, async () => {
    const { connection, stream, ended } = await open(channel)
    while (stream.send(new Uint8Array(muxerWrite)));
    stream.abort(new Error('given up'))
    await connection.close()
    const { received, error } = await ended
    expect(received).toBeGreaterThanOrEqual(muxerWrite)
    expect(error).toBe('StreamResetError')
  })
}

it('what is sent in the turn of an abort leaves before the reset, together with the proposal of its protocol', async () => {
  const { connection, ended } = await open(noise(), 1)
  const stream = await connection.newStream('/sink/1', { negotiateFully: false })
  stream.send(new Uint8Array(3))
  stream.abort(new Error('given up'))
  await connection.close()
  expect(await ended).toEqual({ received: 3, error: 'StreamResetError' })
})

it('a wait for drain that begins after the end is told of it', async () => {
  const { stream } = await open(noise())
  while (stream.send(new Uint8Array(muxerWrite)));
  stream.abort(new Error('given up'))
  await expect(stream.onDrain()).rejects.toMatchObject({ message: 'given up' })
})
