/** What the peer store is told of dials, under js-libp2p's names: its services read when a peer was reached last. */
import type { Connection, Logger, Peer, PeerId, PeerStore } from '@libp2p/interface'
import { fromUtf8 } from '@weft/bytes'

/** Metadata of a peer: when a dial to it succeeded last. Text of ms since 1970. */
export const lastDialSuccess = 'last-dial-success'
/** Metadata of a peer: when a dial to it failed last. Text of ms since 1970. */
export const lastDialFailure = 'last-dial-failure'

// Peers of which nothing is known but that they did not answer. Whoever names peers to this node can make up any number:
// past this the oldest is forgotten. About 200 bytes each.
const maxUnknown = 1000

interface Unknown {
  readonly peer: PeerId
  /** When its back-off ends, on the clock of `performance.now()`. */
  until: number
}

/** Whether nothing is known of a peer but that it did not answer: it was never there, as far as anyone can tell. */
export function isOnlyFailure({ addresses, protocols, tags, metadata, peerRecordEnvelope }: Peer): boolean {
  return (
    addresses.length === 0 &&
    protocols.length === 0 &&
    tags.size === 0 &&
    peerRecordEnvelope === undefined &&
    metadata.size === 1 &&
    metadata.has(lastDialFailure)
  )
}

export class DialMemory {
  private readonly _peerStore: PeerStore
  private readonly _log: Logger
  private readonly _unknown = new Map<string, Unknown>()
  private _timer: ReturnType<typeof setTimeout> | undefined

  constructor(peerStore: PeerStore, log: Logger) {
    this._peerStore = peerStore
    this._log = log
  }

  /** The peer was reached, at the connection's address. Does not reject. */
  async succeeded({ remotePeer, remoteAddr }: Connection): Promise<void> {
    this._unknown.delete(remotePeer.toString())
    await this._quietly('address', remotePeer, () =>
      this._peerStore.merge(remotePeer, { multiaddrs: [remoteAddr], metadata: { [lastDialSuccess]: now() } })
    )
  }

  /**
   * A dial to the peer failed. If the peer store does not know the peer, it knows of the failure until the peer's back-off
   * ends, at `until`, and nothing if there is none. Does not reject.
   */
  async failed(peer: PeerId, until: number): Promise<void> {
    await this._quietly('failure', peer, async () => {
      const known = await this._peerStore.get(peer).catch(notFound)
      const isUnknown = known === undefined || (isOnlyFailure(known) && this._unknown.has(peer.toString()))
      if (isUnknown && until <= performance.now()) return
      await this._peerStore.merge(peer, { metadata: { [lastDialFailure]: now() } })
      if (isUnknown) await this._remember({ peer, until })
    })
  }

  /** Forgets all that would be forgotten later. */
  async stop(): Promise<void> {
    clearTimeout(this._timer)
    this._timer = undefined
    await this._forget([...this._unknown.values()])
  }

  private async _remember(unknown: Unknown): Promise<void> {
    const key = unknown.peer.toString()
    this._unknown.delete(key)
    const [oldest] = this._unknown.values()
    const full = this._unknown.size >= maxUnknown && oldest !== undefined
    this._unknown.set(key, unknown)
    this._arm()
    if (full) await this._forget([oldest])
  }

  private _arm(): void {
    clearTimeout(this._timer)
    this._timer = undefined
    if (this._unknown.size === 0) return
    const next = Math.min(...[...this._unknown.values()].map(({ until }) => until))
    this._timer = setTimeout(() => this._forgetDue(), Math.max(1, next - performance.now()))
    ;(this._timer as { unref?: () => void }).unref?.()
  }

  private _forgetDue(): void {
    const at = performance.now()
    void this._forget([...this._unknown.values()].filter(({ until }) => until <= at)).then(() => this._arm())
  }

  private async _forget(list: readonly Unknown[]): Promise<void> {
    for (const unknown of list) {
      const key = unknown.peer.toString()
      // It may have been reached, or have failed again, while others were forgotten.
      if (this._unknown.get(key) !== unknown) continue
      this._unknown.delete(key)
      await this._quietly('failure', unknown.peer, async () => {
        const known = await this._peerStore.get(unknown.peer).catch(notFound)
        if (known !== undefined && isOnlyFailure(known)) await this._peerStore.delete(unknown.peer)
      })
    }
  }

  private async _quietly(what: string, peer: PeerId, act: () => Promise<unknown>): Promise<void> {
    try {
      await act()
    } catch (error) {
      this._log.error('could not store the %s of %p - %e', what, peer, error)
    }
  }
}

function now(): Uint8Array {
  return fromUtf8(Date.now().toString())
}

function notFound(error: Error): undefined {
  if (error.name !== 'NotFoundError') throw error
}
