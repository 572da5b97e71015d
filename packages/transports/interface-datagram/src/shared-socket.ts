import { freeTicket, type InboundAdmission, type InboundTicket } from '@weft/interface-transport'
import { firstPacketOf, type DatagramProtocolName } from './core/first-packets.ts'
import type { LiveId } from './core/live-ids.ts'
import { mayReceive, type Remote, type RemoteLimits, Remotes } from './core/remotes.ts'
import { Waiting } from './core/waiting.ts'
import { type DatagramAddress, type DatagramReceiver, type DatagramSocket, maxDatagram } from './datagram-socket.ts'
import type { ClaimInit, DatagramClaim, DatagramCounts, DatagramUser, DatagramUserInit } from './datagram-user.ts'
import { DatagramError } from './errors.ts'

const defaultLimits: RemoteLimits = { maxRemotes: 16_384, maxUnproven: 4096, maxIds: 1024 }

/** Options of a shared socket. */
export interface SharedSocketOptions {
  readonly limits?: Partial<RemoteLimits>
  /** Asked for a place for each proven remote. Not given, all have one. */
  readonly admission?: InboundAdmission
  /** Called when the last user has gone. */
  readonly onUnused: () => Promise<void>
}

/**
 * One socket, and the protocols that share it. A datagram goes (1) to the live id of its remote that it has, (2) to the
 * protocol of which it is a first packet, (3) nowhere.
 */
export class SharedSocket implements DatagramReceiver {
  readonly counts: DatagramCounts = { received: 0, unknown: 0, stun: 0, dtls: 0, sent: 0, unproven: 0, full: 0 }
  private readonly _socket: DatagramSocket
  private readonly _options: SharedSocketOptions
  private readonly _users = new Map<DatagramProtocolName, User>()
  private readonly _remotes: Remotes<Claim>
  private readonly _waiting = new Waiting<Remote<Claim>>()
  private _blocked = false
  /** Whether the last user has gone. */
  closed = false

  constructor(socket: DatagramSocket, options: SharedSocketOptions) {
    this._socket = socket
    this._options = options
    this._remotes = new Remotes({ ...defaultLimits, ...options.limits })
    socket.receive(this)
  }

  get local(): DatagramAddress {
    return this._socket.local
  }

  /** Throws `DatagramError` (`ERR_PROTOCOL_TAKEN`). */
  use(init: DatagramUserInit): DatagramUser {
    if (this._users.has(init.protocol)) {
      throw new DatagramError('ERR_PROTOCOL_TAKEN', `${init.protocol} uses the socket already`, {
        facts: { protocol: init.protocol, ...this.local }
      })
    }
    const user = new User(this, init)
    this._users.set(init.protocol, user)
    return user
  }

  onDatagram(view: Uint8Array, from: DatagramAddress): void {
    this.counts.received++
    const remote = this._remotes.find(from)
    if (remote !== undefined) {
      remote.received += view.byteLength
      const claim = remote.ids.find(view)
      if (claim !== undefined) {
        claim.user.touched = true
        claim.onDatagram(view)
        return
      }
    }
    this._onFirst(view, remote, from)
  }

  onTurn(): void {
    for (const user of this._users.values()) {
      if (!user.touched) continue
      user.touched = false
      user.init.onTurn?.()
    }
  }

  onDrain(): void {
    this._blocked = false
    this._waiting.flush((view, remote) => this._hand(view, remote))
    if (!this._blocked) for (const user of this._users.values()) user.init.onDrain?.()
  }

  onError(error: Error): void {
    for (const user of this._users.values()) user.init.onError?.(error)
  }

  /** For users. */
  send(view: Uint8Array, remote: Remote<Claim> | undefined, factor: number): boolean {
    if (view.byteLength > maxDatagram) throw tooLarge(view.byteLength)
    if (remote === undefined || !mayReceive(remote, view.byteLength, factor)) {
      this.counts.unproven++
      return false
    }
    if ((this._blocked || !this._hand(view, remote)) && !this._waiting.push(remote, view)) {
      this.counts.full++
      return false
    }
    remote.sent += view.byteLength
    return true
  }

  /** For users. */
  find(address: DatagramAddress): Remote<Claim> | undefined {
    return this._remotes.find(address)
  }

  /** For users. */
  claim(user: User, address: DatagramAddress, { live, onDatagram, dialed = false }: ClaimInit): Claim {
    const remote = this._remotes.hold(address)
    const claim = new Claim(this, user, remote, live, onDatagram)
    try {
      remote.ids.add(live, claim)
    } catch (error) {
      this._remotes.release(remote)
      throw error
    }
    if (dialed && remote.trust === 'unproven') remote.trust = 'dialed'
    return claim
  }

