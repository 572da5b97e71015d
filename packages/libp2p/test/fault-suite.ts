/** Nodes whose connections are broken at every byte of the handshake and of identify. */
import type { Connection } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@weft/multiaddr'
import { noise } from '@weft/noise'
import { yamux } from '@weft/yamux'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Direction, type Fault, FaultyProxy, type Kind } from './faulty-proxy.ts'
import { eventually, handles, left, portOf, SlotMeter, tcpNode, type TestNode, turn, uncaught } from './tcp-nodes.ts'

// What a handshake and a dial may take, milliseconds of the clock that a test turns on.
const limit = 10_000
// After these a side may wait for bytes that never come.
const silencing: Kind[] = ['freeze', 'flip']
// Handshakes under way whose fault has not happened yet.
const parallel = 16
// Faults before the clock is turned on: 4 sockets are open for each until then.
const batch = 128

interface Path {
  dialer: TestNode
  listener: TestNode
  meters: SlotMeter[]
  proxy: FaultyProxy
  address: Multiaddr
}

/** Tests of one kind of fault. */
export function faultSuite(kind: Kind): void {
  uncaught()

  describe(`a ${kind}`, () => {
    it.each(['outbound', 'inbound'] as const)(
      'leaves nothing behind, at whichever %s byte of a handshake',
      async direction => {
        const before = handles()
        // No handshake ends for its time before its fault has happened, however slow the machine is.
        vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
        onTestFinished(() => void vi.useRealTimers())
        const path = await openPath()
        const { [direction]: total } = await measure(path)
        expect(total).toBeGreaterThan(700)
        const connections = await dialAll(
          path,
          // Behind the last byte there is none to flip.
          Array.from({ length: kind === 'flip' ? total : total + 1 }, (_, at) => ({ kind, direction, at }))
        )
        for (const { remotePeer } of connections) expect(remotePeer.equals(path.listener.peerId)).toBe(true)
        // Nothing is closed from here before all handshakes are over by themselves.
        await eventually(async () => {
          if (silencing.includes(kind)) await vi.advanceTimersByTimeAsync(limit)
          const none = { 'inbound pending': 0, 'outbound pending': 0 }
          for (const meter of path.meters) expect(meter.read()).toMatchObject(none)
        })
        // A connection that was made before it fell silent is idle, as far as anyone can tell.
        if (silencing.includes(kind)) abortAll([...connections, ...path.listener.getConnections()])
        await expectFreeSlots(path)
        await Promise.all([path.dialer.stop(), path.listener.stop(), path.proxy.close()])
        // Timers that wait for the oldest of many things are let run out.
        await vi.advanceTimersByTimeAsync(2 * limit)
        await eventually(() => expect([...left(before), vi.getTimerCount()]).toEqual([0]))
      },
      // It takes 10 s where nothing else runs.
      120_000
    )
  })
}

async function openPath(): Promise<Path> {
  const meters = [new SlotMeter(), new SlotMeter()]
  const [dialer, listener] = await Promise.all(
    meters.map(meter =>
      tcpNode({
        metrics: meter.factory,
        connectionEncrypters: [noise()],
        streamMuxers: [yamux()],
        connectionMonitor: { enabled: false },
        connectionManager: {
          inboundUpgradeTimeout: limit,
          addressDialTimeout: limit,
          dialTimeout: limit,
          maxConnections: 2000,
          maxParallelDials: 2000,
          maxIncomingPendingConnections: 2000
        }
      })
    )
  )
  const proxy = new FaultyProxy(portOf(listener!))
  const address = multiaddr(`/ip4/127.0.0.1/tcp/${await proxy.listen()}`)
  return { dialer: dialer!, listener: listener!, meters, proxy, address }
}

/** Bytes of each direction of an honest connection, until both sides have identified each other. */
async function measure({ dialer, listener, proxy, address }: Path): Promise<Record<Direction, number>> {
  const identified = Promise.all(
    [dialer, listener].map(node => new Promise(resolve => node.addEventListener('peer:identify', resolve)))
  )
  const connection = await dialer.dial(address, { force: true })
  await identified
  await eventually(() => {
    for (const { streams } of [connection, ...listener.getConnections()]) expect(streams).toEqual([])
  })
  await turn()
  const passed = { ...proxy.passed }
  await connection.close()
  return passed
}

/** Dials once for each fault. Resolves with the connections that came about all the same, when all dials have settled. */
async function dialAll(path: Path, faults: Fault[]): Promise<Connection[]> {
  const connections: Connection[] = []
  while (faults.length > 0) connections.push(...(await dialSome(path, faults.splice(-batch))))
  return connections
}

async function dialSome({ dialer, proxy, address }: Path, faults: Fault[]): Promise<Connection[]> {
  const silent = silencing.includes(faults[0]!.kind)
  const outcomes: (Connection | Error)[] = []
  const all = faults.length
  const dialNext = async (): Promise<void> => {
    for (let fault = faults.pop(); fault !== undefined; fault = faults.pop()) {
      const struck = proxy.plan(fault)
      const dial = dialer.dial(address, { force: true })
      const note = (outcome: Connection | Error): void => void outcomes.push(outcome)
      dial.then(note, note)
      // No dial may fail before its fault.
      await Promise.race([struck, dial.then(() => struck)])
    }
  }
  await Promise.all(Array.from({ length: parallel }, dialNext))
  // Resets and ends are noticed by themselves: the clock stands still.
  await eventually(async () => {
    if (silent) await vi.advanceTimersByTimeAsync(limit)
    expect(outcomes).toHaveLength(all)
  })
  const connections: Connection[] = []
  for (const outcome of outcomes) {
    if (outcome instanceof Error) expect(outcome.name).toMatch(/Error$/)
    else connections.push(outcome)
  }
  return connections
}

function abortAll(connections: Connection[]): void {
  for (const connection of connections) connection.abort(new Error('the test is done with it'))
}

async function expectFreeSlots({ dialer, listener, meters, address }: Path): Promise<void> {
  const free = { inbound: 0, 'inbound pending': 0, outbound: 0, 'outbound pending': 0 }
  await eventually(() => {
    expect([...dialer.getConnections(), ...listener.getConnections()]).toEqual([])
    expect(meters.map(meter => meter.read())).toEqual([free, free])
    expect(dialer.getDialQueue()).toEqual([])
  })
  // On a clock that stands still it takes no time.
  expect(await dialer.services.ping.ping(address)).toBeGreaterThanOrEqual(0)
  await dialer.hangUp(listener.peerId)
}
