import { DatagramError } from '../errors.ts'
import { udpMagic, word } from './first-packets.ts'

/** Which packets of a remote belong to something that lives. */
export type LiveId =
  /** Connection id that the remote sends: 16 bits, at offset 2. */
  | { readonly protocol: 'utp'; readonly id: number }
  /** Our socket id, at offset 12. At least 0x40000000: a uTP packet has its window there, and none is of 1 GiB. */
  | { readonly protocol: 'udt'; readonly id: number }
  /** Our connection id: 8 bytes, at offset 1 of short headers and 6 of long ones. */
  | { readonly protocol: 'quic'; readonly id: Uint8Array }
  /** The receiver's id of weft's own datagrams, at offset 4. */
  | { readonly protocol: 'udp'; readonly id: number }
  /** One session for each remote, without an id on the wire: what nothing else takes. */
  | { readonly protocol: 'cjdns' }

/** Least UDT socket id. */
export const minUdtId = 0x40000000

/** Length of the connection ids that QUIC must choose on a shared port, in bytes. */
export const quicIdLength = 8

interface QuicEntry<T> {
  readonly high: number
  readonly low: number
  readonly value: T
}

/** The live ids of one remote, looked up in the order in which a collision is least likely: UDT, QUIC, uTP, the others. */
export class LiveIds<T> {
  private _udt: Map<number, T> | undefined
  private _quic: Map<number, QuicEntry<T>> | undefined
  private _utp: Map<number, T> | undefined
  private _udp: Map<number, T> | undefined
  private _cjdns: T | undefined
  private _size = 0

  /** Ids in all. */
  get size(): number {
    return this._size
  }

  /** Throws `DatagramError` (`ERR_ID`) if the id is taken, or none of its protocol. */
  add(live: LiveId, value: T): void {
    checkRange(live)
    if (live.protocol === 'cjdns') {
      if (this._cjdns !== undefined) throw taken(live)
      this._cjdns = value
    } else if (live.protocol === 'quic') {
      const [high, low] = [word(live.id, 0), word(live.id, 4)]
      this._quic ??= new Map()
      if (this._quic.has(quicKey(high, low))) throw taken(live)
      this._quic.set(quicKey(high, low), { high, low, value })
    } else {
      const map = (this[`_${live.protocol}`] ??= new Map<number, T>())
      if (map.has(live.id)) throw taken(live)
      map.set(live.id, value)
    }
    this._size++
  }

  /** Forgets an id that was added. */
  delete(live: LiveId): void {
    if (live.protocol === 'cjdns') this._cjdns = undefined
    else if (live.protocol === 'quic') this._quic?.delete(quicKey(word(live.id, 0), word(live.id, 4)))
    else this[`_${live.protocol}`]?.delete(live.id)
    this._size--
  }

  /** Whose packet it is. */
  find(view: Uint8Array): T | undefined {
    return (
      this._findUdt(view) ?? this._findQuic(view) ?? this._findUtp(view) ?? this._findUdp(view) ?? this._findCjdns(view)
    )
  }

  private _findUdt(view: Uint8Array): T | undefined {
    return this._udt === undefined || view.byteLength < 16 ? undefined : this._udt.get(word(view, 12))
  }

  private _findQuic(view: Uint8Array): T | undefined {
    if (this._quic === undefined) return undefined
    const form = view[0] ?? 0
    let at = 1
    if (form >= 0x80) {
      // A version negotiation packet has no fixed bit, and is long.
      if (view[5] !== quicIdLength) return undefined
      at = 6
    } else if (form < 0x40) return undefined
    if (view.byteLength < at + quicIdLength) return undefined
    const [high, low] = [word(view, at), word(view, at + 4)]
    const entry = this._quic.get(quicKey(high, low))
    return entry !== undefined && entry.high === high ? entry.value : undefined
  }

  private _findUtp(view: Uint8Array): T | undefined {
    if (this._utp === undefined || view.byteLength < 20) return undefined
    const first = view[0]!
    if ((first & 0x0f) !== 1 || first > 0x31) return undefined
    return this._utp.get((view[2]! << 8) | view[3]!)
  }

  private _findUdp(view: Uint8Array): T | undefined {
    if (this._udp === undefined || view.byteLength < 8 || word(view, 0) !== udpMagic) return undefined
    return this._udp.get(word(view, 4))
  }

  private _findCjdns(view: Uint8Array): T | undefined {
    // A nonce of 4 or more, and its authenticator; or a handshake of the session that there is.
    if (this._cjdns === undefined || view.byteLength < 20) return undefined
    const nonce = word(view, 0)
    if (nonce <= 3) return view.byteLength >= 120 ? this._cjdns : undefined
    return nonce < maxCjdnsNonce ? this._cjdns : undefined
  }
}

/**
 * A session of cjdns must be set up anew before its nonce comes here: the first byte of its packets stays 0, so that they
 * are none of another protocol's.
 */
export const maxCjdnsNonce = 0x01000000

// 53 bits of the 64; the others are compared. Two ids that share them are refused as if they were one.
function quicKey(high: number, low: number): number {
  return (high & 0x1fffff) * 0x100000000 + low
}

function checkRange(live: LiveId): void {
  if (live.protocol === 'cjdns') return
  const fits =
    live.protocol === 'quic'
      ? live.id.byteLength === quicIdLength
      : Number.isInteger(live.id) &&
        live.id >= (live.protocol === 'udt' ? minUdtId : 0) &&
        live.id <= (live.protocol === 'utp' ? 0xffff : 0xffffffff)
  if (!fits) throw new DatagramError('ERR_ID', `the id is no live id of ${live.protocol}`, { facts: { ...live } })
}

function taken(live: LiveId): DatagramError {
  return new DatagramError('ERR_ID', `the ${live.protocol} id is claimed for that remote`, { facts: { ...live } })
}
