/** Pings every connection at an interval, so that a dead one is noticed although nobody uses it. */
import type { ComponentLogger, Connection, Logger, Startable, Stream } from '@libp2p/interface'
import { TimeoutError } from '@weft/errors'
import { AdaptiveTimeout, type AdaptiveTimeoutInit } from './adaptive-timeout.ts'
import type { ConnectionManager } from './contracts.ts'
import { exchangePing } from './exchange-ping.ts'
import { linkSignals } from './signals.ts'
import { serviceCapabilities } from './symbols.ts'

// With the limit below, a link that dies right after a ping is noticed within 12 s.
const defaultPingInterval = 5_000
const defaultMaxTimeout = 7_000

// Pings sent in one turn of the event loop. A node with more connections spreads the others over half the interval: all at
// once they would keep it busy for seconds.
const pingsAtOnce = 64

// The remote answered, if only with a no.
const signsOfLife = new Set(['UnsupportedProtocolError', 'StreamResetError'])
// The ping did not reach the wire, which says nothing about the remote.
const notSent = new Set(['TooManyOutboundProtocolStreamsError', 'MuxerUnavailableError'])

/** How connections are watched. */
export interface ConnectionMonitorInit {
  /** Whether there is a monitor. Default true. */
  enabled?: boolean | undefined
  /** Milliseconds between two pings of a connection. Default 5,000. */
  pingInterval?: number | undefined
  /** Time limit of a ping: between `minTimeout` (5,000) and `maxTimeout` (7,000), as recent pings went. */
  pingTimeout?: AdaptiveTimeoutInit | undefined
  /** Whether a connection on which a ping fails is aborted. Default true. */
  abortConnectionOnPingFailure?: boolean | undefined
  /** First part of the protocol's name, `/<prefix>/ping/1.0.0`. Default `ipfs`. */
  protocolPrefix?: string | undefined
}

export interface ConnectionMonitorComponents {
  connectionManager: ConnectionManager
  logger: ComponentLogger
}

/** The component `connectionMonitor`. */
export class ConnectionMonitor implements Startable {
  readonly #components: ConnectionMonitorComponents
  readonly #log: Logger
  readonly #protocol: string
  readonly #interval: number
  readonly #abortOnFailure: boolean
  readonly #timeout: AdaptiveTimeout
  // A controller each: one signal for all would have a listener for every connection.
  readonly #pinged = new Map<Connection, AbortController>()
  #timer: ReturnType<typeof setInterval> | undefined
  #nextPings: ReturnType<typeof setTimeout> | undefined

  static {
    Object.defineProperties(this.prototype, {
      [Symbol.toStringTag]: { value: '@libp2p/connection-monitor' },
      [serviceCapabilities]: { value: ['@libp2p/connection-monitor'] }
    })
  }

  constructor(components: ConnectionMonitorComponents, init: ConnectionMonitorInit = {}) {
    this.#components = components
    this.#log = components.logger.forComponent('libp2p:connection-monitor')
    this.#protocol = `/${init.protocolPrefix ?? 'ipfs'}/ping/1.0.0`
    this.#interval = init.pingInterval ?? defaultPingInterval
    this.#abortOnFailure = init.abortConnectionOnPingFailure ?? true
    this.#timeout = new AdaptiveTimeout(init.pingTimeout ?? {}, defaultMaxTimeout)
  }

  start(): void {
    this.stop()
    this.#timer = setInterval(() => this.#pingAll(), this.#interval)
  }

  stop(): void {
    clearInterval(this.#timer)
    clearTimeout(this.#nextPings)
    for (const stopping of this.#pinged.values()) stopping.abort()
  }

  #pingAll(): void {
    clearTimeout(this.#nextPings)
    const connections = this.#components.connectionManager.getConnections()
    const pause = this.#interval / 2 / Math.ceil(connections.length / pingsAtOnce)
    this.#pingSome(connections, 0, pause)
  }

  #pingSome(connections: readonly Connection[], from: number, pause: number): void {
    const end = from + pingsAtOnce
    if (end < connections.length) {
      this.#nextPings = setTimeout(() => this.#pingSome(connections, end, pause), pause)
    }
    for (const connection of connections.slice(from, end)) {
      // One at a time: an answer may take longer than the interval.
      if (connection.status !== 'open' || this.#pinged.has(connection)) continue
      const stopping = new AbortController()
      this.#pinged.set(connection, stopping)
      void this.#ping(connection, stopping.signal).finally(() => this.#pinged.delete(connection))
    }
  }

  async #ping(connection: Connection, stopping: AbortSignal): Promise<void> {
    let began = performance.now()
    let stream: Stream | undefined
    try {
      stream = await this.#within(stopping, signal =>
        connection.newStream(this.#protocol, { signal, runOnLimitedConnection: true })
      )
      const opened = stream
      // The remote has agreed to the protocol, which is a sign of life: its answer has all of the time again.
      began = performance.now()
      connection.rtt = await this.#within(stopping, signal => exchangePing(opened, signal))
      this.#timeout.record(performance.now() - began, false, performance.now())
      await this.#within(stopping, signal => opened.close({ signal }))
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause))
      stream?.abort(error)
      if (stopping.aborted || connection.status !== 'open') return
      const took = performance.now() - began
      if (signsOfLife.has(error.name)) {
        // Header and protocol: two round trips.
        if (error.name === 'UnsupportedProtocolError') connection.rtt = took / 2
      } else if (!notSent.has(error.name)) {
        this.#timeout.record(took, true, performance.now())
        this.#onFailure(connection, error)
      }
    }
  }

  /** A step of a ping, which has the time of one. */
  async #within<T>(stopping: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const after = this.#timeout.timeout
    const reason = (): Error => new TimeoutError(`no answer to a ping within ${after} ms`)
    const signal = linkSignals([stopping], { after, reason })
    try {
      return await run(signal)
    } finally {
      signal.clear()
    }
  }

  #onFailure(connection: Connection, error: Error): void {
    this.#log.error('ping of %p failed - %e', connection.remotePeer, error)
    if (this.#abortOnFailure) connection.abort(error)
  }
}
