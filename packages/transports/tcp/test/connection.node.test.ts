import { once } from 'node:events'
import { collect, ended, settled } from '@weft/interface-connection/compliance'
import { testComponents } from '@weft/interface-transport/compliance'
import { multiaddr } from '@weft/multiaddr'
import { describe, expect, it } from 'vitest'
import { socketSettings } from '../src/connect.node.ts'
import { TcpConnection } from '../src/connection.node.ts'
import { dial, gone, listening, rawServer, rawSocket } from './setup.ts'

const megabyte = 1024 * 1024

describe('what the remote does', () => {
  it('a reset breaks the connection', async () => {
    const { upgrader, port } = await listening()
    const socket = await rawSocket(port)
    const connection = await upgrader.nextInbound()
    const closed = ended(connection)
    socket.resetAndDestroy()
    expect(await closed).toMatchObject({ local: false, error: { name: 'StreamResetError' } })
    expect(connection.status).toBe('reset')
  })

  it('an end ends reading, and closes the connection that nobody uses any more', async () => {
    const { upgrader, port } = await listening()
    const socket = await rawSocket(port)
    const connection = await upgrader.nextInbound()
    const closed = ended(connection)
    socket.end('abc')
    expect(await collect(connection)).toEqual(Uint8Array.from([97, 98, 99]))
    expect((await closed).error).toBe(undefined)
    expect(await gone(socket)).toBe(undefined)
  })

  it('an end waits for a reader that takes its time', async () => {
    const { upgrader, port } = await listening()
    const socket = await rawSocket(port)
    const connection = await upgrader.nextInbound()
    socket.end('abc')
    // Longer than an idle connection is kept after the remote's end.
    for (let i = 0; i < 30; i++) await settled()
    expect((await collect(connection)).byteLength).toBe(3)
    connection.send(Uint8Array.of(1))
    await connection.close()
    expect(await gone(socket)).toBe(undefined)
  })

  it('an end does not cut off what is being sent to a slow reader', async () => {
    const { upgrader, port } = await listening()
    const socket = await rawSocket(port)
    const connection = await upgrader.nextInbound()
    socket.pause()
    socket.end()
    connection.send(new Uint8Array(16 * megabyte))
    // Longer than an idle connection is kept after the remote's end.
    for (let i = 0; i < 30; i++) await settled()
    let received = 0
    socket.on('data', chunk => {
      received += chunk.byteLength
    })
    await gone(socket)
    expect(received).toBe(16 * megabyte)
  })

  it('an end aborts in time what the remote does not read', async () => {
    const { upgrader, port } = await listening({ socketCloseTimeout: 120 })
    const socket = await rawSocket(port)
    const connection = await upgrader.nextInbound()
    const closed = ended(connection)
    socket.pause()
    socket.end()
    connection.send(new Uint8Array(64 * megabyte))
    expect((await closed).error).toMatchObject({ name: 'TimeoutError' })
  })

  it('silence aborts the connection', async () => {
    const { address, next } = await rawServer()
    const connection = await dial(address, { outboundSocketInactivityTimeout: 20 })
    const closed = ended(connection)
    const socket = await next()
    expect((await closed).error).toMatchObject({ name: 'TimeoutError', milliseconds: 20 })
    expect(await gone(socket)).toBe('ECONNRESET')
  })

  it('an answer that never ends is cut off some time after close', async () => {
    const { address, next } = await rawServer()
    const connection = await dial(address, { socketCloseTimeout: 20 })
    const closed = ended(connection)
    const socket = await next()
    await connection.close()
    expect((await closed).error).toMatchObject({ name: 'TimeoutError', milliseconds: 20 })
    await gone(socket)
  })

  it('a remote that does not half-close is closed with its end', async () => {
    const { upgrader, port } = await listening({ listenOpts: { allowHalfOpen: false } })
    const socket = await rawSocket(port)
    const connection = await upgrader.nextInbound()
    const closed = ended(connection)
    socket.end()
    expect((await closed).error).toBe(undefined)
  })
})

