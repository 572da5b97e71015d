import type { DatagramAddress } from '../datagram-socket.ts'
import { DatagramError } from '../errors.ts'
import { LiveIds } from './live-ids.ts'

/** Remotes and ids that a socket keeps. */
export interface RemoteLimits {
  /** Remotes with live ids. Default 16,384: more than the connections of a node by default. */
  readonly maxRemotes: number
  /** Remotes without: what they sent is remembered for the amplification rule. The oldest gives way. Default 4,096. */
  readonly maxUnproven: number
  /** Live ids of one remote. Default 1,024: as many inbound streams as a connection may have, were each a connection. */
  readonly maxIds: number
}

/** What is known of one source address. */
export interface Remote<T> {
  readonly address: DatagramAddress
  readonly ids: LiveIds<T>
  /** Dialed: we chose the address. Proven: it has answered what only it could have read. */
  trust: 'unproven' | 'dialed' | 'proven'
  /** Bytes received of it less those sent to it, while it is unproven. */
  received: number
  sent: number
}

/** Source addresses of one socket: those with live ids, and the last ones that have none. */
export class Remotes<T> {
  private readonly _limits: RemoteLimits
  private readonly _held = new Map<string, Remote<T>>()
  private readonly _unproven = new Map<string, Remote<T>>()

  constructor(limits: RemoteLimits) {
    this._limits = limits
  }

  /** Remotes with live ids. */
  get held(): number {
    return this._held.size
  }

  /** Remotes that are remembered without. */
  get remembered(): number {
    return this._unproven.size
  }

  find(address: DatagramAddress): Remote<T> | undefined {
    const key = keyOf(address)
    return this._held.get(key) ?? this._unproven.get(key)
  }

  /** Remembers a source from which something came that a protocol may answer. The oldest is forgotten for it. */
  remember(address: DatagramAddress): Remote<T> {
    const known = this.find(address)
    if (known !== undefined) return known
    const remote = newRemote<T>(address)
    if (this._unproven.size >= this._limits.maxUnproven) {
      for (const oldest of this._unproven.keys()) {
        this._unproven.delete(oldest)
        break
      }
    }
    this._unproven.set(keyOf(address), remote)
    return remote
  }

  /** The remote, kept until `release`. Throws `DatagramError` (`ERR_TOO_MANY`). */
  hold(address: DatagramAddress): Remote<T> {
    const key = keyOf(address)
    const held = this._held.get(key)
    if (held !== undefined) {
      if (held.ids.size >= this._limits.maxIds) throw tooMany('ids of a remote', this._limits.maxIds)
      return held
    }
    if (this._held.size >= this._limits.maxRemotes) throw tooMany('remotes', this._limits.maxRemotes)
    const remote = this._unproven.get(key) ?? newRemote<T>(address)
    this._unproven.delete(key)
    this._held.set(key, remote)
    return remote
  }

  /** Forgets a remote without live ids, and what was proven of it. */
  release(remote: Remote<T>): void {
    if (remote.ids.size === 0) this._held.delete(keyOf(remote.address))
  }
}

/** Whether `bytes` may go to the remote: to an unproven one no more than `factor` times what came from it. */
export function mayReceive<T>(remote: Remote<T>, bytes: number, factor: number): boolean {
  return remote.trust !== 'unproven' || remote.sent + bytes <= remote.received * factor
}

function newRemote<T>({ host, port }: DatagramAddress): Remote<T> {
  return { address: { host, port }, ids: new LiveIds(), trust: 'unproven', received: 0, sent: 0 }
}

function keyOf({ host, port }: DatagramAddress): string {
  return `${host}|${port}`
}

function tooMany(what: string, limit: number): DatagramError {
  return new DatagramError('ERR_TOO_MANY', `a datagram socket keeps at most ${limit} ${what}`, {
    facts: { what, limit }
  })
}
