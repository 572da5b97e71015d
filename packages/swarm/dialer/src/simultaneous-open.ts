/**
 * Two nodes that dial each other at the same time come to have two connections. Of these the one that was dialed by the
 * peer with the lesser id (of the multihashes, byte by byte) is kept: both sides can tell which it is, and use that one.
 * The node that dialed the other one closes it, once nothing uses it, so that nothing depends on what the remote does:
 * where that is js-libp2p, which keeps both, the connection that it dialed stays as well.
 */
import type { Connection, PeerId } from '@libp2p/interface'
import { compare } from '@weft/bytes'
import { AbortError } from '@weft/errors'

/** Between two looks at whether a connection is used, ms: its callers have had time to open a stream. */
const grace = 1000
/** Then a connection that is used all the time stays beside the other. */
const maxLooks = 30
/**
 * A side dialed without knowing of the other's connection if its own came at most so long after, ms: the second in which
 * a dial goes on beside it, a round trip, and one of back-off if a SYN was lost.
 */
const overlap = 1500

export class SimultaneousOpen {
  private readonly _own: PeerId
  private readonly _connectionsTo: (peer: PeerId) => readonly Connection[]
  /** Dialed by this node, which did not insist on a second connection. */
  private readonly _ordinary = new WeakSet<Connection>()
  /** Dialed by a peer, which closes them once nothing uses them, if it has the same rule. */
  private readonly _leaving = new WeakSet<Connection>()
  private readonly _losing = new Map<Connection, ReturnType<typeof setTimeout>>()

  /** @param connectionsTo - those that are open */
  constructor(own: PeerId, connectionsTo: (peer: PeerId) => readonly Connection[]) {
    this._own = own
    this._connectionsTo = connectionsTo
  }

  /** Whether a connection that the peer dials is kept rather than one that this node dials. */
  givesWayTo(peer: PeerId): boolean {
    return compare(this._own.toMultihash().bytes, peer.toMultihash().bytes) > 0
  }

  /** This node has dialed a connection, and did not insist on a second one. */
  dialed(outbound: Connection): void {
    this._ordinary.add(outbound)
    for (const other of this._connectionsTo(outbound.remotePeer)) {
      if (other.direction === 'inbound') this._meet(outbound, other)
    }
  }

  /** A peer has dialed this node. */
  onInbound(inbound: Connection): void {
    for (const other of this._connectionsTo(inbound.remotePeer)) {
      if (this._ordinary.has(other)) this._meet(other, inbound)
    }
  }

  /** This node has dialed one connection more than it wants. Without another one to its peer it is closed at once. */
  closeRedundant(outbound: Connection): void {
    const others = this._connectionsTo(outbound.remotePeer).filter(other => other !== outbound)
    const winner = others.find(other => isPlain(other) && other.status === 'open')
    if (winner === undefined) outbound.abort(new AbortError('the dial had ended with another connection'))
    else if (!this._losing.has(outbound)) this._watch(outbound, winner, 1)
  }

  /** Connections without those that will be closed in favour of another. */
  kept(connections: readonly Connection[]): Connection[] {
    const kept = connections.filter(connection => !this._losing.has(connection) && !this._leaving.has(connection))
    return kept.length > 0 ? kept : [...connections]
  }

  stop(): void {
    for (const timer of this._losing.values()) clearTimeout(timer)
    this._losing.clear()
  }

  private _meet(outbound: Connection, inbound: Connection): void {
    if (![outbound, inbound].every(connection => isPlain(connection) && connection.status === 'open')) return
    if (Math.max(delayOf(inbound, outbound), delayOf(outbound, inbound)) > overlap) return
    if (!this.givesWayTo(outbound.remotePeer)) this._leaving.add(inbound)
    else if (!this._losing.has(outbound)) this._watch(outbound, inbound, 1)
  }

  private _watch(loser: Connection, winner: Connection, look: number): void {
    const timer = setTimeout(() => {
      const isUsed = loser.streams.length > 0
      if (loser.status === 'open' && winner.status === 'open' && isUsed && look < maxLooks) {
        this._watch(loser, winner, look + 1)
        return
      }
      this._losing.delete(loser)
      if (loser.status === 'open' && winner.status === 'open' && !isUsed)
        loser.close().catch((error: Error) => loser.abort(error))
    }, grace)
    this._losing.set(loser, timer)
  }
}

/** Direct and without limits: others are never as good. */
export function isPlain({ direct, limits }: Connection): boolean {
  return direct && limits === undefined
}

/** How long after the other's handshake a connection began, ms. */
function delayOf({ timeline }: Connection, { timeline: { open, upgraded } }: Connection): number {
  return timeline.open - (upgraded ?? open)
}
