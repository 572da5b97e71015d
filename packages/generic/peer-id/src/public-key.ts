import type { AbortOptions, KeyType } from '@libp2p/interface'
import { equals } from '@weft/bytes'
import { throwIfAborted } from '@weft/errors'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import type { Uint8ArrayList } from 'uint8arraylist'
import { encodeKeyMessage } from './core/key-message.ts'
import type { KeyMultihash } from './key-multihash.ts'
import type { Verifier } from './signer.ts'

/** The codec of a CID that names a peer. */
export const libp2pKeyCode = 0x72

/** What the public keys of all types share. `Code` is the hash function of their ids. */
export abstract class BasePublicKey<Type extends KeyType, Code extends number> {
  readonly type: Type
  readonly raw: Uint8Array
  #multihash: KeyMultihash<Code> | undefined
  #verifier: Verifier | undefined

  constructor(type: Type, raw: Uint8Array, verifier?: Verifier) {
    this.type = type
    this.raw = raw
    this.#verifier = verifier
  }

  /** Whether a key is one of this copy of the package, whose functions hold what they promise. */
  static is(key: object): boolean {
    return #verifier in key
  }

  equals(key?: unknown): boolean {
    if (this === key) return true
    const { raw, type } = (key ?? {}) as { raw?: unknown; type?: unknown }
    return type === this.type && raw instanceof Uint8Array && equals(this.raw, raw)
  }

  toMultihash(): KeyMultihash<Code> {
    this.#multihash ??= this.hash(encodeKeyMessage(this.type, this.raw))
    return this.#multihash
  }

  toCID(): CID<unknown, 0x72, Code, 1> {
    return CID.createV1(libp2pKeyCode, this.toMultihash())
  }

  toString(): string {
    return base58btc.baseEncode(this.toMultihash().bytes)
  }

  /** Whether the signature is this key's over this message; `false` for what is no signature at all. */
  verify(
    message: Uint8Array | Uint8ArrayList,
    signature: Uint8Array,
    options?: AbortOptions
  ): boolean | Promise<boolean> {
    throwIfAborted(options?.signal)
    this.#verifier ??= this.createVerifier()
    const result = this.#verifier(contiguous(message), signature)
    return typeof result === 'boolean' ? result : unlessAborted(result, options)
  }

  protected abstract hash(message: Uint8Array): KeyMultihash<Code>
  protected abstract createVerifier(): Verifier
}

/** The bytes of a message as one view. */
export function contiguous(message: Uint8Array | Uint8ArrayList): Uint8Array {
  return message instanceof Uint8Array ? message : message.subarray()
}

/** The result, or the abort if that came while it was made. */
export async function unlessAborted<T>(result: Promise<T>, options?: AbortOptions): Promise<T> {
  const value = await result
  throwIfAborted(options?.signal)
  return value
}
