/** Checks of what callers give, and its form in the store. */
import type { PeerData, PeerId, TagOptions } from '@libp2p/interface'
import { InvalidParametersError } from '@weft/errors'
import { isMultiaddr, type Multiaddr, multiaddr } from '@weft/multiaddr'
import { isPeerId } from '@weft/peer-id'
import { maxEnvelopeLength } from '@weft/peer-info'
import type { StoredTag } from './entry.ts'
import { maxMetadataEntries, maxMetadataSize, maxProtocolLength, maxTagLength, maxTags } from './limits.ts'

export interface GivenAddress {
  multiaddr: Multiaddr
  isCertified: boolean
}

/** Throws for what is no peer id. */
export function checkPeerId(id: PeerId): void {
  if (!isPeerId(id)) throw new InvalidParametersError('peer id is invalid')
}

/** Throws for what is no data, or is of another peer. */
export function checkData(id: PeerId, data: PeerData): void {
  checkPeerId(id)
  if (data == null) throw new InvalidParametersError('peer data is missing')
  if (data.publicKey != null && !id.equals(data.publicKey.toMultihash().bytes)) {
    throw new InvalidParametersError('public key does not match the peer id')
  }
  const envelope = data.peerRecordEnvelope
  if (envelope != null && (!(envelope instanceof Uint8Array) || envelope.byteLength > maxEnvelopeLength)) {
    throw new InvalidParametersError(`a peer record envelope has at most ${maxEnvelopeLength} bytes`)
  }
}

/** The addresses that the data names, without the peer's own id at their end; `undefined` where it names none. */
export function givenAddresses(id: PeerId, data: PeerData): GivenAddress[] | undefined {
  if (data.multiaddrs == null && data.addresses == null) return undefined
  const given = [
    ...(data.multiaddrs ?? []).map(address => ({ multiaddr: address, isCertified: false })),
    ...(data.addresses ?? [])
  ]
  return given.map(({ multiaddr: address, isCertified }) => ({
    multiaddr: withoutPeer(id, toMultiaddr(address)),
    isCertified: isCertified ?? false
  }))
}

/** Names of protocols, those that no peer can negotiate left out. */
export function givenProtocols(protocols: string[]): string[] {
  return protocols.filter(protocol => {
    if (typeof protocol !== 'string') throw new InvalidParametersError('protocols are strings')
    return protocol.length <= maxProtocolLength
  })
}

/** Key and value of each; `undefined` stands for removal. */
export function givenMetadata(data: NonNullable<PeerData['metadata']>): Array<[string, Uint8Array | undefined]> {
  const entries = data instanceof Map ? [...data] : Object.entries(data)
  return entries.map(([key, value]) => {
    if (typeof key !== 'string') throw new InvalidParametersError('a metadata key is a string')
    if (value == null) return [key, undefined]
    if (!(value instanceof Uint8Array)) throw new InvalidParametersError('a metadata value is a Uint8Array')
    // A copy: the caller may change its own.
    return [key, new Uint8Array(value)]
  })
}

/** Name and tag of each; `undefined` stands for removal. */
export function givenTags(data: NonNullable<PeerData['tags']>, now: number): Array<[string, StoredTag | undefined]> {
  const entries = data instanceof Map ? [...data] : Object.entries(data)
  return entries.map(([name, tag]) => {
    if (typeof name !== 'string' || name.length > maxTagLength) {
      throw new InvalidParametersError(`a tag's name is a string of at most ${maxTagLength} characters`)
    }
    return [name, tag == null ? undefined : toTag(tag, now)]
  })
}

/** Throws where a peer would have more than is kept. */
export function checkSizes(metadata: ReadonlyMap<string, Uint8Array>, tags: ReadonlyMap<string, StoredTag>): void {
  if (tags.size > maxTags) throw new InvalidParametersError(`a peer has at most ${maxTags} tags`)
  let size = 0
  for (const [key, value] of metadata) size += key.length + value.byteLength
  if (metadata.size > maxMetadataEntries || size > maxMetadataSize) {
    throw new InvalidParametersError(
      `metadata of a peer is at most ${maxMetadataEntries} entries and ${maxMetadataSize} bytes`
    )
  }
}

function toTag({ value = 0, ttl }: TagOptions, now: number): StoredTag {
  if (!Number.isInteger(value) || value < 0 || value > 100) {
    throw new InvalidParametersError('a tag value is an integer of 0 to 100')
  }
  if (ttl == null) return { value }
  if (!Number.isInteger(ttl) || ttl < 0) throw new InvalidParametersError('a tag ttl is a number of milliseconds')
  return { value, expiry: BigInt(now) + BigInt(ttl) }
}

function toMultiaddr(address: unknown): Multiaddr {
  if (!isMultiaddr(address) && !(address instanceof Uint8Array)) throw new InvalidParametersError('address is invalid')
  return multiaddr(address)
}

/** The peer's id says nothing at the end of its own address; behind a relay it says whom to connect to, and stays. */
function withoutPeer(id: PeerId, address: Multiaddr): Multiaddr {
  const { bytes } = address
  const own = id.toMultihash().bytes
  const start = bytes.byteLength - own.byteLength
  if (start <= 0 || !own.every((byte, i) => byte === bytes[start + i])) return address
  const components = address.getComponents()
  const last = components.pop()
  if (last?.name !== 'p2p' || components.length === 0 || components.at(-1)?.name === 'p2p-circuit') return address
  return multiaddr(components)
}
