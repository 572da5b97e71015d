import type { Logger, MultiaddrConnection, Upgrader, UpgraderOptions } from '@libp2p/interface'

/** What the connections of one listener need. */
export interface InboundConnectionsInit {
  /** Its `upgradeInbound` is looked up for each connection, so that it can be replaced. */
  upgrader: Upgrader
  log: Logger
  /** Given to every upgrade. */
  upgraderOptions?: Omit<UpgraderOptions, 'signal'> | undefined
  /** An upgrade failed, and its connection was aborted. */
  onFailure?: (error: Error) => void
  /** A connection has closed. */
  onClose?: () => void
}

/** The raw connections that one listener has accepted, under upgrade or in use. */
export class InboundConnections {
  readonly #init: InboundConnectionsInit
  readonly #connections = new Set<MultiaddrConnection>()
  #shutdown = new AbortController()

  constructor(init: InboundConnectionsInit) {
    this.#init = init
  }

  /** Number of connections that are open. */
  get size(): number {
    return this.#connections.size
  }

  /** Takes charge of a connection and has it upgraded. Never throws or rejects. */
  accept(connection: MultiaddrConnection): void {
    this.#connections.add(connection)
    const onClose = (): void => {
      this.#connections.delete(connection)
      this.#init.onClose?.()
    }
    connection.addEventListener('close', onClose, { once: true })
    void this.#upgrade(connection, this.#shutdown.signal)
  }

  /** Ends the upgrades and breaks off all connections. Others can be accepted afterwards. */
  abort(error: Error): void {
    const shutdown = this.#shutdown
    this.#shutdown = new AbortController()
    shutdown.abort(error)
    for (const connection of [...this.#connections]) connection.abort(error)
  }

  async #upgrade(connection: MultiaddrConnection, signal: AbortSignal): Promise<void> {
    const { upgrader, upgraderOptions, log, onFailure } = this.#init
    try {
      await upgrader.upgradeInbound(connection, { ...upgraderOptions, signal })
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown))
      log.error('could not upgrade the connection from %a - %e', connection.remoteAddr, error)
      connection.abort(error)
      onFailure?.(error)
    }
  }
}
