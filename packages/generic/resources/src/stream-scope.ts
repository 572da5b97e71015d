import { streamOverhead } from './core/defaults.ts'
import type { Pledge } from './core/pledge.ts'
import { type Abortable, ResourceScope, type ScopeInit } from './core/scope.ts'
import type { SharedScopes } from './shared-scopes.ts'

/** What a stream scope is made of. */
export interface StreamScopeInit {
  direction: 'inbound' | 'outbound'
  shared: SharedScopes
  limits: ScopeInit['limits']
  connection: ResourceScope
  /** That of its connection. */
  pledge: Pledge
}

/**
 * The account of one stream, below its connection. Until its protocol is agreed it is transient; after that it counts in
 * its protocol, and in its service if it has one. It holds the stream itself, its fixed overhead, and what lies unread.
 */
export class StreamScope extends ResourceScope {
  /** Who opened it. */
  readonly direction: 'inbound' | 'outbound'
  /** The stream: it is aborted when it holds the most and memory is needed. Set by whoever made it. */
  abortable: Abortable | undefined
  private readonly _shared: SharedScopes
  private _protocol: ResourceScope | undefined
  private _service: ResourceScope | undefined

  /** Throws `ResourceLimitError`, and holds nothing, if there is no room for one more. */
  constructor({ direction, shared, limits, connection, pledge }: StreamScopeInit) {
    super({ kind: 'stream', name: '', limits, ledger: shared, parents: [connection, shared.transient], pledge })
    this.direction = direction
    this._shared = shared
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
    return this._protocol?.name ?? ''
  }

  /** The service that it counts in; empty if there is none. */
  get service(): string {
    return this._service?.name ?? ''
  }

  /**
   * The protocol is agreed: the stream counts in it, and in the service that speaks it, and is transient no more. A second
   * call moves it to others. Throws `ResourceLimitError`, and leaves the stream where it is, if one of them has no room.
   */
  setProtocol(name: string, service: string = this.service): void {
    this._move(name, service)
  }

  /** The stream serves a service: it counts in it too. Throws `ResourceLimitError` as `setProtocol()` does. */
  setService(name: string): void {
    this._move(this.protocol, name)
  }

  /**
   * Takes room for a window to grow by so many bytes. A window is a promise, and no memory yet: with what is in use, all that
   * are granted fit into the memory of every scope above, and those of a connection into a quarter of the node's. Returns
   * whether there was room; nothing is counted as refused.
   */
  growWindow(bytes: number): boolean {
    if (this.isClosed || this.exhaustedScope('windows', bytes) !== undefined) return false
    const connection = this.owner!
    if (connection.used('windows') + bytes > this._shared.system.limit('memory') / 4) return false
    if (this.above.some(scope => scope !== connection && overcommitment(scope) + bytes > 0)) return false
    this.reserve('windows', bytes)
    return true
  }

  /** Whether what is in use leaves no room for all that windows have grown by: they are to shrink. */
  get isShortOfWindows(): boolean {
    const connection = this.owner
    return this.above.some(scope => scope !== connection && overcommitment(scope) > 0)
  }

  override close(): void {
    if (this.isClosed) return
    super.close()
    this.abortable = undefined
    this._leave(this._protocol, this._service)
  }

  private _move(protocolName: string, serviceName: string): void {
    if (this.isClosed || (this.protocol === protocolName && this.service === serviceName)) return
    const protocol = protocolName === '' ? undefined : this._shared.enter('protocol', protocolName)
    const service = serviceName === '' ? undefined : this._shared.enter('service', serviceName)
    try {
      this.setParents([this.owner!, protocol ?? this._shared.transient, ...(service === undefined ? [] : [service])])
    } catch (error) {
      this._leave(protocol, service)
      throw error
    }
    this._leave(this._protocol, this._service)
    this._protocol = protocol
    this._service = service
  }

  private _leave(...scopes: Array<ResourceScope | undefined>): void {
    for (const scope of scopes) if (scope !== undefined) this._shared.leave(scope)
  }
}

/** Bytes by which memory in use and windows that are granted exceed the limit; below 0 while there is room. */
function overcommitment(scope: ResourceScope): number {
  return scope.used('memory') + scope.used('windows') - scope.limit('memory')
}
