import type { Connection } from '@libp2p/interface'
import { UnsupportedProtocolError } from '@weft/errors'
import { messageStreamPair } from '@weft/interface-connection/compliance'
import type { ConnectionManager } from '@weft/interface-node'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { bob, fakeLogger } from '../../../interface-node/test/fakes.ts'
import { AdaptiveTimeout } from './adaptive-timeout.ts'
import { ConnectionMonitor, type ConnectionMonitorInit } from './connection-monitor.ts'

type Answer = (chunk: Uint8Array) => Uint8Array | undefined

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function create(answer: Answer | Error, init: ConnectionMonitorInit = {}, count = 1) {
  const newStream = vi.fn(async () => {
    if (answer instanceof Error) throw answer
    const [local, remote] = messageStreamPair()
    remote.addEventListener('message', event => {
      const reply = answer(event.data.subarray())
      if (reply === undefined) return
      remote.send(reply)
      void remote.close()
    })
    return local
  })
  const connection = { status: 'open', remotePeer: bob, newStream, abort: vi.fn() } as unknown as Connection
  // Each an object of its own, as the monitor pings one at a time on each.
  const connections = [connection, ...Array.from({ length: count - 1 }, () => ({ ...connection }))]
  const connectionManager = { getConnections: () => connections } as unknown as ConnectionManager
  const logger = fakeLogger()
  const monitor = new ConnectionMonitor({ connectionManager, logger }, init)
  monitor.start()
  return { monitor, connection, newStream, logger }
}

describe('connection monitor', () => {
  it('spreads the pings of many connections over half the interval, and stops in between', async () => {
    const { monitor, newStream } = create(chunk => chunk, { pingInterval: 200 }, 80)
    await vi.advanceTimersByTimeAsync(200)
    expect(newStream).toHaveBeenCalledTimes(8)
    await vi.advanceTimersByTimeAsync(10)
    expect(newStream).toHaveBeenCalledTimes(16)
    await vi.advanceTimersByTimeAsync(90)
    expect(newStream).toHaveBeenCalledTimes(80)
    await vi.advanceTimersByTimeAsync(100)
    expect(newStream).toHaveBeenCalledTimes(88)
    monitor.stop()
    await vi.advanceTimersByTimeAsync(1000)
    expect(newStream).toHaveBeenCalledTimes(88)
  })

  it('pings every 5 s and keeps the time', async () => {
    const { monitor, connection, newStream } = create(chunk => chunk)
    await vi.advanceTimersByTimeAsync(5_010)
    expect(newStream).toHaveBeenCalledWith('/ipfs/ping/1.0.0', {
      signal: expect.any(AbortSignal),
      runOnLimitedConnection: true
    })
    expect(connection.rtt).toBeGreaterThanOrEqual(0)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(newStream).toHaveBeenCalledTimes(3)
    monitor.stop()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(newStream).toHaveBeenCalledTimes(3)
    expect(connection.abort).not.toHaveBeenCalled()
  })

  it('aborts a connection that is silent for 12 s, pinging it once', async () => {
    const { monitor, connection, newStream } = create(() => undefined)
    await vi.advanceTimersByTimeAsync(9_900)
    expect(connection.abort).not.toHaveBeenCalled()
    expect(newStream).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(2_200)
    expect(connection.abort).toHaveBeenCalledWith(expect.objectContaining({ name: 'TimeoutError' }))
    monitor.stop()
  })

  it('aborts where the answer is wrong, unless told not to', async () => {
    const wrong = create(chunk => chunk.map(byte => byte ^ 1))
    const long = create(chunk => Uint8Array.of(...chunk, 0))
    const kept = create(chunk => chunk.map(byte => byte ^ 1), { abortConnectionOnPingFailure: false })
    await vi.advanceTimersByTimeAsync(5_010)
    for (const { connection } of [wrong, long]) {
      expect(connection.abort).toHaveBeenCalledWith(expect.objectContaining({ name: 'ProtocolError' }))
    }
    expect(kept.connection.abort).not.toHaveBeenCalled()
    expect(kept.logger.errors).toHaveLength(1)
    for (const { monitor } of [wrong, long, kept]) monitor.stop()
  })

  it('takes a refusal for a sign of life', async () => {
    const { monitor, connection } = create(new UnsupportedProtocolError(), { pingInterval: 100, protocolPrefix: 'x' })
    await vi.advanceTimersByTimeAsync(150)
    expect(connection.newStream).toHaveBeenCalledWith('/x/ping/1.0.0', expect.anything())
    expect(connection.rtt).toBeGreaterThanOrEqual(0)
    expect(connection.abort).not.toHaveBeenCalled()
    monitor.stop()
  })

  it('does not blame the remote when the node stops', async () => {
    const { monitor, connection } = create(() => undefined)
    await vi.advanceTimersByTimeAsync(5_010)
    monitor.stop()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(connection.abort).not.toHaveBeenCalled()
  })

  it('does not blame the remote when it is started again', async () => {
    const { monitor, connection } = create(() => undefined)
    await vi.advanceTimersByTimeAsync(5_010)
    monitor.start()
    await vi.advanceTimersByTimeAsync(4_900)
    expect(connection.abort).not.toHaveBeenCalled()
    monitor.stop()
  })
})

describe('adaptive timeout', () => {
  it('follows the average between its bounds', () => {
    const timeout = new AdaptiveTimeout({ minTimeout: 100, interval: 1000 }, 7000)
    expect(timeout.timeout).toBe(100)
    timeout.record(1000, false, 0)
    expect(timeout.timeout).toBe(1200)
    timeout.record(2000, true, 100_000)
    expect(timeout.timeout).toBe(4800)
    timeout.record(10, false, 200_000)
    expect(timeout.timeout).toBe(100)
    timeout.record(20_000, true, 300_000)
    expect(timeout.timeout).toBe(7000)
    expect(new AdaptiveTimeout({ maxTimeout: 200 }, 7000).timeout).toBe(200)
  })
})
