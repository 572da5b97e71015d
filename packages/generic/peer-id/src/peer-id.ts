import type {
  ECDSAPublicKey,
  Ed25519PeerId,
  Ed25519PublicKey,
  PeerId,
  RSAPeerId,
  RSAPublicKey,
  Secp256k1PeerId,
  Secp256k1PublicKey
} from '@libp2p/interface'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import { ed25519Public } from './ed25519.ts'
import type { KeyMultihash } from './key-multihash.ts'
import { libp2pKeyCode } from './public-key.ts'
import { inspectSymbol, peerIdSymbol } from './symbols.ts'

/** Where the key begins in the protobuf form of an Ed25519 key. */
export const ed25519KeyOffset = 4

/**
 * What peer ids of all key types share. An instance holds the bytes of its multihash, and its text once that was asked
 * for.
 */
abstract class BasePeerId<Code extends number> {
  static {
    Object.defineProperty(this.prototype, peerIdSymbol, { value: true })
    Object.defineProperty(this.prototype, Symbol.toStringTag, { get: describe })
    Object.defineProperty(this.prototype, inspectSymbol, { value: describe })
  }

  /** An own property, so that test runners see that two ids differ. */
  readonly multihash: KeyMultihash<Code>
  #text: string | undefined

  constructor(multihash: KeyMultihash<Code>) {
    this.multihash = multihash
  }

  /** The multihash in base58btc, without a multibase prefix. */
  toString(): string {
    this.#text ??= base58btc.baseEncode(this.multihash.bytes)
    return this.#text
  }

  toMultihash(): KeyMultihash<Code> {
    return this.multihash
  }

  toCID(): CID<Uint8Array, 0x72, Code, 1> {
    return CID.createV1(libp2pKeyCode, this.multihash)
  }

  toJSON(): string {
    return this.toString()
  }

  /** Compares with another peer id (of any implementation), the bytes of a multihash, or text in base58btc. */
  equals(other?: unknown): boolean {
    if (this === other) return true
    if (typeof other === 'string') return other === this.toString()
    if (other === null || typeof other !== 'object') return false
    const bytes = this.multihash.bytes
    if (#text in other) return sameBytes(bytes, (other as BasePeerId<number>).multihash.bytes)
    if (other instanceof Uint8Array) return sameBytes(bytes, other)
    const foreign = other as PeerId
    return typeof foreign.toMultihash === 'function' && sameBytes(bytes, foreign.toMultihash().bytes)
  }
}

/** The id of an Ed25519 key, which it holds. The key's object is made when it is first asked for. */
export class InlinedEd25519PeerId extends BasePeerId<0x0> implements Ed25519PeerId {
  #publicKey: Ed25519PublicKey | undefined

  constructor(multihash: KeyMultihash<0x0>, publicKey?: Ed25519PublicKey) {
    super(multihash)
    this.#publicKey = publicKey
  }

  get type(): 'Ed25519' {
    return 'Ed25519'
  }

  get publicKey(): Ed25519PublicKey {
    this.#publicKey ??= ed25519Public(this.toMultihash().digest.subarray(ed25519KeyOffset))
    return this.#publicKey
  }
}

/** The id of a secp256k1 key, which it holds. */
export class InlinedSecp256k1PeerId extends BasePeerId<0x0> implements Secp256k1PeerId {
  readonly publicKey: Secp256k1PublicKey

  constructor(multihash: KeyMultihash<0x0>, publicKey: Secp256k1PublicKey) {
    super(multihash)
    this.publicKey = publicKey
  }

  get type(): 'secp256k1' {
    return 'secp256k1'
  }
}

/** The hash of a key that does not stand in the id: an RSA key, or one that is not known. */
export class HashedPeerId extends BasePeerId<0x12> implements RSAPeerId {
  readonly publicKey?: RSAPublicKey

  constructor(multihash: KeyMultihash<0x12>, publicKey?: RSAPublicKey) {
    super(multihash)
    if (publicKey !== undefined) this.publicKey = publicKey
  }

  get type(): 'RSA' {
    return 'RSA'
  }
}

/** The id of a known ECDSA key: a kind that the contract has no type for. */
export class EcdsaPeerId extends BasePeerId<0x12> {
  readonly publicKey: ECDSAPublicKey

  constructor(multihash: KeyMultihash<0x12>, publicKey: ECDSAPublicKey) {
    super(multihash)
    this.publicKey = publicKey
  }

  get type(): 'ECDSA' {
    return 'ECDSA'
  }
}

function describe(this: BasePeerId<number>): string {
  return `PeerId(${this.toString()})`
}

/** From the end, because the first bytes of all ids of one kind are the same. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) return false
  for (let i = a.byteLength - 1; i >= 0; i--) {
    if (a[i] !== b[i]) return false
  }
  return true
}
