import type {
  ComponentLogger,
  CreateListenerOptions,
  DialTransportOptions,
  Metrics,
  OutboundConnectionUpgradeEvents
} from '@libp2p/interface'
import { amount, callback, flag, group, InvalidParametersError, needed, type OptionTable, whole } from '@weft/errors'

/** When a listener stops listening, and when it begins again. */
export interface CloseServerOnMaxConnectionsOpts {
  /** It listens again when fewer connections than this are open. */
  listenBelow: number
  /** It stops listening when this many connections are open, at least `listenBelow`. */
  closeAbove: number
  /** It could not listen again. It tries once more when the next connection closes. */
  onListenError?(error: Error): void
}

/** Options of single sockets. */
export interface TCPSocketOptions {
  /** Whether small writes leave at once (no Nagle). @default true */
  noDelay?: boolean
  /** Whether the system probes silent connections. @default true */
  keepAlive?: boolean
  /** Milliseconds of silence before the first probe. @default 15000 */
  keepAliveInitialDelay?: number
  /** Whether this side may go on sending after the remote's end. @default true */
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
   * Milliseconds without data that a connection stays open after one side has ended: the time for a farewell over the
   * slowest links, and the bound on remotes that never end theirs.
   * @default 2000
   */
  socketCloseTimeout?: number
  /** Connections that each listener has open, under upgrade or in use; more are closed at once. @default no limit */
  maxConnections?: number
  /**
   * Connections that the system holds until they are accepted; what comes past it is tried again by its remote after a
   * second. The system may have a lower limit of its own. Node and js-libp2p have 511.
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

/** What a dial tells of its progress: besides the upgrader's, that a socket begins to connect. */
export type TCPDialEvents =
  | OutboundConnectionUpgradeEvents
  // oxlint-disable-next-line typescript/no-explicit-any -- the contract's type
  | { type: 'tcp:open-connection'; detail: any }

export interface TCPDialOptions extends DialTransportOptions<TCPDialEvents>, TCPSocketOptions {}

export interface TCPCreateListenerOptions extends CreateListenerOptions, TCPSocketOptions {}

/** What the transport needs of a node. */
export interface TCPComponents {
  /** Makes the loggers of the dialer, the listeners and the connections. */
  logger: ComponentLogger
  /** Where connections, errors and dials are counted. Without it they are not. */
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
// Linux' own bound (`net.core.somaxconn`): at 3,000 connections a second, Node's 511 are full while one slow handler runs.
const backlog = 4096
// The largest delay of a timer.
const longestTimeout = 2 ** 31 - 1

const socketOptions: OptionTable<TCPSocketOptions> = {
  noDelay: flag,
  keepAlive: flag,
  keepAliveInitialDelay: amount(),
  allowHalfOpen: flag
}

/** What the options of `tcp()` may be. */
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

/** Options that were checked against the table, with their defaults. Throws `InvalidParametersError`. */
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
