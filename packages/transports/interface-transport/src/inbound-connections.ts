import type {
  Logger,
  MultiaddrConnection,
  Upgrader,
  UpgraderOptions,
  UpgraderWithoutEncryptionOptions
} from '@libp2p/interface'
import { onceOver } from '@weft/interface-connection'
import { admissionOf, freeTicket, type InboundTicket } from './admission.ts'

/** Options of an upgrade, besides its signal. */
export type InboundUpgradeOptions = Omit<UpgraderOptions, 'signal'> | Omit<UpgraderWithoutEncryptionOptions, 'signal'>

/** Options of `InboundConnections`. */
export interface InboundConnectionsInit {
  /** Its `upgradeInbound` is read for each connection, so that it can be replaced. */
  upgrader: Upgrader
  /** Logs failed upgrades. */
  log: Logger
  /** Passed to every upgrade. */
  upgraderOptions?: InboundUpgradeOptions | undefined
  /** An upgrade failed, and its connection was aborted. */
  onFailure?: (error: Error) => void
  /** A connection has closed. */
  onClose?: () => void
}

/** The raw connections that one listener has accepted, under upgrade or in use. */
export class InboundConnections {
  private readonly _init: InboundConnectionsInit
  /** One signal each: Node would report many listeners on one signal as a leak. */
  private readonly _connections = new Map<MultiaddrConnection, AbortController>()

  constructor(init: InboundConnectionsInit) {
    this._init = init
  }

  /** Number of connections that are open. */
  get size(): number {
    return this._connections.size
  }

  /**
   * Requests a slot for a socket that was just accepted, before any object is created for it. Returns `undefined` if it
   * is refused, and the socket is to be destroyed.
   *
   * @param ip - address of the remote, as text
   */
  admit(ip: string | undefined): InboundTicket | undefined {
    const admission = admissionOf(this._init.upgrader)
    return admission === undefined ? freeTicket : admission.admit(ip)
  }

  /**
   * Takes ownership of a connection and has it upgraded. Never throws or rejects.
   *
   * @param ticket - its slot; without one the upgrade requests it
   * @param options - further options of this connection's upgrade, such as those of `nativeUpgrade`
   */
  accept(connection: MultiaddrConnection, ticket?: InboundTicket, options?: InboundUpgradeOptions): void {
    ticket?.carry(connection)
    const controller = new AbortController()
    this._connections.set(connection, controller)
    const onClose = (): void => {
      this._connections.delete(connection)
      this._init.onClose?.()
    }
    onceOver(connection, onClose)
    void this._upgrade(connection, { ...this._init.upgraderOptions, ...options, signal: controller.signal })
  }

  /** Cancels upgrades and aborts all connections. New ones can be accepted afterwards. */
  abort(error: Error): void {
    for (const [connection, controller] of [...this._connections]) {
      controller.abort(error)
      connection.abort(error)
    }
  }

  private async _upgrade(connection: MultiaddrConnection, options: UpgraderOptions): Promise<void> {
    const { upgrader, log, onFailure } = this._init
    try {
      await upgrader.upgradeInbound(connection, options)
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown))
      log.error('could not upgrade the connection from %a - %e', connection.remoteAddr, error)
      connection.abort(error)
      onFailure?.(error)
    }
  }
}
