import type { Connection, Logger } from '@libp2p/interface'
import { type DialTransportOptions, type Listener, type Transport, transport } from '@weft/interface-transport'
import { isUnix, type Multiaddr } from '@weft/multiaddr'
import { connectSocket, socketSettings } from './connect.node.ts'
import { TcpConnection } from './connection.node.ts'
import { TcpListener } from './listener.node.ts'
import { type DialerMetrics, dialerMetrics } from './metrics.ts'
import type { Settings, TCPComponents, TCPCreateListenerOptions, TCPDialEvents, TCPDialOptions } from './options.ts'
import { isSocketAddress } from './socket-address.node.ts'

/** TCP over `node:net`. */
export function createTransport(components: TCPComponents, settings: Settings): Transport<TCPDialEvents> {
  const log = components.logger.forComponent('libp2p:tcp')
  // Created here, so that the closure does not keep the dial alive.
  const connectionLog = (): Logger => log.newScope('connection')
  const metrics = dialerMetrics(components.metrics)
  const accept = (addresses: Multiaddr[]): Multiaddr[] => addresses.filter(isSocketAddress)

  async function dial(address: Multiaddr, options: TCPDialOptions): Promise<Connection> {
    const { signal, upgrader } = options
    signal.throwIfAborted()
    options.onProgress?.({ type: 'tcp:open-connection', detail: undefined })
    const socket = await counting(metrics, signal, () =>
      connectSocket(address, socketSettings(options, settings.dialOpts), signal)
    )
    const connection = new TcpConnection({
      socket,
      remoteAddr: address,
      direction: 'outbound',
      log: connectionLog,
      inactivityTimeout: settings.outboundSocketInactivityTimeout!,
      closeTimeout: settings.socketCloseTimeout
    })
    try {
      return await upgrader.upgradeOutbound(connection, options)
    } catch (error) {
      metrics?.errors.increment({ outbound_upgrade: true })
      connection.abort(error as Error)
      throw error
    }
  }

  return transport(
    '@weft/tcp',
    {
      dial: (address, options) => dial(address, options as DialTransportOptions<TCPDialEvents>),
      createListener: (options: TCPCreateListenerOptions): Listener => new TcpListener(components, settings, options),
      listenFilter: accept,
      dialFilter: accept
    },
    // The other end of a unix socket is on this machine.
    address => ({ name: isUnix(address) ? 'unix' : 'tcp', tokenClass: 'fd', roundTrips: isUnix(address) ? 0 : 3 })
  )
}

async function counting<T>(
  metrics: DialerMetrics | undefined,
  signal: AbortSignal,
  connect: () => Promise<T>
): Promise<T> {
  try {
    const result = await connect()
    metrics?.events.increment({ connect: true })
    return result
  } catch (error) {
    metrics?.events.increment(signal.aborted ? { abort: true } : { error: true })
    throw error
  }
}
