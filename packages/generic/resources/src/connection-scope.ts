import { connectionOverhead, connectionPledge } from './core/defaults.ts'
import type { ScopeLimits } from './core/limits.ts'
import { Pledge } from './core/pledge.ts'
import { type Counts, indexes, type Resource } from './core/resources.ts'
import { type Abortable, ResourceScope } from './core/scope.ts'
import type { SharedScopes } from './shared-scopes.ts'
import { StreamScope } from './stream-scope.ts'

/** What is known of a connection when it is accepted or dialed. */
export interface OpenConnection {
  /** For error messages. @default '' */
  id?: string | undefined
  /** Descriptors of the system that it holds: 1 for a socket of its own. @default 0 */
  fileDescriptors?: number | undefined
  /** From an address that no limit of connections holds back: it does not count as one, but what it holds does. @default false */
  isAllowed?: boolean | undefined
}

/** What a connection scope is made of. */
export interface ConnectionScopeInit extends OpenConnection {
  direction: 'inbound' | 'outbound'
  shared: SharedScopes
}

/**
 * The account of one connection. During its handshake it is transient; once it is known who is there, it counts in that
 * peer. It holds the connection itself, its fixed overhead, its descriptor, what lies unread in it outside of streams, and
 * its streams.
 */
export class ConnectionScope extends ResourceScope {
  /** Who dialed. */
  readonly direction: 'inbound' | 'outbound'
  /** The connection: it is aborted when it holds the most and has no stream to end. Set by whoever opened the account. */
  abortable: Abortable | undefined
  private readonly _shared: SharedScopes
  private _streamLimits: Readonly<Counts>
  private _peer: ResourceScope | undefined
  private readonly _own: Pledge

  /** Throws `ResourceLimitError`, and holds nothing, if there is no room for one more. */
  constructor({ direction, shared, id = '', fileDescriptors = 0, isAllowed = false }: ConnectionScopeInit) {
    const own = new Pledge()
    super({
      ...{ kind: 'connection', name: id, ledger: shared, pledge: own },
      limits: shared.table.of('connection', ''),
      parents: [shared.system, shared.transient]
    })
    this.direction = direction
    this._shared = shared
    this._own = own
    this._streamLimits = shared.table.of('stream', '')
    try {
      if (!isAllowed) {
        if (direction === 'inbound') this.reserve('pendingInbound')
        this.reserve('connections')
        this.reserve(direction === 'inbound' ? 'connectionsInbound' : 'connectionsOutbound')
      }
      this.reserve('fileDescriptors', fileDescriptors)
      this.reserveOverhead(connectionOverhead)
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** Who is at the other end; empty during the handshake. */
  get peer(): string {
    return this._peer?.name ?? ''
  }

  /**
   * The handshake is over: the connection counts in its peer and is pending no more. Before the first stream, and once.
   * Throws `ResourceLimitError`, and leaves the connection pending, if the peer has no room.
   */
  setPeer(peer: string): void {
    if (this.isClosed || this._peer !== undefined) return
    const scope = this._shared.enter('peer', peer)
    try {
      this.setParents([this.owner!, scope])
    } catch (error) {
      this._shared.leave(scope)
      throw error
    }
    this._peer = scope
    this.release('pendingInbound')
    this._promise()
  }

  /** A stream on the connection. Throws `ResourceLimitError` if there is no room for one more. */
  openStream(direction: 'inbound' | 'outbound'): StreamScope {
    return new StreamScope({
      direction,
      shared: this._shared,
      limits: this._streamLimits,
      connection: this,
      pledge: this._own
    })
  }

  /**
   * What a muxer was told by its own options: the limits of this connection, and of its streams, are no lower than that,
   * unless `resourceLimits` has set them.
   */
  adopt({ connection = {}, stream = {} }: { connection?: ScopeLimits; stream?: ScopeLimits }): void {
    this.limits = this._raised('connection', this.limits, connection)
    this._streamLimits = this._raised('stream', this._streamLimits, stream)
  }

  /**
   * Ends the stream that holds the most of what counts in `scope`, on the connection that holds the most of it, which may be
   * another one than this: for when memory has been short for too long. The stream's error says so. Returns whether there
   * was one.
   */
  shedLargestStream(scope: ResourceScope): boolean {
    let most = 0
    let abortable: Abortable | undefined
    for (const child of this._shared.system.children) {
      if (child.kind !== 'connection') continue
      const connection = child as ConnectionScope
      const { stream, memory } = connection._fullest(scope)
      if (memory <= most) continue
      most = memory
      abortable = stream?.abortable ?? connection.abortable
    }
    abortable?.abort(scope.refusal('memory', 0))
    return abortable !== undefined
  }

  /** Bytes of the node's memory that it holds beyond what it was promised. */
  get shared(): number {
    return this._own.beyond
  }

  /** The stream that holds the most of what counts in `scope`. */
  fullestStream(scope: ResourceScope): StreamScope | undefined {
    return this._fullest(scope).stream
  }

  override close(): void {
    if (this.isClosed) return
    this.pledge(0)
    super.close()
    this.abortable = undefined
    if (this._peer !== undefined) this._shared.leave(this._peer)
  }

  /** Whoever is known keeps a share of the node's memory that nobody else can take, as long as three quarters are left to share. */
  private _promise(): void {
    const { system } = this._shared
    if (this.pledgedInAll + connectionPledge > system.limit('memory') / 4) return
    this.pledge(connectionPledge)
    while (system.used('memory') + this.pledgedInAll > system.limit('memory')) {
      if (!this._shared.makeRoom(system, this)) return
    }
  }

  /** The stream that holds the most of what counts in `scope`, and how much the connection holds of that in all. */
  private _fullest(scope: ResourceScope): { stream: StreamScope | undefined; memory: number } {
    let stream: StreamScope | undefined
    let memory = 0
    for (const child of this.children) {
      if (child.kind !== 'stream' || !child.countsIn(scope)) continue
      const held = heldOf(child, scope)
      memory += held
      if (held > 0 && held > (stream === undefined ? 0 : heldOf(stream, scope))) stream = child as StreamScope
    }
    return { stream, memory: this.countsIn(scope) ? heldOf(this, scope) : memory }
  }

  private _raised(kind: 'connection' | 'stream', limits: Readonly<Counts>, given: ScopeLimits): Readonly<Counts> {
    const raised = (Object.keys(given) as Resource[]).filter(
      resource => (given[resource] ?? 0) > limits[indexes[resource]]! && !this._shared.table.isGiven(kind, resource)
    )
    if (raised.length === 0) return limits
    const copy = [...limits]
    for (const resource of raised) copy[indexes[resource]] = given[resource]!
    return copy
  }
}

/** What one scope holds of another's memory. A connection's own is what lies unread. */
function heldOf(scope: ResourceScope, of: ResourceScope): number {
  return scope.used('memory') + (of.kind === 'connection' ? 0 : scope.used('unsent'))
}
