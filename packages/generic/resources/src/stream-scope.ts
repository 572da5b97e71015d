import { streamOverhead } from './core/defaults.ts'
import { type Carrier, ResourceScope, type ScopeInit } from './core/scope.ts'
import type { SharedScopes } from './shared-scopes.ts'

/** What a stream scope is made of. */
export interface StreamScopeInit {
  direction: 'inbound' | 'outbound'
  shared: SharedScopes
  limits: ScopeInit['limits']
  connection: ResourceScope
}

/**
 * The account of one stream, below its connection. Until its protocol is agreed it is transient; after that it counts in
 * its protocol, and in its service if it has one. It holds the stream itself, its fixed overhead, and what lies unread.
 */
export class StreamScope extends ResourceScope {
  /** Who opened it. */
  readonly direction: 'inbound' | 'outbound'
  /** The stream: it is aborted when it holds the most and memory is needed. Set by whoever made it. */
  carrier: Carrier | undefined
  readonly #shared: SharedScopes
  #protocol: ResourceScope | undefined
  #service: ResourceScope | undefined

  /** Throws `ResourceLimitError`, and holds nothing, if there is no room for one more. */
  constructor({ direction, shared, limits, connection }: StreamScopeInit) {
    super({ kind: 'stream', name: '', limits, ledger: shared, parents: [connection, shared.transient] })
    this.direction = direction
    this.#shared = shared
    try {
      this.reserve('streams')
      this.reserve(direction === 'inbound' ? 'streamsInbound' : 'streamsOutbound')
      this.reserveOverhead(streamOverhead)
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** The protocol that was agreed; empty until then. */
  get protocol(): string {
    return this.#protocol?.name ?? ''
  }

  /**
   * The protocol is agreed: the stream counts in it and is transient no more. A second call moves it to another one.
   * Throws `ResourceLimitError`, and leaves the stream where it is, if the protocol has no room.
   */
  setProtocol(name: string): void {
    if (this.isClosed || this.protocol === name) return
    const protocol = this.#shared.enter('protocol', name)
    try {
      this.#move(protocol, this.#service)
    } catch (error) {
      this.#shared.leave(protocol)
      throw error
    }
    if (this.#protocol !== undefined) this.#shared.leave(this.#protocol)
    this.#protocol = protocol
  }

  /** The stream serves a service: it counts in it too. Throws `ResourceLimitError` as `setProtocol()` does. */
  setService(name: string): void {
    if (this.isClosed || this.#service?.name === name) return
    const service = this.#shared.enter('service', name)
    try {
      this.#move(this.#protocol, service)
    } catch (error) {
      this.#shared.leave(service)
      throw error
    }
    if (this.#service !== undefined) this.#shared.leave(this.#service)
    this.#service = service
  }

  override close(): void {
    if (this.isClosed) return
    super.close()
    this.carrier = undefined
    if (this.#protocol !== undefined) this.#shared.leave(this.#protocol)
    if (this.#service !== undefined) this.#shared.leave(this.#service)
  }

  #move(protocol: ResourceScope | undefined, service: ResourceScope | undefined): void {
    const parents = [this.owner!]
    if (protocol === undefined) parents.push(this.#shared.transient)
    else parents.push(protocol)
    if (service !== undefined) parents.push(service)
    this.setParents(parents)
  }
}
