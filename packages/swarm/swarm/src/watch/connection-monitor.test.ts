import type { Connection } from '@libp2p/interface'
import { TimeoutError, UnsupportedProtocolError } from '@weft/errors'
import { messageStreamPair } from '@weft/interface-connection/compliance'
import type { ConnectionManager } from '@weft/interface-node'
import { pingTurnsOf } from '@weft/interface-protocol'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { bob, fakeLogger } from '../../../interface-node/test/fakes.ts'
import { AdaptiveTimeout } from './adaptive-timeout.ts'
import { ConnectionMonitor, type ConnectionMonitorInit } from './connection-monitor.ts'
import { type Hearing, hearingSymbol } from './silence.ts'

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
  // Each to a peer of its own, as peers are pinged one at a time.
  const connections = [
    connection,
    ...Array.from({ length: count - 1 }, (_, i) => ({ ...connection, remotePeer: `peer ${i}` as never }))
  ]
  const connectionManager = { getConnections: () => connections } as unknown as ConnectionManager
  const logger = fakeLogger()
  const monitor = new ConnectionMonitor({ connectionManager, logger }, init)
  monitor.start()
  return { monitor, connection, newStream, logger, manager: connectionManager }
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

describe('a ping that fails', () => {
  /** Fails each ping with `failure`, on a connection that hears what `hearing` says. */
  async function fail(failure: Error, hearing?: () => Omit<Hearing, 'waitsForPlace'>): Promise<Connection> {
    const { monitor, connection } = create(failure)
    if (hearing !== undefined) {
      Object.defineProperty(connection, hearingSymbol, { get: () => ({ waitsForPlace: () => false, ...hearing() }) })
    }
    await vi.advanceTimersByTimeAsync(20_000)
    monitor.stop()
    return connection
  }

  it.each([
    'ResourceLimitError',
    'TooManyOutboundProtocolStreamsError',
    'TooManyOutboundStreamsError',
    'MuxerUnavailableError',
    'MuxerClosedError',
    'ConnectionClosingError',
    'LimitedConnectionError',
    'StreamStateError'
  ])('here, with %s, says nothing of the remote', async name => {
    const connection = await fail(Object.assign(new Error('of this side'), { name }))
    expect(connection.abort).not.toHaveBeenCalled()
  })

  it('for want of an answer says it, unless this side does not read, or something came meanwhile', async () => {
    const late = new TimeoutError('no answer')
    expect((await fail(late)).abort).toHaveBeenCalledWith(late)
    const silent = await fail(late, () => ({ received: 100, isPaused: false }))
    expect(silent.abort).toHaveBeenCalledWith(late)
    const uncounted = await fail(late, () => ({ received: undefined, isPaused: false }))
    expect(uncounted.abort).toHaveBeenCalledWith(late)
    const deaf = await fail(late, () => ({ received: 100, isPaused: true }))
    expect(deaf.abort).not.toHaveBeenCalled()
    let received = 0
    const talking = await fail(late, () => ({ received: received++, isPaused: false }))
    expect(talking.abort).not.toHaveBeenCalled()
  })
})

it('a ping for which there is no free stream says nothing of the remote, however long it waits', async () => {
  const { monitor, connection, newStream } = create(chunk => chunk)
  newStream.mockImplementation(
    (async (_protocol: string, { signal }: { signal: AbortSignal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      )) as never
  )
  const waitsForPlace = vi.fn(() => true)
  Object.defineProperty(connection, hearingSymbol, { value: { received: 1, isPaused: false, waitsForPlace } })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(newStream.mock.calls.length).toBeGreaterThan(3)
  expect(connection.abort).not.toHaveBeenCalled()
  // It has left, and nothing comes.
  waitsForPlace.mockReturnValue(false)
  await vi.advanceTimersByTimeAsync(20_000)
  expect(connection.abort).toHaveBeenCalledWith(expect.objectContaining({ name: 'TimeoutError' }))
  monitor.stop()
})

describe('the turns of a peer', () => {
  it('are shared with users: the ping of the watch waits for one that is under way', async () => {
    const { monitor, newStream, manager } = create(chunk => chunk)
    const end = await pingTurnsOf(manager).take(bob.toString(), { holder: {} })
    await vi.advanceTimersByTimeAsync(6_000)
    expect(newStream).not.toHaveBeenCalled()
    end()
    await vi.advanceTimersByTimeAsync(100)
    expect(newStream).toHaveBeenCalledTimes(1)
    monitor.stop()
  })

  it('do not hide a silent remote: a ping of a user on this connection asks it too', async () => {
    const own = create(chunk => chunk)
    await pingTurnsOf(own.manager).take(bob.toString(), { holder: own.connection })
    const other = create(chunk => chunk)
    await pingTurnsOf(other.manager).take(bob.toString(), { holder: {} })
    await vi.advanceTimersByTimeAsync(12_100)
    expect(own.connection.abort).toHaveBeenCalledWith(expect.objectContaining({ name: 'TimeoutError' }))
    expect(other.connection.abort).not.toHaveBeenCalled()
    for (const { monitor } of [own, other]) monitor.stop()
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
