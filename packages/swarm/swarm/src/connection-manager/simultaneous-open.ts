/**
 * Two nodes that dial each other at the same time come to have two connections. Of these the one that was dialed by the
 * peer with the lesser id (of the multihashes, byte by byte) is kept: both sides can tell which it is. The node that
 * dialed the other one closes it, once nothing uses it, so that nothing depends on what the remote does: where that is
 * js-libp2p, which keeps both, the connection that it dialed stays as well.
 */
import type { Connection, PeerId } from '@libp2p/interface'
import { compare } from '@weft/bytes'

/** Between two looks at whether a connection is used, ms: its callers have had time to open a stream. */
const grace = 1000
/** Then a connection that is used all the time stays beside the other. */
const maxLooks = 30
/**
 * The remote dialed without knowing of this node's connection if its own came at most so long after, ms: a round trip
 * for its SYN, and one of back-off if that was lost.
 */
const overlap = 1500
/** A handshake takes no longer, ms: what is older need not be remembered. */
const longestHandshake = 30_000

export class SimultaneousOpen {
  readonly #own: PeerId
  /** The last connection that this node dialed to a peer to which it gives way, the oldest first. */
  readonly #dialed = new Map<string, Connection>()
  readonly #losing = new Map<Connection, ReturnType<typeof setTimeout>>()

  constructor(own: PeerId) {
    this.#own = own
  }

  /** Whether a connection that the peer dials is kept rather than one that this node dials. */
  givesWayTo(peer: PeerId): boolean {
    return compare(this.#own.toMultihash().bytes, peer.toMultihash().bytes) > 0
  }

  /** This node has dialed a connection, and did not insist on a second one. `inbound`: what the peer dialed meanwhile. */
  dialed(connection: Connection, inbound: Connection | undefined): void {
    const { remotePeer } = connection
    if (!isPlain(connection) || !this.givesWayTo(remotePeer)) return
    const now = Date.now()
    for (const [key, { timeline }] of this.#dialed) {
      if (now - (timeline.upgraded ?? timeline.open) <= longestHandshake) break
      this.#dialed.delete(key)
    }
    const key = remotePeer.toString()
    this.#dialed.delete(key)
    this.#dialed.set(key, connection)
    if (inbound?.status === 'open') this.met(inbound)
  }

  /** A peer has dialed this node. */
  met(inbound: Connection): void {
    const outbound = this.#dialed.get(inbound.remotePeer.toString())
    if (outbound === undefined || !isPlain(inbound) || outbound.status !== 'open' || this.#losing.has(outbound)) return
    const { timeline } = outbound
    if (inbound.timeline.open - (timeline.upgraded ?? timeline.open) > overlap) return
    this.#watch(outbound, inbound, 1)
  }

  /** Connections without those that will be closed in favour of another. */
  kept(connections: readonly Connection[]): Connection[] {
    const kept = connections.filter(connection => !this.#losing.has(connection))
    return kept.length > 0 ? kept : [...connections]
  }

  stop(): void {
    for (const timer of this.#losing.values()) clearTimeout(timer)
    this.#losing.clear()
    this.#dialed.clear()
  }

  #watch(loser: Connection, winner: Connection, look: number): void {
    const timer = setTimeout(() => {
      const isUsed = loser.streams.length > 0
      if (loser.status === 'open' && winner.status === 'open' && isUsed && look < maxLooks) {
        this.#watch(loser, winner, look + 1)
        return
      }
      this.#losing.delete(loser)
      if (loser.status === 'open' && winner.status === 'open' && !isUsed)
        loser.close().catch((error: Error) => loser.abort(error))
    }, grace)
    this.#losing.set(loser, timer)
  }
}

/** Direct and without limits: others are never as good. */
export function isPlain({ direct, limits }: Connection): boolean {
  return direct && limits === undefined
}