describe('what this side does', () => {
  it('abort resets, and drops what was not sent', async () => {
    const { address, next } = await rawServer()
    const connection = await dial(address)
    const socket = await next()
    connection.abort(new Error('broken off'))
    expect(await gone(socket)).toBe('ECONNRESET')
  })

  it('close sends everything before the end, however slowly the remote reads', async () => {
    const { address, next } = await rawServer()
    const connection = await dial(address)
    const socket = await next()
    connection.send(new Uint8Array(8 * megabyte))
    const closing = connection.close()
    await settled()
    let received = 0
    socket.on('data', chunk => {
      received += chunk.byteLength
    })
    await gone(socket)
    await closing
    expect(received).toBe(8 * megabyte)
  })

  it('close rejects when the connection breaks before everything was sent', async () => {
    const { address, next } = await rawServer()
    const connection = await dial(address)
    const socket = await next()
    connection.send(new Uint8Array(8 * megabyte))
    const closing = connection.close()
    socket.resetAndDestroy()
    await expect(closing).rejects.toMatchObject({ name: 'StreamResetError' })
  })

  // Node 20 cannot detach a buffer without copying it.
  it.runIf('transfer' in ArrayBuffer.prototype)('the memory of what was written goes, if it came with it', async () => {
    const { address, next } = await rawServer()
    const connection = (await dial(address)) as TcpConnection
    const socket = await next()
    const received = once(socket, 'data')
    const kept = new Uint8Array(20_000).fill(1)
    connection.send(kept)
    connection.takeBuffers()
    const given = new Uint8Array(20_000).fill(2)
    connection.send(given)
    expect([kept.byteLength, given.byteLength]).toEqual([20_000, 0])
    socket.resume()
    expect(((await received) as [Buffer])[0][0]).toBe(1)
  })

  it('many writes at once leave in order', async () => {
    const { address, next } = await rawServer()
    const connection = await dial(address)
    const socket = await next()
    // All but the first wait for the first.
    for (let i = 0; i < 100; i++) connection.send(new Uint8Array(i === 0 ? megabyte : 1).fill(i))
    const received: Buffer[] = []
    socket.on('data', chunk => received.push(chunk))
    await connection.close()
    await gone(socket)
    const bytes = Buffer.concat(received)
    expect(bytes.length).toBe(megabyte + 99)
    expect([...bytes.subarray(megabyte)]).toEqual(Array.from({ length: 99 }, (_, i) => i + 1))
  })
})

describe('back-pressure', () => {
  it('makes a sender wait for a remote that does not read, with bounded memory', async () => {
    const { address, next } = await rawServer()
    const connection = await dial(address)
    await next()
    const chunk = new Uint8Array(64 * 1024)
    let sent = 0
    for (; sent < 64 * megabyte; sent += chunk.byteLength) {
      if (connection.writableNeedsDrain) await settled()
      if (connection.writableNeedsDrain) break
      connection.send(chunk)
    }
    // What the system holds for both sockets, and one chunk.
    expect(sent).toBeLessThan(32 * megabyte)
    expect((connection as unknown as { writeBufferLength: number }).writeBufferLength).toBeLessThanOrEqual(64 * 1024)
  })

  it.each(['before anyone reads', 'while paused'])('reads no more %s than it holds', async when => {
    const { upgrader, port } = await listening()
    const socket = await rawSocket(port)
    const connection = await upgrader.nextInbound()
    let received = 0
    if (when === 'while paused') {
      connection.addEventListener('message', ({ data }) => {
        received += data.byteLength
      })
      connection.pause()
    }
    const total = 32 * megabyte
    socket.end(Buffer.alloc(total))
    for (let i = 0; i < 5; i++) await settled()
    expect(socket.writableLength).toBeGreaterThan(0)
    expect(connection.readBufferLength).toBeLessThanOrEqual(megabyte)
    if (when === 'while paused') {
      connection.resume()
      await new Promise(resolve => connection.addEventListener('end', resolve))
    } else {
      for await (const list of connection) received += list.byteLength
    }
    expect(received).toBe(total)
    await connection.close()
  })
})

describe('sockets', () => {
  it('are set up as the call says, else the transport, else with short delays and probes', () => {
    expect(socketSettings()).toEqual({
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 15_000,
      allowHalfOpen: true
    })
    expect(socketSettings({ noDelay: false }, { noDelay: true, keepAliveInitialDelay: 1 })).toEqual({
      noDelay: false,
      keepAlive: true,
      keepAliveInitialDelay: 1,
      allowHalfOpen: true
    })
  })

  it('that broke before they were taken over close the connection', async () => {
    const { port } = await listening()
    const socket = await rawSocket(port)
    socket.destroy()
    await gone(socket)
    const connection = new TcpConnection({
      socket,
      remoteAddr: multiaddr('/ip4/127.0.0.1/tcp/1'),
      log: testComponents().logger.forComponent('test'),
      inactivityTimeout: 0,
      closeTimeout: 1000
    })
    expect((await ended(connection)).error).toMatchObject({ name: 'ConnectionFailedError' })
  })
})