  /** For users. */
  unclaim(claim: Claim): void {
    claim.target.ids.delete(claim.live)
    this._remotes.release(claim.target)
  }

  /** For users. */
  admit(address: DatagramAddress): InboundTicket | undefined {
    const { admission } = this._options
    return admission === undefined ? freeTicket : admission.admit(address.host)
  }

  /** For users. */
  async leave(user: User): Promise<void> {
    this._users.delete(user.init.protocol)
    if (this._users.size > 0) return
    this.closed = true
    await this._options.onUnused()
  }

  private _onFirst(view: Uint8Array, remote: Remote<Claim> | undefined, from: DatagramAddress): void {
    const first = firstPacketOf(view)
    const user = first === undefined || first === 'stun' || first === 'dtls' ? undefined : this._users.get(first)
    if (user?.init.onFirst === undefined) {
      this.counts[first === 'stun' || first === 'dtls' ? first : 'unknown']++
      return
    }
    // Remembered only where it may be answered: others cost no memory.
    if (remote === undefined) this._remotes.remember(from).received += view.byteLength
    user.touched = true
    user.init.onFirst(view, from)
  }

  private _hand(view: Uint8Array, remote: Remote<Claim>): boolean {
    if (!this._socket.send(view, remote.address)) {
      this._blocked = true
      return false
    }
    this.counts.sent++
    return true
  }
}

class Claim implements DatagramClaim {
  readonly user: User
  readonly target: Remote<Claim>
  readonly live: LiveId
  readonly onDatagram: (view: Uint8Array) => void
  private readonly _socket: SharedSocket
  private _live = true

  constructor(
    socket: SharedSocket,
    user: User,
    target: Remote<Claim>,
    live: LiveId,
    onDatagram: (view: Uint8Array) => void
  ) {
    this._socket = socket
    this.user = user
    this.target = target
    this.live = live
    this.onDatagram = onDatagram
    user.claims.add(this)
  }

  get remote(): DatagramAddress {
    return this.target.address
  }

  send(view: Uint8Array): boolean {
    if (!this._live) throw closed()
    return this._socket.send(view, this.target, this.user.factor)
  }

  release(): void {
    if (!this._live) return
    this._live = false
    this.user.claims.delete(this)
    this._socket.unclaim(this)
  }
}

class User implements DatagramUser {
  readonly init: DatagramUserInit
  readonly factor: number
  readonly claims: Set<Claim> = new Set()
  /** Whether something came for it in this turn. */
  touched = false
  private readonly _socket: SharedSocket
  private _closed: Promise<void> | undefined

  constructor(socket: SharedSocket, init: DatagramUserInit) {
    this._socket = socket
    this.init = init
    this.factor = init.amplification ?? 1
  }

  get local(): DatagramAddress {
    return this._socket.local
  }

  get counts(): Readonly<DatagramCounts> {
    return this._socket.counts
  }

  send(view: Uint8Array, to: DatagramAddress): boolean {
    this._checkOpen()
    return this._socket.send(view, this._socket.find(to), this.factor)
  }

  claim(remote: DatagramAddress, init: ClaimInit): DatagramClaim {
    this._checkOpen()
    if (init.live.protocol !== this.init.protocol) {
      throw new DatagramError('ERR_ID', `${this.init.protocol} claims an id of ${init.live.protocol}`)
    }
    return this._socket.claim(this, remote, init)
  }

  prove(remote: DatagramAddress): void {
    const known = this._socket.find(remote)
    if (known === undefined) throw unproven(remote)
    known.trust = 'proven'
  }

  admit(remote: DatagramAddress): InboundTicket | undefined {
    this._checkOpen()
    if (this._socket.find(remote)?.trust !== 'proven') throw unproven(remote)
    return this._socket.admit(remote)
  }

  close(): Promise<void> {
    this._closed ??= this._close()
    return this._closed
  }

  private async _close(): Promise<void> {
    for (const claim of this.claims) claim.release()
    await this._socket.leave(this)
  }

  private _checkOpen(): void {
    if (this._closed !== undefined) throw closed()
  }
}

function closed(): DatagramError {
  return new DatagramError('ERR_CLOSED', 'this use of the datagram socket was closed')
}

function unproven(remote: DatagramAddress): DatagramError {
  return new DatagramError('ERR_UNPROVEN', `the source address ${remote.host} port ${remote.port} is not proven`, {
    facts: { ...remote }
  })
}

function tooLarge(bytes: number): DatagramError {
  return new DatagramError('ERR_TOO_LARGE', `a datagram of ${bytes} bytes is longer than ${maxDatagram}`, {
    facts: { bytes, maxDatagram }
  })
}
