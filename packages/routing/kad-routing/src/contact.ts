import type { PeerId, PeerInfo } from '@libp2p/interface'
import { toLatin1 } from '@weft/bytes'
import type { Multiaddr } from '@weft/multiaddr'
import { peerIdFromMultihashBytes } from '@weft/peer-id'
import { type KadKey, placeOf } from './core/key.ts'
import { boundAddresses, type KadMessagePeer } from './core/message.ts'
import type { TablePeer } from './core/table.ts'

/** A peer as this package keeps it: its id in the forms that are needed, its place, and where it can be reached. */
export class Contact implements TablePeer {
  /** The bytes of its id as a string: one for each peer, and made without base58. */
  readonly id: string
  /** The bytes of its id's multihash. */
  readonly bytes: Uint8Array
  /** Its addresses. */
  readonly multiaddrs: readonly Multiaddr[]
  /** Networks that it counts in. */
  readonly groups: readonly string[]
  private _place: KadKey | undefined
  private _peerId: PeerId | undefined
  private _message: KadMessagePeer | undefined

  constructor(id: PeerId | Uint8Array, multiaddrs: readonly Multiaddr[], groups: readonly string[] = []) {
    this.bytes = id instanceof Uint8Array ? id : id.toMultihash().bytes
    if (!(id instanceof Uint8Array)) this._peerId = id
    this.id = idOf(this.bytes)
    this.multiaddrs = multiaddrs
    this.groups = groups
  }

  /** Its place in the key space. */
  get place(): KadKey {
    this._place ??= placeOf(this.bytes)
    return this._place
  }

  /** Its id. Throws `InvalidMultihashError` for bytes that are none: `isPeer` says so before. */
  get peerId(): PeerId {
    this._peerId ??= peerIdFromMultihashBytes(this.bytes)
    return this._peerId
  }

  /** Whether its bytes are those of a peer id. */
  get isPeer(): boolean {
    if (this._peerId !== undefined) return true
    if (!looksLikeId(this.bytes)) return false
    try {
      return this.peerId !== undefined
    } catch {
      return false
    }
  }

  /** As routers tell of it. */
  get info(): PeerInfo {
    return { id: this.peerId, multiaddrs: [...this.multiaddrs] }
  }

  /** The same peer at other addresses, or in other networks. */
  with(multiaddrs: readonly Multiaddr[], groups: readonly string[]): Contact {
    const other = new Contact(this.bytes, multiaddrs, groups)
    other._place = this._place
    other._peerId = this._peerId
    return other
  }

  /** As a message has it. Made once. */
  toMessage(): KadMessagePeer {
    this._message ??= { id: this.bytes, addresses: boundAddresses(this.multiaddrs.map(address => address.bytes)) }
    return this._message
  }
}

/** Whether bytes have the form of a peer id: a sha2-256, or a key itself. Says so without the cost of an error. */
export function looksLikeId(bytes: Uint8Array): boolean {
  if (bytes[0] === 0x12) return bytes[1] === 32 && bytes.byteLength === 34
  return bytes[0] === 0 && bytes[1] === bytes.byteLength - 2
}

/** The bytes of a peer id as a string that is one for each. */
export function idOf(bytes: Uint8Array): string {
  return toLatin1(bytes)
}
