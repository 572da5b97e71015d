import { createServer, type Server, type Socket } from 'node:net'
import type { Logger } from '@libp2p/interface'
import { AlreadyStartedError, ConnectionClosedError, ListenError } from '@weft/errors'
import { EventEmitter } from '@weft/events'
import { InboundConnections, type Listener, type ListenerEvents } from '@weft/interface-transport'
import { getThinWaistAddresses, isUnix, type Multiaddr } from '@weft/multiaddr'
import { type SocketSettings, socketSettings } from './connect.node.ts'
import { TcpConnection } from './connection.node.ts'
import { type ListenerMetrics, listenerMetrics, listenerStatus } from './metrics.ts'
import type { Settings, TCPComponents, TCPCreateListenerOptions } from './options.ts'
import { checkPath, remoteAddress, type SocketAddress, toSocketAddress } from './socket-address.node.ts'

type State =
  | { kind: 'idle' }
  | { kind: 'opening'; address: Multiaddr }
  | { kind: 'listening'; address: Multiaddr; server: Server }
  /** Too many connections: the server is closed and will be reopened on `target`, including its port. */
  | { kind: 'paused'; address: Multiaddr; target: SocketAddress }

/** A listening socket, the connections that it accepted, and the pauses while there are too many. */
export class TcpListener extends EventEmitter<ListenerEvents> implements Listener {
  private readonly _settings: Settings
  private readonly _socketSettings: SocketSettings
  private readonly _inbound: InboundConnections
  private readonly _metrics: ListenerMetrics | undefined
  private readonly _log: Logger
  private readonly _connectionLog: () => Logger
  private _state: State = { kind: 'idle' }
  private _name = 'unknown'
  private _closed = Promise.resolve()

  constructor(components: TCPComponents, settings: Settings, options: TCPCreateListenerOptions) {
    super()
    this._settings = settings
    this._socketSettings = socketSettings(options, settings.listenOpts)
    this._log = components.logger.forComponent('libp2p:tcp:listener')
    this._connectionLog = () => components.logger.forComponent('libp2p:tcp:connection')
    this._inbound = new InboundConnections({
      upgrader: options.upgrader,
      log: this._log,
      onFailure: () => this._metrics?.errors.increment({ [`${this._name} inbound_upgrade`]: true }),
      onClose: () => void this._resume()
    })
    this._metrics = listenerMetrics(components.metrics, () => ({ [this._name]: this._inbound.size }))
  }

  getAddrs(): Multiaddr[] {
    if (this._state.kind !== 'listening') return []
    const { address, server } = this._state
    const bound = server.address()
    if (typeof bound === 'string') return [address]
    return bound === null ? [] : getThinWaistAddresses(address, bound.port)
  }

  updateAnnounceAddrs(_addresses: Multiaddr[]): void {}

  async listen(address: Multiaddr): Promise<void> {
    if (this._state.kind !== 'idle') throw new AlreadyStartedError('the listener is listening already')
    const target = toSocketAddress(address)
    const opening: State = { kind: 'opening', address }
    this._state = opening
    try {
      await this._open(opening, target)
    } catch (error) {
      if (this._state === opening) this._state = { kind: 'idle' }
      this.safeDispatchEvent('error', { detail: error })
      throw error
    }
  }

  close(): Promise<void> {
    const state = this._state
    if (state.kind === 'idle') return this._closed
    this._state = { kind: 'idle' }
    this._closed = this._close(state)
    return this._closed
  }

  private async _open(opening: State & { kind: 'opening' }, target: SocketAddress): Promise<void> {
    const { address } = opening
    const { allowHalfOpen } = this._socketSettings
    const server = createServer({ allowHalfOpen }, socket => this._onSocket(socket))
    try {
      await listenOn(server, target, this._settings.backlog)
    } catch (cause) {
      this._metrics?.errors.increment({ [`${this._name} listen_error`]: true })
      const reason = (cause as { code?: string }).code
      throw new ListenError(`cannot listen on ${address.toString()}: ${reason ?? (cause as Error).message}`, {
        cause,
        facts: { address: address.toString(), reason }
      })
    }
    if (this._state !== opening) {
      await closeServer(server)
      throw new ListenError('the listener was closed before it could listen', {
        facts: { address: address.toString() }
      })
    }
    this._state = { kind: 'listening', address, server }
    const bound = server.address()
    this._name = bound !== null && typeof bound === 'object' ? `${bound.address}:${bound.port}` : `${bound}`
    server.on('error', error => this._onError(error))
    this._metrics?.status.update({ [this._name]: listenerStatus.active })
    this.safeDispatchEvent('listening')
  }

