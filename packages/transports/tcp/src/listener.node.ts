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
import { remoteAddress, type SocketAddress, toSocketAddress } from './socket-address.node.ts'

type State =
  | { kind: 'idle' }
  | { kind: 'opening'; address: Multiaddr }
  | { kind: 'listening'; address: Multiaddr; server: Server }
  /** Too many connections: the server is closed and opens again on `target`, its port included. */
  | { kind: 'paused'; address: Multiaddr; target: SocketAddress }

/** A listening socket, the connections that it accepted, and the pauses while there are too many. */
export class TcpListener extends EventEmitter<ListenerEvents> implements Listener {
  readonly #settings: Settings
  readonly #socketSettings: SocketSettings
  readonly #inbound: InboundConnections
  readonly #metrics: ListenerMetrics | undefined
  readonly #log: Logger
  readonly #connectionLog: () => Logger
  #state: State = { kind: 'idle' }
  #name = 'unknown'
  #closed = Promise.resolve()

  constructor(components: TCPComponents, settings: Settings, options: TCPCreateListenerOptions) {
    super()
    this.#settings = settings
    this.#socketSettings = socketSettings(options, settings.listenOpts)
    this.#log = components.logger.forComponent('libp2p:tcp:listener')
    this.#connectionLog = () => components.logger.forComponent('libp2p:tcp:connection')
    this.#inbound = new InboundConnections({
      upgrader: options.upgrader,
      log: this.#log,
      onFailure: () => this.#metrics?.errors.increment({ [`${this.#name} inbound_upgrade`]: true }),
      onClose: () => void this.#resume()
    })
    this.#metrics = listenerMetrics(components.metrics, () => ({ [this.#name]: this.#inbound.size }))
  }

  getAddrs(): Multiaddr[] {
    if (this.#state.kind !== 'listening') return []
    const { address, server } = this.#state
    const bound = server.address()
    if (typeof bound === 'string') return [address]
    return bound === null ? [] : getThinWaistAddresses(address, bound.port)
  }

  updateAnnounceAddrs(_addresses: Multiaddr[]): void {}

  async listen(address: Multiaddr): Promise<void> {
    if (this.#state.kind !== 'idle') throw new AlreadyStartedError('the listener is listening already')
    const target = toSocketAddress(address)
    const opening: State = { kind: 'opening', address }
    this.#state = opening
    try {
      await this.#open(opening, target)
    } catch (error) {
      if (this.#state === opening) this.#state = { kind: 'idle' }
      this.safeDispatchEvent('error', { detail: error })
      throw error
    }
  }

  close(): Promise<void> {
    const state = this.#state
    if (state.kind === 'idle') return this.#closed
    this.#state = { kind: 'idle' }
    this.#closed = this.#close(state)
    return this.#closed
  }

  async #open(opening: State & { kind: 'opening' }, target: SocketAddress): Promise<void> {
    const { address } = opening
    const { allowHalfOpen } = this.#socketSettings
    const server = createServer({ allowHalfOpen }, socket => this.#onSocket(socket))
    try {
      await listenOn(server, target, this.#settings.backlog)
    } catch (cause) {
      this.#metrics?.errors.increment({ [`${this.#name} listen_error`]: true })
      const reason = (cause as { code?: string }).code
      throw new ListenError(`cannot listen on ${address.toString()}: ${reason ?? (cause as Error).message}`, {
        cause,
        facts: { address: address.toString(), reason }
      })
    }
    if (this.#state !== opening) {
      await closeServer(server)
      throw new ListenError('the listener was closed before it could listen', {
        facts: { address: address.toString() }
      })
    }
    this.#state = { kind: 'listening', address, server }
    const bound = server.address()
    this.#name = bound !== null && typeof bound === 'object' ? `${bound.address}:${bound.port}` : `${bound}`
    server.on('error', error => this.#onError(error))
    this.#metrics?.status.update({ [this.#name]: listenerStatus.active })
    this.safeDispatchEvent('listening')
  }

  async #close(state: State): Promise<void> {
    const closed = state.kind === 'listening' ? closeServer(state.server) : undefined
    this.#inbound.abort(new ConnectionClosedError('the listener was closed'))
    this.#metrics?.status.update({ [this.#name]: listenerStatus.inactive })
    await closed
    this.safeDispatchEvent('close')
  }

  #onError(error: Error): void {
    this.#metrics?.errors.increment({ [`${this.#name} listen_error`]: true })
    this.safeDispatchEvent('error', { detail: error })
  }

  #onSocket(socket: Socket): void {
    const { maxConnections = Number.POSITIVE_INFINITY } = this.#settings
    const state = this.#state
    const overUnix = state.kind === 'listening' && isUnix(state.address)
    const ip = overUnix ? undefined : socket.remoteAddress
    const isTaken = state.kind === 'listening' && this.#inbound.size < maxConnections && (overUnix || ip !== undefined)
    // The last question, as a place is taken with it.
    const ticket = isTaken ? this.#inbound.admit(ip) : undefined
    if (ticket === undefined) {
      this.#metrics?.events.increment({ [`${this.#name} drop`]: true })
      refuse(socket)
      return
    }
    this.#metrics?.events.increment({ [`${this.#name} connection`]: true })
    applySettings(socket, this.#socketSettings)
    const connection = new TcpConnection({
      socket,
      remoteAddr: overUnix ? state.address : remoteAddress(ip!, socket.remotePort!),
      direction: 'inbound',
      log: this.#connectionLog,
      inactivityTimeout: this.#settings.inboundSocketInactivityTimeout!,
      closeTimeout: this.#settings.socketCloseTimeout
    })
    this.#inbound.accept(connection, ticket)
    this.#pauseIfFull()
  }

  #pauseIfFull(): void {
    const state = this.#state
    const { closeAbove } = this.#settings.closeServerOnMaxConnections ?? {}
    if (state.kind !== 'listening' || closeAbove === undefined || this.#inbound.size < closeAbove) return
    const target = toSocketAddress(state.address)
    const bound = state.server.address()
    // The port that was chosen for port 0 is kept: it has been announced.
    if ('port' in target && bound !== null && typeof bound === 'object') target.port = bound.port
    this.#state = { kind: 'paused', address: state.address, target }
    this.#metrics?.status.update({ [this.#name]: listenerStatus.paused })
    void closeServer(state.server)
  }

  async #resume(): Promise<void> {
    const state = this.#state
    const limits = this.#settings.closeServerOnMaxConnections
    if (state.kind !== 'paused' || limits === undefined || this.#inbound.size >= limits.listenBelow) return
    const opening: State = { kind: 'opening', address: state.address }
    this.#state = opening
    try {
      await this.#open(opening, state.target)
    } catch (error) {
      if (this.#state !== opening) return
      this.#state = state
      this.#log.error('could not listen again - %e', error)
      limits.onListenError?.(error as Error)
    }
  }
}

/** Once it is let in: a refused socket is not worth a system call. */
function applySettings(socket: Socket, { noDelay, keepAlive, keepAliveInitialDelay }: SocketSettings): void {
  if (noDelay) socket.setNoDelay(true)
  if (keepAlive) socket.setKeepAlive(true, keepAliveInitialDelay)
}

/** A reset: neither this side's system nor the remote's has to remember the connection. */
function refuse(socket: Socket): void {
  socket.on('error', ignore)
  // A unix socket has no reset.
  if (socket.remoteAddress === undefined) socket.destroy()
  else socket.resetAndDestroy()
}

function ignore(): void {}

function listenOn(server: Server, target: SocketAddress, backlog: number): Promise<void> {
  return new Promise((resolve, reject) => {
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
