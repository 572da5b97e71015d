import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { multiaddr } from '@weft/multiaddr'
import { expect, it, onTestFinished } from 'vitest'
import { dial, listening } from './setup.ts'

const megabyte = 1024 * 1024
// Read at full speed, so that the system comes to hold megabytes for this connection.
const warmUp = 64 * megabyte
const total = warmUp + 16 * megabyte
// In a thread of its own: while this one is busy, the system's buffers fill.
const sender = `
  const { connect } = require('node:net')
  const { workerData: { port, total } } = require('node:worker_threads')
  connect({ port, host: '127.0.0.1' }).end(new Uint8Array(total))
`

const receiver = `
  const { createServer } = require('node:net')
  const { parentPort } = require('node:worker_threads')
  const server = createServer(socket => {
    let received = 0
    socket.on('data', bytes => (received += bytes.length))
    socket.on('end', () => parentPort.postMessage(received))
  })
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
`

it('a connection whose bytes are dear to handle leaves the event loop to others', async () => {
  const { upgrader, port } = await listening()
  const worker = new Worker(sender, { eval: true, workerData: { port, total } })
  onTestFinished(() => void worker.terminate())
  const connection = await upgrader.nextInbound()
  let received = 0
  let inTurn = 0
  let longest = 0
  const all = new Promise<void>(resolve => {
    connection.addEventListener('message', ({ data }) => {
      received += data.byteLength
      if (received < warmUp) return
      // More than a connection may take of a turn.
      for (const begun = performance.now(); performance.now() - begun < 6; );
      inTurn += data.byteLength
      longest = Math.max(longest, inTurn)
      setImmediate(() => {
        inTurn = 0
      })
      if (received === total) resolve()
    })
  })
  await all
  // What was being handled, and what the system had read by then.
  expect(longest).toBeLessThanOrEqual(256 * 1024)
})

it('a writer that the system takes everything from leaves the event loop to others', async () => {
  const worker = new Worker(receiver, { eval: true })
  onTestFinished(() => void worker.terminate())
  const [port] = (await once(worker, 'message')) as [number]
  const connection = await dial(multiaddr(`/ip4/127.0.0.1/tcp/${port}`))
  // Larger than the socket's high-water mark: it drains as soon as the system has taken it.
  const chunk = new Uint8Array(256 * 1024)
  let sent = 0
  let inTurn = 0
  let longest = 0
  const nextTurn = (): void => {
    inTurn = 0
    if (sent < total) setImmediate(nextTurn)
  }
  setImmediate(nextTurn)
  while (sent < total) {
    sent += chunk.byteLength
    inTurn += chunk.byteLength
    longest = Math.max(longest, inTurn)
    if (!connection.send(chunk)) await connection.onDrain()
  }
  expect(longest).toBeLessThanOrEqual(megabyte)
  await connection.close()
  expect(await once(worker, 'message')).toEqual([total])
})
