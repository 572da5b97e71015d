// How each kind of value stands in text and in bytes. Functions throw plain errors; the codec wraps them with the
// protocol's name.
import { decodeVarint, fromUtf8, toUtf8, varintLength } from '@weft/bytes'
import * as base10 from 'multiformats/bases/base10'
import * as base16 from 'multiformats/bases/base16'
import * as base2 from 'multiformats/bases/base2'
import * as base32 from 'multiformats/bases/base32'
import * as base36 from 'multiformats/bases/base36'
import * as base58 from 'multiformats/bases/base58'
import * as base64 from 'multiformats/bases/base64'
import * as base8 from 'multiformats/bases/base8'
import { CID } from 'multiformats/cid'
import { formatIp, parseIp4, parseIp6 } from './ip.ts'
import { maxHashLength, maxNameLength } from './limits.ts'
import { peerIdBytes, peerIdText } from './peer-id-text.ts'

/** Text and bytes of one kind of value. */
export interface ValueCodec {
  /** From a component's `value`. */
  valueToBytes(value: string): Uint8Array<ArrayBuffer>
  bytesToValue(bytes: Uint8Array): string
  /** Throws if bytes, already of the protocol's length, are not allowed. */
  checkBytes?(bytes: Uint8Array): void
  /** A component's `value` from the text of an address, where they differ, and back. */
  stringToValue?(text: string): string
  valueToString?(value: string): string
}

const multibases = new Map(
  [base2, base8, base10, base16, base32, base36, base58, base64]
    .flatMap(family => Object.values(family))
    .map(codec => [codec.prefix as string, codec])
)

/** The bases in which a peer id's CID is read: those of `peerIdFromString`. */
const peerIdBases = new Set(['f', 'F', 'b', 'B', 'k', 'K', 'z', 'u'])

const sha256 = 0x12
const sha256Length = 32
const identity = 0
const libp2pKey = 0x72
/** `transport-ipfs-gateway-http`: the URL of a peer that speaks HTTP alone. */
const gateway = 0x0920
const slash = 0x2f

export const ip4: ValueCodec = { valueToBytes: value => required(parseIp4(value)), bytesToValue: formatIp }
export const ip6: ValueCodec = { valueToBytes: value => required(parseIp6(value)), bytesToValue: formatIp }

export const port: ValueCodec = {
  valueToBytes(value) {
    const number = parseInteger(value, 0xffff)
    return Uint8Array.of(number >> 8, number & 0xff)
  },
  bytesToValue: bytes => String(readPort(bytes))
}

export const ipcidr: ValueCodec = {
  valueToBytes: value => Uint8Array.of(parseInteger(value, 0xff)),
  bytesToValue: bytes => String(bytes[0])
}

/** Plain text. A "/" in it would read as the next component, so an address with one has no text form. */
export const text: ValueCodec = {
  valueToBytes: fromUtf8,
  bytesToValue: toUtf8,
  checkBytes(bytes) {
    let ascii = true
    for (const byte of bytes) {
      if (byte === slash) throw new Error('a value must not contain "/"')
      if (byte >= 0x80) ascii = false
    }
    if (!ascii) toUtf8(bytes)
  }
}

/** A name, of a host or within a process: text of at most 255 bytes that people see, so no spaces and control characters. */
export const visibleName: ValueCodec = {
  ...text,
  checkBytes(bytes) {
    if (bytes.byteLength > maxNameLength) throw new Error(`a name has at most ${maxNameLength} bytes`)
    for (const byte of bytes) {
      if (byte <= 0x20 || byte === 0x7f) throw new Error('a name has no spaces and no control characters')
    }
    text.checkBytes?.(bytes)
  }
}

/** A file path, percent-encoded in text. */
export const unixPath: ValueCodec = {
  valueToBytes: fromUtf8,
  bytesToValue: toUtf8,
  checkBytes: bytes => void toUtf8(bytes),
  stringToValue: decodeURIComponent,
  valueToString: encodeURIComponent
}

/**
 * A path of HTTP (multiaddr/protocols/httppath.md), percent-encoded in text. In bytes it stands without the "/" that begins
 * it, as the specification's form in text does; js-libp2p's bytes begin with it. Both are read, and are equal; the first is
 * written. A component's value begins with "/", as js-libp2p's. A path whose second character is "/" too keeps both.
 */
export const httpPath: ValueCodec = {
  valueToBytes(value) {
    const path = value.startsWith('/') ? value.slice(1) : value
    return fromUtf8(path.startsWith('/') ? `/${path}` : path)
  },
  bytesToValue(bytes) {
    const value = toUtf8(bytes)
    return value.startsWith('/') ? value : `/${value}`
  },
  checkBytes(bytes) {
    // The empty path is implied by the absence of the component.
    if (toUtf8(bytes) === '/') throw new Error('the path is empty')
  },
  stringToValue: value => `/${decodeURIComponent(value)}`,
  valueToString: value => encodeURIComponent(value.slice(1))
}

