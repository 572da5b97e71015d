/** Nodes for tests, over TCP on this machine. */
import type { Libp2p, Metrics } from '@libp2p/interface'
import { type Echo, echo } from '@weft/echo'
import { type Identify, identify } from '@weft/identify'
import { mplex } from '@weft/multiplex'
import { noise } from '@weft/noise'
import { type Ping, ping } from '@weft/ping'
import { plaintext } from '@weft/plaintext'
import { tcp } from '@weft/tcp'
import { yamux } from '@weft/yamux'
import { afterAll, beforeAll, expect } from 'vitest'
import { createLibp2p, type Libp2pOptions } from '../src/index.ts'

export type TestServices = { identify: Identify; ping: Ping; echo: Echo }
export type TestNode = Libp2p<TestServices>

/** The options of `tcpNode()`. */
export function tcpOptions(): Libp2pOptions<TestServices> & { services: object } {
  return {
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise(), plaintext()],
    streamMuxers: [yamux(), mplex()],
    services: { identify: identify(), ping: ping(), echo: echo() }
  }
}

/** A node that listens on this machine. Whoever makes it stops it. */
export async function tcpNode(options: Libp2pOptions<TestServices> = {}): Promise<TestNode> {
  return createLibp2p({ ...tcpOptions(), ...options })
}

export function portOf(node: Libp2p): number {
  return Number(node.getMultiaddrs()[0]!.toString().split('/')[4])
}

/** Reads what a node measures of its own handshakes and dials, by way of its metrics. */
export class SlotMeter {
  private readonly _groups = new Map<string, () => Record<string, number>>()

  /** For the option `metrics`. */
  readonly factory = (): Metrics => {
    const measure = { update() {}, increment() {}, decrement() {}, reset() {}, observe() {}, timer: () => () => {} }
    const register = (name: string, options?: { calculate?: () => Record<string, number> }): typeof measure => {
      if (options?.calculate !== undefined) this._groups.set(name, options.calculate)
      return measure
    }
    const known: Record<string, unknown> = {
      trackMultiaddrConnection() {},
      trackProtocolStream() {},
      traceFunction: (_name: string, run: unknown) => run
    }
    return new Proxy(known, { get: (target, name) => target[String(name)] ?? register }) as unknown as Metrics
  }

  read(): Record<string, number> {
    return this._groups.get('libp2p_connection_manager_connections')!()
  }
}

/** Expects that nothing stays uncaught in this process, and that Node takes nothing for a leak, while the tests of a file run. */
export function uncaught(): void {
  const seen: unknown[] = []
  const note = (error: unknown): void => void seen.push(error)
  const onWarning = (warning: Error): void => {
    if (warning.name === 'MaxListenersExceededWarning') note(warning)
  }
  const listeners = { unhandledRejection: note, uncaughtException: note, warning: onWarning }
  beforeAll(() => {
    for (const [event, listener] of Object.entries(listeners)) process.on(event, listener)
  })
  afterAll(async () => {
    await turn()
    for (const [event, listener] of Object.entries(listeners)) process.off(event, listener)
    expect(seen).toEqual([])
  })
}

/** What keeps the process open, as names in order. The test runner has a timer of its own, now and then: see `left()`. */
export function handles(): string[] {
  return process.getActiveResourcesInfo().sort()
}

/** What is there that was not there before. */
export function left(before: string[]): string[] {
  const missing = [...before]
  return handles().filter(name => {
    const at = missing.indexOf(name)
    if (at >= 0) missing.splice(at, 1)
    return at < 0
  })
}

// The real ones: tests may put others in their place.
const { setImmediate: nextTurn, setTimeout: later } = globalThis
const now = performance.now.bind(performance)

/**
 * Waits until `check` does not throw; after `limit` milliseconds it throws what `check` last threw. The limit is for what
 * never comes: far more than any of it takes on a busy machine.
 */
export async function eventually(check: () => void | Promise<void>, limit = 20_000): Promise<void> {
  for (const end = now() + limit; ; ) {
    try {
      await check()
      return
    } catch (error) {
      if (now() > end) throw error
      await new Promise(resolve => later(resolve, 5))
    }
  }
}

/** A turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise(resolve => nextTurn(resolve))
}