  private async _close(state: State): Promise<void> {
    const closed = state.kind === 'listening' ? closeServer(state.server) : undefined
    this._inbound.abort(new ConnectionClosedError('the listener was closed'))
    this._metrics?.status.update({ [this._name]: listenerStatus.inactive })
    await closed
    this.safeDispatchEvent('close')
  }

  private _onError(error: Error): void {
    this._metrics?.errors.increment({ [`${this._name} listen_error`]: true })
    this.safeDispatchEvent('error', { detail: error })
  }

  private _onSocket(socket: Socket): void {
    const { maxConnections = Number.POSITIVE_INFINITY } = this._settings
    const state = this._state
    const overUnix = state.kind === 'listening' && isUnix(state.address)
    const ip = overUnix ? undefined : socket.remoteAddress
    const isTaken = state.kind === 'listening' && this._inbound.size < maxConnections && (overUnix || ip !== undefined)
    // Checked last, as it takes a slot.
    const ticket = isTaken ? this._inbound.admit(ip) : undefined
    if (ticket === undefined) {
      this._metrics?.events.increment({ [`${this._name} drop`]: true })
      refuse(socket)
      return
    }
    this._metrics?.events.increment({ [`${this._name} connection`]: true })
    applySettings(socket, this._socketSettings)
    const connection = new TcpConnection({
      socket,
      remoteAddr: overUnix ? state.address : remoteAddress(ip!, socket.remotePort!),
      direction: 'inbound',
      log: this._connectionLog,
      inactivityTimeout: this._settings.inboundSocketInactivityTimeout!,
      closeTimeout: this._settings.socketCloseTimeout
    })
    this._inbound.accept(connection, ticket)
    this._pauseIfFull()
  }

  private _pauseIfFull(): void {
    const state = this._state
    const { closeAbove } = this._settings.closeServerOnMaxConnections ?? {}
    if (state.kind !== 'listening' || closeAbove === undefined || this._inbound.size < closeAbove) return
    const target = toSocketAddress(state.address)
    const bound = state.server.address()
    // The port that was chosen for port 0 is kept: it was announced.
    if ('port' in target && bound !== null && typeof bound === 'object') target.port = bound.port
    this._state = { kind: 'paused', address: state.address, target }
    this._metrics?.status.update({ [this._name]: listenerStatus.paused })
    void closeServer(state.server)
  }

  private async _resume(): Promise<void> {
    const state = this._state
    const limits = this._settings.closeServerOnMaxConnections
    if (state.kind !== 'paused' || limits === undefined || this._inbound.size >= limits.listenBelow) return
    const opening: State = { kind: 'opening', address: state.address }
    this._state = opening
    try {
      await this._open(opening, state.target)
    } catch (error) {
      if (this._state !== opening) return
      this._state = state
      this._log.error('could not listen again - %e', error)
      limits.onListenError?.(error as Error)
    }
  }
}

/** Only after admission: a refused socket should not cost a system call. */
function applySettings(socket: Socket, { noDelay, keepAlive, keepAliveInitialDelay }: SocketSettings): void {
  if (noDelay) socket.setNoDelay(true)
  if (keepAlive) socket.setKeepAlive(true, keepAliveInitialDelay)
}

/** A reset: neither system has to keep state of the connection. */
function refuse(socket: Socket): void {
  socket.on('error', ignore)
  // A unix socket has no reset.
  if (socket.remoteAddress === undefined) socket.destroy()
  else socket.resetAndDestroy()
}

function ignore(): void {}

function listenOn(server: Server, target: SocketAddress, backlog: number): Promise<void> {
  return new Promise((resolve, reject) => {
    checkPath(target)
    server.once('error', reject)
    server.listen({ ...target, backlog }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Resolves when the server and all sockets that it accepted are gone. */
function closeServer(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
  })
}
