import type { Stream } from '@libp2p/interface'
import { StreamBytes } from '@weft/interface-protocol'
import { expect, it } from 'vitest'
import { createLibp2p, memoryDefaults } from '../src/index.ts'

// More than a reader takes ahead, less than the first window of a stream.
const length = 200_000

it('gives what waits in a stream that both sides ended while nobody read', async () => {
  const a = await createLibp2p(memoryDefaults())
  const b = await createLibp2p({ ...memoryDefaults(), addresses: { listen: ['/memory/ended-unread'] } })
  await b.handle('/sends', async (stream: Stream) => {
    stream.send(new Uint8Array(length))
    await stream.close()
  })
  const connection = await a.dial(b.getMultiaddrs())
  const stream = await connection.newStream('/sends')
  const bytes = new StreamBytes(stream)
  const over = new Promise(resolve => stream.addEventListener('close', resolve))
  await stream.close()
  await over
  let read = 0
  for (let chunk = await bytes.readSome(); chunk !== undefined; chunk = await bytes.readSome()) read += chunk.byteLength
  expect(read).toBe(length)
  await Promise.all([a.stop(), b.stop()])
})
