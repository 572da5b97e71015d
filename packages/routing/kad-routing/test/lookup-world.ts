/** A network of peers that exist in a lookup's core alone, on which it is run in any order. */
import { compareDistance, type KadKey, placeOf } from '../src/core/key.ts'
import { type Ask, Lookup } from '../src/core/lookup.ts'
import type { LookupInit, LookupPeer } from '../src/core/lookup-types.ts'

/** A peer, and what it does when it is asked. */
export interface WorldPeer extends LookupPeer {
  /** Whom it tells of; undefined where it fails. */
  tells: ((target: KadKey) => readonly LookupPeer[]) | undefined
}

export const settings: Omit<LookupInit, 'target'> = { k: 20, alpha: 10, beta: 3, paths: 3, maxCandidates: 1024 }

/** A peer whose place follows from its number. */
export function peerOf(number: number): LookupPeer {
  return { id: String(number), place: placeOf(Uint8Array.of(number >> 16, number >> 8, number & 255)) }
}

/** The closest of some peers, in order. */
export function closestOf<P extends LookupPeer>(peers: readonly P[], target: KadKey, count: number): P[] {
  return peers.toSorted((a, b) => compareDistance(target, a.place, b.place)).slice(0, count)
}

/**
 * Runs a lookup to its end. `pick` says which of those on their way settles next. Throws where the core asks somebody twice,
 * more than `alpha` at once, or comes to rest without an end.
 */
export function runLookup(
  init: LookupInit,
  seeds: readonly LookupPeer[],
  world: ReadonlyMap<string, WorldPeer>,
  pick: (onTheirWay: number) => number = () => 0
): Lookup<LookupPeer> {
  const lookup = new Lookup(init, seeds)
  const onTheirWay: Array<Ask<LookupPeer>> = []
  const asked = new Set<string>()
  while (lookup.ended === undefined) {
    for (let ask = lookup.next(); ask !== undefined; ask = lookup.next()) {
      if (asked.has(ask.peer.id)) throw new Error(`${ask.peer.id} is asked twice`)
      if (ask.peer.id === init.self) throw new Error('the node asks itself')
      asked.add(ask.peer.id)
      onTheirWay.push(ask)
    }
    if (onTheirWay.length > init.alpha) throw new Error(`${onTheirWay.length} are asked at once`)
    if (onTheirWay.length !== lookup.running) throw new Error('it has lost count')
    const [ask] = onTheirWay.splice(pick(onTheirWay.length) % Math.max(1, onTheirWay.length), 1)
    if (ask === undefined) throw new Error('it neither asks nor ends')
    const told = world.get(ask.peer.id)?.tells?.(init.target)
    if (told === undefined) lookup.failed(ask.peer.id, new Error('gone'))
    else lookup.answered(ask.peer.id, told)
  }
  return lookup
}

/** Peers that each know some of the others: all around themselves, and `known` of each distance, as tables have them. */
export function honestWorld(count: number, known: number = 20): WorldPeer[] {
  const peers: WorldPeer[] = Array.from({ length: count }, (_, i) => ({ ...peerOf(i), tells: undefined }))
  for (const peer of peers) {
    const near = closestOf(peers, peer.place, known + 1).slice(1)
    const byBit = new Map<number, WorldPeer[]>()
    for (const other of peers) {
      if (other === peer) continue
      const bit = Math.clz32((other.place[0]! ^ peer.place[0]!) * 256 + (other.place[1]! ^ peer.place[1]!))
      const bucket = byBit.get(bit) ?? []
      if (bucket.length < known) bucket.push(other)
      byBit.set(bit, bucket)
    }
    const table = [...new Set([...near, ...[...byBit.values()].flat()])]
    peer.tells = target => closestOf(table, target, 20)
  }
  return peers
}
