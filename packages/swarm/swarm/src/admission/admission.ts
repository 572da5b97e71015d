/**
 * Asks the core of admission for each connection that a listener accepts, opens its account at once, and tells those that
 * lose their place.
 */
import type { ComponentLogger, Logger, MultiaddrConnection } from '@libp2p/interface'
import type { ConnectionManager } from '@weft/interface-node'
import { connectionScopeOf, onceOver, setResourceScope } from '@weft/interface-connection'
import { admissionSymbol, type InboundAdmission, type InboundTicket } from '@weft/interface-transport'
import { type Cidr, cidrContains, isCircuit, parseIp, tryGetNetConfig, unmapIp } from '@weft/multiaddr'
import type { ConnectionScope, ResourceManager } from '@weft/resources'
import { ConnectionDeniedError } from '../connection-errors.ts'
import { Admission, type AdmissionUsage, isTicket, type Ticket } from '../core/admission/admission.ts'
import type { AdmissionLimits, Refusal, RefusalReason } from '../core/admission/limits.ts'
import { keysOf, type Source } from '../core/admission/source.ts'
import { countRefusal, limitsOf, openIn } from './ledger.ts'
import { type HandshakeWatch, HandshakeWatches } from './handshake-watch.ts'
import { type AdmissionInit, addressBlocks, admissionLimits } from './options.ts'
import { hasSocket } from './has-socket.ts'

/** The connections that a node has, by their number: for a node that keeps no accounts. */
export interface ConnectionCounts {
  readonly connections: number
  readonly inbound: number
}

/**
 * Of a remote without IP address, which is this process or this machine, and of one that a relay has let through, only
 * limits of the whole node are asked. Of these and of those who are exempt each address has its share all the same, when
 * room is made.
 */
export class ConnectionAdmission implements InboundAdmission {
  private readonly _counts: ConnectionCounts
  private readonly _resources: ResourceManager | undefined
  private readonly _log: Logger
  private readonly _allow: readonly Cidr[]
  private readonly _deny: readonly Cidr[]
  private readonly _exempt: readonly Cidr[]
  private readonly _rateHoldsForExempt: boolean
  private readonly _core: Admission
  private readonly _tickets = new WeakMap<MultiaddrConnection, Ticket>()
  private readonly _refusals = new WeakMap<MultiaddrConnection, Error>()
  private readonly _watches = new HandshakeWatches(() => deniedError(this._core.tooSlow()))
  private _limits: AdmissionLimits
  /** Let in by `accept`, with a handshake under way, the oldest first. */
  private readonly _accepted = new Set<Ticket>()

  constructor(logger: ComponentLogger, init: AdmissionInit, counts: ConnectionCounts, resources?: ResourceManager) {
    this._resources = resources
    this._counts = counts
    this._log = logger.forComponent('libp2p:connection-manager:admission')
    this._allow = addressBlocks('allow', init)
    this._deny = addressBlocks('deny', init)
    this._exempt = addressBlocks('exempt', init, ['127.0.0.0/8', '::1/128'])
    this._rateHoldsForExempt = init.exempt === undefined && init.inboundConnectionThreshold !== undefined
    this._limits = limitsOf(admissionLimits(init), resources)
    this._core = new Admission(this._limits)
  }

  /** Handshakes under way. */
  get pending(): number {
    return this._core.pending
  }

  /** What the one address, network or peer that has the most of each has now. */
  get most(): AdmissionUsage {
    return this._core.most
  }

  /** How many connections were refused, evicted or too slow, by reason, since the node was made. */
  get refused(): Readonly<Record<RefusalReason, number>> {
    return this._core.refused
  }

  /** The numbers that connections are held to now. */
  get limits(): Readonly<AdmissionLimits> {
    return this._limits
  }

  /** Other limits from now on; the address blocks stay. */
  configure(init: AdmissionInit): void {
    this._limits = limitsOf(admissionLimits(init), this._resources)
    this._core.configure(this._limits)
  }

  admit(ip: string | undefined): InboundTicket | undefined {
    // What is accepted has a socket, until it is known that it has none.
    const answer = this._letIn(ip, false, 1)
    if (answer instanceof HeldTicket) return answer
    if (this._log.enabled) this._log('refused a connection from %s: %s', ip, answer.message)
    return undefined
  }

  /** For connections whose listener did not ask before: the same as `admit` and `carry`. */
  accept(connection: MultiaddrConnection): boolean {
    const { remoteAddr } = connection
    if (this._tickets.has(connection)) return true
    const descriptors = hasSocket(remoteAddr) ? 1 : 0
    const answer = this._letIn(tryGetNetConfig(remoteAddr)?.host, isCircuit(remoteAddr), descriptors)
    if (answer instanceof HeldTicket) {
      const { ticket } = answer
      answer.carry(connection)
      this._accepted.add(ticket)
      onceOver(connection, () => this._accepted.delete(ticket))
      return true
    }
    this._refusals.set(connection, answer)
    if (this._log.enabled) this._log('refused a connection from %a: %s', remoteAddr, answer.message)
    return false
  }

  /** Why `accept` has refused a connection: `ConnectionDeniedError`, or `ResourceLimitError` where the node has no room. */
  refusalOf(connection: MultiaddrConnection): Error | undefined {
    return this._refusals.get(connection)
  }

  /** The handshake of a connection has ended. Without one, that of the oldest which `accept` let in. */
  settle(connection?: MultiaddrConnection): void {
    const ticket = connection === undefined ? [...this._accepted][0] : this._tickets.get(connection)
    if (ticket === undefined) return
    this._accepted.delete(ticket)
    this._core.settle(ticket)
  }

