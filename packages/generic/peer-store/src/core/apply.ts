/** What an update makes of what is known: `save` replaces all of it, `patch` what the data names, `merge` joins. */
import type { PeerData, PeerId } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@weft/peer-id'
import { maxAddresses, maxProtocols } from '@weft/peer-info'
import { type Ages, type Entry, holds, isCurrent, type StoredAddress, type StoredTag } from './entry.ts'
import { checkSizes, type GivenAddress, givenMetadata, givenProtocols, givenTags } from './validate.ts'

export type Mode = 'save' | 'patch' | 'merge'

export interface Update {
  readonly id: PeerId
  readonly data: PeerData
  readonly mode: Mode
  /** The data's addresses that the filter let through; `undefined` where it names none. */
  readonly addresses: readonly GivenAddress[] | undefined
}

/** The peer after the update. `existing` is what is known and has not expired. Throws `InvalidParametersError`. */
export function applyUpdate(update: Update, existing: Entry | undefined, ages: Ages, now: number): Entry {
  const { data, mode } = update
  const base = mode === 'save' ? undefined : existing
  const metadata = combine(mode, base?.metadata, data.metadata == null ? undefined : givenMetadata(data.metadata))
  const tags = combine(mode, currentTags(base, now), data.tags == null ? undefined : givenTags(data.tags, now))
  checkSizes(metadata, tags)
  // What was kept is never changed, so that only what is given is copied.
  const given = data.peerRecordEnvelope
  const envelope = given == null ? base?.peerRecordEnvelope : new Uint8Array(given)
  return {
    id: idWithKey(update, existing),
    addresses: combineAddresses(update, base, ages, now),
    protocols: combineProtocols(mode, base?.protocols ?? [], data.protocols),
    metadata,
    tags,
    updated: now,
    ...(envelope === undefined ? {} : { peerRecordEnvelope: envelope })
  }
}

function combineAddresses(update: Update, base: Entry | undefined, ages: Ages, now: number): readonly StoredAddress[] {
  const { addresses: given, mode } = update
  if (given === undefined && base?.addresses.every(address => holds(address, ages, now)) === true) return base.addresses
  const kept = given !== undefined && mode !== 'merge' ? [] : (base?.addresses ?? [])
  const byText = new Map<string, StoredAddress>()
  for (const address of kept) {
    if (holds(address, ages, now)) byText.set(address.multiaddr.toString(), address)
  }
  for (const { multiaddr, isCertified } of given ?? []) {
    const text = multiaddr.toString()
    // Hearing of an address again makes it young again.
    byText.set(text, { multiaddr, isCertified: isCertified || byText.get(text)?.isCertified === true, observed: now })
  }
  const all = [...byText]
  if (all.length > maxAddresses) {
    all.sort(([, a], [, b]) => Number(b.isCertified) - Number(a.isCertified) || b.observed - a.observed)
    all.length = maxAddresses
  }
  return all.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, address]) => address)
}

function combineProtocols(mode: Mode, base: readonly string[], data: string[] | undefined): readonly string[] {
  if (data == null) return base
  const given = givenProtocols(data)
  // What was named last is kept where not all can be.
  const all = [...new Set(mode === 'merge' ? [...given, ...base] : given)]
  return all.slice(0, maxProtocols).sort()
}

function combine<T>(
  mode: Mode,
  base: ReadonlyMap<string, T> | undefined,
  given: Array<[string, T | undefined]> | undefined
): ReadonlyMap<string, T> {
  if (given === undefined) return base ?? new Map<string, T>()
  const result = new Map(mode === 'merge' ? base : undefined)
  for (const [key, value] of given) {
    if (value === undefined) result.delete(key)
    else result.set(key, value)
  }
  return result
}

function currentTags(base: Entry | undefined, now: number): ReadonlyMap<string, StoredTag> | undefined {
  if (base === undefined || [...base.tags.values()].every(tag => isCurrent(tag, now))) return base?.tags
  return new Map([...base.tags].filter(([, tag]) => isCurrent(tag, now)))
}

/** The id that carries the public key, if one of those at hand does. */
function idWithKey({ id, data }: Update, existing: Entry | undefined): PeerId {
  if (existing?.id.publicKey !== undefined) return existing.id
  return id.publicKey === undefined && data.publicKey != null ? peerIdFromPublicKey(data.publicKey) : id
}
