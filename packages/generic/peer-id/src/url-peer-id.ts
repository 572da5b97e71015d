import type { URLPeerId } from '@libp2p/interface'
import { equals, fromUtf8, toUtf8 } from '@weft/bytes'
import { InvalidMultihashError } from '@weft/errors'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import type { MultihashDigest } from 'multiformats/hashes/interface'
import { identityCode } from './key-multihash.ts'
import { inspectSymbol, peerIdSymbol } from './symbols.ts'

/** The codec `transport-ipfs-gateway-http` of a CID that names an HTTP gateway by its URL. */
export const gatewayCode = 0x0920

/** Bytes of the longest URL that is taken for an id; a gateway's is a scheme and a host. */
const maxUrlLength = 256

/** Throws `InvalidMultihashError` where the digest is no URL. */
export function urlPeerId(digest: Uint8Array): URLPeerId {
  if (digest.byteLength > maxUrlLength) throw new InvalidMultihashError(`URL is longer than ${maxUrlLength} bytes`)
  try {
    return new UrlPeerId(new URL(toUtf8(digest)))
  } catch (cause) {
    throw new InvalidMultihashError('multihash holds neither a public key nor a URL', { cause })
  }
}

/** A server without a key, known by its URL. Its text is the CID's. */
class UrlPeerId implements URLPeerId {
  static {
    Object.defineProperty(this.prototype, peerIdSymbol, { value: true })
    Object.defineProperty(this.prototype, inspectSymbol, {
      value(this: UrlPeerId) {
        return `PeerId(${this.url})`
      }
    })
  }

  readonly url: string
  readonly #multihash: MultihashDigest<0x0>

  constructor(url: URL) {
    this.url = url.toString()
    this.#multihash = create(identityCode, fromUtf8(this.url))
  }

  get type(): 'url' {
    return 'url'
  }

  get publicKey(): undefined {
    return undefined
  }

  toString(): string {
    return this.toCID().toString()
  }

  toMultihash(): MultihashDigest<0x0> {
    return this.#multihash
  }

  toCID(): CID<Uint8Array, 0x0920, 0x0, 1> {
    return CID.createV1(gatewayCode, this.#multihash)
  }

  toJSON(): string {
    return this.toString()
  }

  equals(other?: unknown): boolean {
    if (this === other) return true
    if (typeof other === 'string') return other === this.toString()
    if (other instanceof Uint8Array) return equals(other, this.#multihash.bytes)
    const { toMultihash } = (other ?? {}) as { toMultihash?: unknown }
    return typeof toMultihash === 'function' && equals((other as URLPeerId).toMultihash().bytes, this.#multihash.bytes)
  }
}