  /**
   * The peer of an inbound connection is known. Throws `ConnectionDeniedError` if it has too many already.
   * @param others - counts those that were dialed; not called where the peer is not limited, as it may then have thousands
   */
  identify(connection: MultiaddrConnection, peer: string, others: () => number): void {
    const ticket = this._tickets.get(connection)
    const refusal = ticket === undefined ? undefined : this._core.identify(ticket, `p:${peer}`, others)
    if (refusal !== undefined) throw deniedError(refusal)
  }

  /**
   * Watches that an inbound handshake keeps to the least rate, and aborts the connection with `ConnectionDeniedError` if
   * not. `undefined`: it need not, or its transport does not count bytes.
   */
  watch(connection: MultiaddrConnection): HandshakeWatch | undefined {
    const { minHandshakeRate } = this._limits
    if (minHandshakeRate === 0 || this._tickets.get(connection)?.source.allowed === true) return undefined
    return this._watches.begin(connection, minHandshakeRate)
  }

  /** Whether no limit holds for a host. */
  isAllowed(host: string): boolean {
    const ip = ipOf(host)
    return ip !== undefined && isIn(this._allow, ip)
  }

  /** A place with its account, or why there is none. */
  private _letIn(host: string | undefined, isRelayed: boolean, fileDescriptors: number): HeldTicket | Error {
    const answer = this._ask(host, isRelayed)
    if (!isTicket(answer)) return deniedError(answer)
    try {
      const isAllowed = answer.source.allowed
      const account = this._resources?.openConnection('inbound', { fileDescriptors, isAllowed })
      return new HeldTicket(this._core, this._tickets, answer, account)
    } catch (error) {
      this._core.release(answer)
      return error as Error
    }
  }

  private _ask(host: string | undefined, isRelayed: boolean): Ticket | Refusal {
    const ip = host === undefined ? undefined : ipOf(host)
    if (ip !== undefined && isIn(this._deny, ip)) return this._core.deny()
    // The accounts count the handshakes under way too, for which the core makes room.
    const { connections, inbound } =
      this._resources === undefined ? this._counts : openIn(this._resources, this._core.evictable)
    const answer = this._core.admit(this._sourceOf(ip, isRelayed), connections, inbound, performance.now())
    if (!isTicket(answer)) countRefusal(this._resources, answer.reason)
    return answer
  }

  private _sourceOf(ip: Uint8Array | undefined, isRelayed: boolean): Source {
    if (ip === undefined) {
      return { address: 'none', network: undefined, rated: false, capped: false, cappedByPeer: false, allowed: false }
    }
    const { address, network } = keysOf(ip)
    const exempt = isIn(this._exempt, ip)
    return {
      address,
      network,
      rated: !isRelayed && (!exempt || this._rateHoldsForExempt),
      capped: !isRelayed && !exempt,
      cappedByPeer: !exempt,
      allowed: isIn(this._allow, ip)
    }
  }
}

/** The admission of a connection manager, if it is weft's. */
export function admissionOfManager(manager: ConnectionManager): ConnectionAdmission | undefined {
  return (manager as ConnectionManager & { [admissionSymbol]?: ConnectionAdmission })[admissionSymbol]
}

class HeldTicket implements InboundTicket {
  onEvicted: ((error: Error) => void) | undefined
  readonly ticket: Ticket
  private readonly _core: Admission
  private readonly _tickets: WeakMap<MultiaddrConnection, Ticket>
  private readonly _account: ConnectionScope | undefined

  constructor(
    core: Admission,
    tickets: WeakMap<MultiaddrConnection, Ticket>,
    ticket: Ticket,
    account: ConnectionScope | undefined
  ) {
    this._core = core
    this._tickets = tickets
    this.ticket = ticket
    this._account = account
    ticket.onEvicted = why => {
      this.onEvicted?.(deniedError(why))
      // Whoever it gives way to has its account opened now.
      account?.close()
    }
  }

  carry(connection: MultiaddrConnection): void {
    this._tickets.set(connection, this.ticket)
    this.onEvicted = error => connection.abort(error)
    onceOver(connection, () => this.release())
    // It lost its place while it was made, or was over before.
    if (this.ticket.state === 'released') {
      connection.abort(new ConnectionDeniedError('its place was given away'))
      return
    }
    if (this._account === undefined || connectionScopeOf(connection) !== undefined) return
    if (!hasSocket(connection.remoteAddr)) this._account.release('fileDescriptors')
    this._account.abortable = connection
    setResourceScope(connection, this._account)
  }

  release(): void {
    this._core.release(this.ticket)
    this._account?.close()
  }
}

function deniedError(refusal: Refusal): ConnectionDeniedError {
  const { reason, limit, option } = refusal
  return new ConnectionDeniedError(describe(refusal), { facts: { reason, limit, option } })
}

function describe({ text, limit, option }: Refusal): string {
  return `${text} (${limit === undefined ? '' : `limit ${limit}, `}option ${option})`
}

/** The bytes of an IP address in text, whose zone does not count; `undefined` for a name. */
function ipOf(host: string): Uint8Array | undefined {
  const zone = host.indexOf('%')
  const bytes = parseIp(zone < 0 ? host : host.slice(0, zone))
  return bytes === undefined ? undefined : unmapIp(bytes)
}

function isIn(blocks: readonly Cidr[], ip: Uint8Array): boolean {
  for (const block of blocks) if (cidrContains(block, ip)) return true
  return false
}