/**
 * A peer id: base58btc of an identity or SHA-256 multihash, or a CID of version 1 in one of the bases of `peerIdFromString`
 * (specs/peer-ids, "String representation"). Written as base58btc.
 */
export const peerId: ValueCodec = {
  valueToBytes(value) {
    if (value.length > 2 * maxHashLength) throw new Error('the peer id is too long')
    if (value.startsWith('Q') || value.startsWith('1')) return peerIdBytes(value)
    const base = value.charAt(0)
    if (!peerIdBases.has(base)) throw new Error('the text has neither the form of a peer id nor a known multibase')
    const cid = CID.decode(multibases.get(base)!.decode(value))
    const isUrl = cid.code === gateway && cid.multihash.code === identity
    if (cid.version !== 1 || (cid.code !== libp2pKey && !isUrl)) throw new Error('the CID does not name a peer')
    return new Uint8Array(cid.multihash.bytes)
  },
  bytesToValue: peerIdText,
  checkBytes(bytes) {
    const { code, length } = checkMultihash(bytes)
    if (code !== identity && (code !== sha256 || length !== sha256Length)) {
      throw new Error('a peer id is an identity or SHA-256 multihash')
    }
  }
}

/** A multihash in multibase. Every base of fixed alphabet is read, base64url is written. */
export const certhash: ValueCodec = {
  valueToBytes(value) {
    if (value.length > 1 + 8 * maxHashLength) throw new Error('the hash is too long')
    const codec = multibases.get(value.charAt(0))
    if (codec === undefined) throw new Error('the multibase is unknown')
    return codec.decode(value)
  },
  bytesToValue: bytes => base64.base64url.encode(bytes),
  checkBytes(bytes) {
    const { code, length } = checkMultihash(bytes)
    if (length === 0) throw new Error('the hash is empty')
    if (code === sha256 && length !== sha256Length) throw new Error(`a SHA-256 hash has ${sha256Length} bytes`)
  }
}

/** A Tor address: base32 of `length` bytes, then ":" and a port of 1 to 65535. */
export function onion(length: number): ValueCodec {
  return {
    valueToBytes(value) {
      const [host = '', portText = '', ...rest] = value.split(':')
      if (rest.length > 0 || host.length * 5 !== length * 8) throw new Error('the address has another length')
      const bytes = new Uint8Array(length + 2)
      bytes.set(base32.base32.baseDecode(host))
      bytes.set(port.valueToBytes(portText), length)
      return bytes
    },
    bytesToValue: bytes => `${base32.base32.baseEncode(bytes.subarray(0, length))}:${readPort(bytes.subarray(length))}`,
    checkBytes(bytes) {
      if (readPort(bytes.subarray(length)) === 0) throw new Error('the port is 0')
    }
  }
}

/** An I2P destination in I2P's base64, which has "-" and "~" for "+" and "/"; 386 bytes at least. */
export const garlic64: ValueCodec = {
  valueToBytes(value) {
    if (value.includes('+')) throw new Error('the text is not of base64 as I2P writes it')
    return base64.base64pad.baseDecode(value.replaceAll('-', '+').replaceAll('~', '/'))
  },
  bytesToValue: bytes => base64.base64pad.baseEncode(bytes).replaceAll('+', '-').replaceAll('/', '~'),
  checkBytes(bytes) {
    if (bytes.byteLength < 386) throw new Error('a destination has 386 bytes at least')
  }
}

/** A hash of an I2P destination (32 bytes), or an encrypted one (35 at least), in base32. */
export const garlic32: ValueCodec = {
  valueToBytes: value => base32.base32.baseDecode(value),
  bytesToValue: bytes => base32.base32.baseEncode(bytes),
  checkBytes(bytes) {
    if (bytes.byteLength !== 32 && bytes.byteLength < 35) throw new Error('the address has 32 or at least 35 bytes')
  }
}

/** Throws unless the bytes are one whole multihash, of any function. */
function checkMultihash(bytes: Uint8Array): { code: number; length: number } {
  if (bytes.byteLength > maxHashLength) throw new Error('the hash is too long')
  const code = decodeVarint(bytes)
  const at = varintLength(code)
  const length = decodeVarint(bytes, at)
  if (at + varintLength(length) + length !== bytes.byteLength) throw new Error('the multihash has another length')
  return { code, length }
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the text is no IP address of this family')
  return value
}

function parseInteger(value: string, maximum: number): number {
  const number = /^(?:0|[1-9][0-9]{0,4})$/.test(value) ? Number(value) : Number.NaN
  if (!(number <= maximum)) throw new Error(`the value is no integer of 0 to ${maximum}`)
  return number
}

function readPort(bytes: Uint8Array): number {
  return (bytes[0]! << 8) | bytes[1]!
}
