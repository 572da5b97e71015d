/** Pings every connection at an interval, so that a dead one is noticed although nobody uses it. */
import type { ComponentLogger, Connection, Logger, Metrics, Startable, Stream } from '@libp2p/interface'
import { AbortError, TimeoutError } from '@weft/errors'
import type { ConnectionManager } from '@weft/interface-node'
import { serviceCapabilities } from '@weft/interface-node'
import { endStream, pingTurnsOf } from '@weft/interface-protocol'
import { AdaptiveTimeout, type AdaptiveTimeoutInit } from './adaptive-timeout.ts'
import { exchangePing } from './exchange-ping.ts'
import { SilenceWatch } from './silence.ts'

// With the limit below, a link that dies right after a ping is noticed within 12 s.
const defaultPingInterval = 5_000
const defaultMaxTimeout = 7_000

// Pings are spread over half the interval, a few every 10 ms: all at once they would keep a node with many connections busy for
// seconds, and what they allocate would outlive the garbage collector's young space.
const pause = 10
const minPingsAtOnce = 4

// Part of the interval for which a remote that was heard during a ping may be silent after it: with it, too, a link that dies
// right after the last byte is noticed within 12 s.
const lateShare = 0.9

// Milliseconds that a remote has to end the stream of a ping that it has answered.
const farewell = 50

// The remote answered, if only with a no.
const signsOfLife = new Set(['UnsupportedProtocolError', 'StreamResetError'])

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
  /** Where the times of pings go. Without it nowhere. */
  metrics?: Metrics
}

/** The component `connectionMonitor`. */
export class ConnectionMonitor implements Startable {
  private readonly _components: ConnectionMonitorComponents
  private readonly _log: Logger
  private readonly _protocol: string
  private readonly _interval: number
  private readonly _abortOnFailure: boolean
  private readonly _timeout: AdaptiveTimeout
  /** What ends the ping of a connection. */
  private readonly _pinged = new Map<Connection, (error: Error) => void>()
  private _timer: ReturnType<typeof setInterval> | undefined
  private _nextPings: ReturnType<typeof setTimeout> | undefined

  static {
    Object.defineProperties(this.prototype, {
      [Symbol.toStringTag]: { value: '@libp2p/connection-monitor' },
      [serviceCapabilities]: { value: ['@libp2p/connection-monitor'] }
    })
  }

  constructor(components: ConnectionMonitorComponents, init: ConnectionMonitorInit = {}) {
    this._components = components
    this._log = components.logger.forComponent('libp2p:connection-monitor')
    this._protocol = `/${init.protocolPrefix ?? 'ipfs'}/ping/1.0.0`
    this._interval = init.pingInterval ?? defaultPingInterval
    this._abortOnFailure = init.abortConnectionOnPingFailure ?? true
    this._timeout = new AdaptiveTimeout(
      init.pingTimeout ?? {},
      defaultMaxTimeout,
      components.metrics?.registerMetricGroup('libp2p_connection_monitor_ping_time_milliseconds', {
        help: 'Milliseconds of pings: the last, and their moving average'
      })
    )
  }

  start(): void {
    this.stop()
    this._timer = setInterval(() => this._pingAll(), this._interval)
  }

  stop(): void {
    clearInterval(this._timer)
    clearTimeout(this._nextPings)
    for (const end of this._pinged.values()) end(new AbortError('the connection monitor was stopped'))
    this._pinged.clear()
  }

  private _pingAll(): void {
    clearTimeout(this._nextPings)
    const connections = this._components.connectionManager.getConnections()
    const steps = Math.max(1, this._interval / 2 / pause)
    this._pingSome(connections, 0, Math.max(minPingsAtOnce, Math.ceil(connections.length / steps)))
  }

  private _pingSome(connections: readonly Connection[], from: number, count: number): void {
    const end = from + count
    if (end < connections.length) {
      this._nextPings = setTimeout(() => this._pingSome(connections, end, count), pause)
    }
    for (const connection of connections.slice(from, end)) {
      // One at a time: an answer may take longer than the interval.
      if (connection.status !== 'open' || this._pinged.has(connection)) continue
      void this._ping(connection)
    }
  }

  private async _ping(connection: Connection): Promise<void> {
    const opening = new AbortController()
    let stream: Stream | undefined
    const end = (error: Error): void => {
      opening.abort(error)
      stream?.abort(error)
    }
    this._pinged.set(connection, end)
    const { timeout } = this._timeout
    let began = performance.now()
    let watch = new SilenceWatch(connection)
    let isLate = false
    let isSent = true
    const expire = (): void => {
      if (!isLate && watch.hasHeard()) {
        // It may have gone right after what has come: it is listened to a little longer, not for a whole interval and a ping.
        isLate = true
        watch = new SilenceWatch(connection)
        timer = setTimeout(expire, this._interval * lateShare)
        return
      }
      isSent = !watch.waitsForPlace(opening.signal)
      const waited = Math.round(performance.now() - began)
      end(new TimeoutError(`no answer to a ping within ${Math.max(timeout, waited)} ms`))
    }
    let timer = setTimeout(expire, timeout)
    let endTurn: (() => void) | undefined
    const turns = pingTurnsOf(this._components.connectionManager)
    const peer = connection.remotePeer.toString()
    try {
      // A user's ping that is under way on this very connection asks the remote as well: the time runs on.
      endTurn = await turns.take(peer, { signal: opening.signal, holder: connection, first: true })
      stream = await connection.newStream(this._protocol, { signal: opening.signal, runOnLimitedConnection: true })
      // The remote has agreed to the protocol, which is a sign of life: its answer has all of the time again.
      clearTimeout(timer)
      timer = setTimeout(expire, timeout)
      isLate = false
      began = performance.now()
      watch = new SilenceWatch(connection)
      connection.rtt = await exchangePing(stream)
      this._timeout.record(connection.rtt, false, performance.now())
      await endStream(stream, farewell)
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause))
      stream?.abort(error)
      // After a stop this ping is not the connection's any more, even where the monitor was started again.
      if (this._pinged.get(connection) !== end || connection.status !== 'open') return
      const took = performance.now() - began
      const asked = endTurn !== undefined || turns.holder(peer) === connection
      if (signsOfLife.has(error.name)) {
        // Header and protocol: two round trips.
        if (error.name === 'UnsupportedProtocolError') connection.rtt = took / 2
      } else if (asked && isSent && watch.blames(error)) {
        this._timeout.record(took, true, performance.now())
        this._onFailure(connection, error)
      } else this._log('a ping of %p says nothing about it - %e', connection.remotePeer, error)
    } finally {
      clearTimeout(timer)
      endTurn?.()
      if (this._pinged.get(connection) === end) this._pinged.delete(connection)
    }
  }

  private _onFailure(connection: Connection, error: Error): void {
    this._log.error('ping of %p failed - %e', connection.remotePeer, error)
    if (this._abortOnFailure) connection.abort(error)
  }
}
