import type {
  ComponentLogger,
  CreateListenerOptions,
  DialTransportOptions,
  Metrics,
  OutboundConnectionUpgradeEvents
} from '@libp2p/interface'
import { amount, callback, flag, group, InvalidParametersError, needed, type OptionTable, whole } from '@weft/errors'

/** When a listener stops and resumes listening. */
export interface CloseServerOnMaxConnectionsOpts {
  /** It resumes when fewer connections than this are open. */
  listenBelow: number
  /** It stops listening when this many connections are open, at least `listenBelow`. */
  closeAbove: number
  /** Called when it could not resume. It tries again when the next connection closes. */
  onListenError?(error: Error): void
}

/** Options of sockets. */
export interface TCPSocketOptions {
  /** Whether small writes are sent immediately (Nagle's algorithm off). @default true */
  noDelay?: boolean
  /** Whether the system sends keep-alive probes. @default true */
  keepAlive?: boolean
  /** Milliseconds without data before the first probe. @default 15000 */
  keepAliveInitialDelay?: number
  /** Whether this side may continue to send after the remote has closed its direction. @default true */
  allowHalfOpen?: boolean
}

/** Options of `tcp()`, with the names of js-libp2p's. */
export interface TCPOptions {
  /**
   * Milliseconds without data after which an accepted connection is aborted, up to a quarter more where it was in use; 0 is never.
   * @default 120000
   */
  inboundSocketInactivityTimeout?: number
  /**
   * Milliseconds without data after which a dialed connection is aborted, up to a quarter more where it was in use; 0 is never.
   * @default 120000
   */
  outboundSocketInactivityTimeout?: number
  /**
   * Milliseconds without data that a connection stays open after one side has closed: enough for the slowest links, and
   * the limit for remotes that never close their direction.
   * @default 2000
   */
  socketCloseTimeout?: number
  /**
   * Maximum number of open connections of each listener, including those being upgraded; more are closed at once.
   * @default no limit
   */
  maxConnections?: number
  /**
   * Length of the system's accept queue; beyond it, remotes retry after a second. The system may have a lower limit.
   * Node's and js-libp2p's default is 511.
   * @default 4096
   */
  backlog?: number
  /** Stops listening while there are too many connections, so that clients go elsewhere. */
  closeServerOnMaxConnections?: CloseServerOnMaxConnectionsOpts
  /** Options of every dialed socket. */
  dialOpts?: TCPSocketOptions
  /** Options of every accepted socket. */
  listenOpts?: TCPSocketOptions
}

/** Progress events of a dial: the upgrader's, and the start of a socket's connection. */
export type TCPDialEvents =
  | OutboundConnectionUpgradeEvents
  // oxlint-disable-next-line typescript/no-explicit-any -- the contract's type
  | { type: 'tcp:open-connection'; detail: any }

export interface TCPDialOptions extends DialTransportOptions<TCPDialEvents>, TCPSocketOptions {}

export interface TCPCreateListenerOptions extends CreateListenerOptions, TCPSocketOptions {}

/** The components that the transport uses. */
export interface TCPComponents {
  /** Makes the loggers of the dialer, the listeners and the connections. */
  logger: ComponentLogger
  /** Counts connections, errors and dials, if present. */
  metrics?: Metrics
}

/** Options that have been checked. */
export interface Settings extends TCPOptions {
  readonly socketCloseTimeout: number
  readonly backlog: number
}

// As js-libp2p: longer than any keep-alive of a muxer.
const inactivityTimeout = 120_000
const socketCloseTimeout = 2_000
// Linux' own limit (`net.core.somaxconn`): at 3,000 connections a second, Node's 511 are exhausted while one slow
// handler runs.
const backlog = 4096
// The largest delay of a timer.
const longestTimeout = 2 ** 31 - 1

const socketOptions: OptionTable<TCPSocketOptions> = {
  noDelay: flag,
  keepAlive: flag,
  keepAliveInitialDelay: amount(),
  allowHalfOpen: flag
}

/** Rules for the options of `tcp()`. */
export const tcpOptions: OptionTable<TCPOptions> = {
  inboundSocketInactivityTimeout: whole(0, longestTimeout),
  outboundSocketInactivityTimeout: whole(0, longestTimeout),
  socketCloseTimeout: whole(1, longestTimeout),
  maxConnections: whole(),
  backlog: whole(1),
  closeServerOnMaxConnections: group({
    listenBelow: needed(whole(1)),
    closeAbove: needed(whole(1)),
    onListenError: callback
  }),
  dialOpts: group(socketOptions),
  listenOpts: group(socketOptions)
}

/** Validates options and applies defaults. Throws `InvalidParametersError`. */
export function settingsOf(options: TCPOptions): Settings {
  const { closeAbove = Number.POSITIVE_INFINITY, listenBelow = 1 } = options.closeServerOnMaxConnections ?? {}
  if (closeAbove < listenBelow) {
    const option = 'closeServerOnMaxConnections.closeAbove'
    const message = `tcp: ${option} must be at least listenBelow, ${listenBelow}, not ${closeAbove}`
    throw new InvalidParametersError(message, { facts: { option } })
  }
  return {
    ...options,
    inboundSocketInactivityTimeout: options.inboundSocketInactivityTimeout ?? inactivityTimeout,
    outboundSocketInactivityTimeout: options.outboundSocketInactivityTimeout ?? inactivityTimeout,
    socketCloseTimeout: options.socketCloseTimeout ?? socketCloseTimeout,
    backlog: options.backlog ?? backlog
  }
}
