import type { PeerId } from '@libp2p/interface'
import { toLatin1 } from '@weft/bytes'

/**
 * Caches verified proofs of identity, so that a peer that reconnects costs no signature check. A proof is everything
 * that the verification depends on: the key, the signed bytes, and the signature. It never expires: anything with a
 * time limit must be checked separately. Only verified proofs may be added. `Proved` is the type of the cached result.
 */
export class ProvenPeers<Proved = PeerId> {
  private readonly _peers = new Map<string, Proved>()
  private readonly _limit: number

  /** `limit`: maximum number of proofs, of at most 1 KiB each. @default 256 */
  constructor(limit = 256) {
    this._limit = limit
  }

  /** Number of cached proofs. */
  get size(): number {
    return this._peers.size
  }

  /** The result of a proof, if it is cached. */
  get(proof: readonly Uint8Array[]): Proved | undefined {
    const key = keyOf(proof)
    const proved = key === undefined ? undefined : this._peers.get(key)
    if (proved === undefined) return undefined
    this._put(key!, proved)
    return proved
  }

  /** Adds a proof; evicts the least recently used one. A proof of more than 1 KiB is not cached. */
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

/**
 * The parts with their lengths, so that different lists of parts have different keys; undefined if they are too long.
 */
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
