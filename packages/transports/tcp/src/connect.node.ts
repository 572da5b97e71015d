import { connect, type NetConnectOpts, type Socket } from 'node:net'
import type { Multiaddr } from '@weft/multiaddr'
import { abortReason } from '@weft/errors'
import { connectionFailed } from './errors.ts'
import type { TCPSocketOptions } from './options.ts'
import { checkPath, toSocketAddress } from './socket-address.node.ts'

/** Options of a socket for `node:net`. */
export type SocketSettings = Required<TCPSocketOptions>

/** The first of `options` that is set, or weft's defaults. */
export function socketSettings(...options: ReadonlyArray<TCPSocketOptions | undefined>): SocketSettings {
  const settings: SocketSettings = {
    noDelay: true,
    keepAlive: true,
    // With the system's ten probes a dead link is detected within half a minute.
    keepAliveInitialDelay: 15_000,
    allowHalfOpen: true
  }
  for (const given of [...options].reverse()) {
    if (given === undefined) continue
    settings.noDelay = given.noDelay ?? settings.noDelay
    settings.keepAlive = given.keepAlive ?? settings.keepAlive
    settings.keepAliveInitialDelay = given.keepAliveInitialDelay ?? settings.keepAliveInitialDelay
    settings.allowHalfOpen = given.allowHalfOpen ?? settings.allowHalfOpen
  }
  return settings
}

/**
 * A connected socket. Rejects with the signal's reason, or `ConnectionFailedError` with the system's code as `reason`; the
 * socket is destroyed then.
 */
export async function connectSocket(
  address: Multiaddr,
  settings: SocketSettings,
  signal: AbortSignal
): Promise<Socket> {
  if (signal.aborted) throw abortReason(signal)
  const target = toSocketAddress(address)
  try {
    checkPath(target)
  } catch (error) {
    throw connectionFailed(address.toString(), error as Error)
  }
  const socket = connect({ ...target, ...settings } satisfies NetConnectOpts)
  // Handles errors while there is no other listener: before the connection takes over the socket, and during teardown.
  socket.on('error', () => {})
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      socket.off('connect', onConnect)
      socket.off('error', onError)
      signal.removeEventListener('abort', onAbort)
    }
    const onConnect = (): void => {
      settle()
      resolve(socket)
    }
    const fail = (error: Error): void => {
      settle()
      socket.destroy()
      reject(error)
    }
    const onError = (error: Error): void => fail(connectionFailed(address.toString(), error))
    const onAbort = (): void => fail(abortReason(signal))
    socket.once('connect', onConnect)
    socket.once('error', onError)
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
