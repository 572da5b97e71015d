import type { PeerId } from '@libp2p/interface'
import { toLatin1 } from '@weft/bytes'

/**
 * Remembers whom proofs have proved, so that a peer that comes again costs no signature check. A proof is everything that
 * the check depends on: the key, what it signed, and the signature. It holds for ever: whatever has a time limit is checked
 * beside it. Only proofs that were checked may be added. `Proved`: what is remembered of each.
 */
export class ProvenPeers<Proved = PeerId> {
  private readonly _peers = new Map<string, Proved>()
  private readonly _limit: number

  /** `limit`: proofs that are kept, 1 KiB each at most. @default 256 */
  constructor(limit = 256) {
    this._limit = limit
  }

  /** Proofs that are kept now. */
  get size(): number {
    return this._peers.size
  }

  /** Whom a proof has proved, if it was added and not forgotten. */
  get(proof: readonly Uint8Array[]): Proved | undefined {
    const key = keyOf(proof)
    const proved = key === undefined ? undefined : this._peers.get(key)
    if (proved === undefined) return undefined
    this._put(key!, proved)
    return proved
  }

  /** The one that was not asked for longest makes room. A proof of over 1 KiB is not kept. */
  add(proof: readonly Uint8Array[], proved: Proved): void {
    const key = keyOf(proof)
    if (key === undefined) return
    this._put(key, proved)
    if (this._peers.size > this._limit) this._peers.delete(this._peers.keys().next().value!)
  }

  private _put(key: string, proved: Proved): void {
    this._peers.delete(key)
    this._peers.set(key, proved)
  }
}

// An RSA key of 4,096 bits with its signature is longer; those are few, and slow anyway.
const maxProofLength = 1024

/** The parts with their lengths, so that no two lists of parts share a key; undefined if they are too long. */
function keyOf(parts: readonly Uint8Array[]): string | undefined {
  let key = ''
  let length = 0
  for (const part of parts) {
    length += part.byteLength
    if (length > maxProofLength) return undefined
    key += `${part.byteLength}:${toLatin1(part)}`
  }
  return key
}
