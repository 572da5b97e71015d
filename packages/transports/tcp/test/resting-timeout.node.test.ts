import { once } from 'node:events'
import { Socket } from 'node:net'
import { ended } from '@weft/interface-connection/compliance'
import { describe, expect, it, onTestFinished } from 'vitest'
import { RestingTimeout } from '../src/resting-timeout.node.ts'
import { listening, rawSocket } from './setup.ts'

/** A socket with a timeout of its own, and what lets it rest. */
function resting(milliseconds: number): [Socket, RestingTimeout] {
  const socket = new Socket()
  onTestFinished(() => void socket.destroy())
  socket.setTimeout(milliseconds)
  return [socket, new RestingTimeout(socket)]
}

function read(timeout: RestingTimeout, times: number): void {
  for (let i = 0; i < times; i++) timeout.read()
}

describe('the timeout of a socket in use', () => {
  it('rests after 64 reads, comes back, and may rest again', async () => {
    const [socket, timeout] = resting(20)
    read(timeout, 63)
    expect(socket.timeout).toBe(20)
    read(timeout, 1)
    expect(socket.timeout).toBe(0)
    await once(socket, 'timeout')
    expect(socket.timeout).toBe(20)
    read(timeout, 64)
    expect(socket.timeout).toBe(0)
  })

  it('comes back at once when it is asked to, and is not changed where it does not rest', () => {
    const [socket, timeout] = resting(60_000)
    read(timeout, 64)
    timeout.resume()
    expect(socket.timeout).toBe(60_000)
    socket.setTimeout(50_000)
    timeout.resume()
    expect(socket.timeout).toBe(50_000)
  })

  it('stays another one that was set while it rested', () => {
    const [socket, timeout] = resting(60_000)
    read(timeout, 64)
    socket.setTimeout(100)
    timeout.resume()
    expect(socket.timeout).toBe(100)
  })

  it('is none where there was none', () => {
    const [socket, timeout] = resting(0)
    read(timeout, 64)
    timeout.resume()
    expect(socket.timeout).toBe(0)
  })

  it('ends a connection that is silent after many reads', async () => {
    const { upgrader, port } = await listening({ inboundSocketInactivityTimeout: 40 })
    const socket = await rawSocket(port)
    const connection = await upgrader.nextInbound()
    const closed = ended(connection)
    let reads = 0
    connection.addEventListener('message', () => {
      reads++
      if (reads < 100) socket.write('x')
    })
    socket.write('x')
    expect((await closed).error).toMatchObject({ name: 'TimeoutError', milliseconds: 40 })
    expect(reads).toBe(100)
  })
})
