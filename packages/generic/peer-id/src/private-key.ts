import type { AbortOptions, KeyType, PublicKey } from '@libp2p/interface'
import { throwIfAborted } from '@weft/errors'
import type { Uint8ArrayList } from 'uint8arraylist'
import { contiguous, unlessAborted } from './public-key.ts'
import type { Signer } from './signer.ts'
import { inspectSymbol } from './symbols.ts'

/**
 * What the private keys of all types share. The secret stands in a private field and is reached only by asking for
 * `raw` (or `jwk`): logging, inspecting, spreading or serialising a key shows its type and public key.
 */
export abstract class BasePrivateKey<Type extends KeyType, Public extends PublicKey> {
  static {
    Object.defineProperty(this.prototype, inspectSymbol, {
      value(this: BasePrivateKey<KeyType, PublicKey>) {
        return this.toString()
      }
    })
  }

  readonly type: Type
  readonly publicKey: Public
  readonly #raw: Uint8Array
  #signer: Signer | undefined

  constructor(type: Type, raw: Uint8Array, publicKey: Public) {
    this.type = type
    this.#raw = raw
    this.publicKey = publicKey
  }

  get raw(): Uint8Array {
    return this.#raw
  }

  /** Takes the same time wherever two keys differ. */
  equals(key?: unknown): boolean {
    if (this === key) return true
    const { raw, type } = (key ?? {}) as { raw?: unknown; type?: unknown }
    if (type !== this.type || !(raw instanceof Uint8Array) || raw.byteLength !== this.#raw.byteLength) return false
    let difference = 0
    for (let i = 0; i < raw.byteLength; i++) difference |= raw[i]! ^ this.#raw[i]!
    return difference === 0
  }

  sign(message: Uint8Array | Uint8ArrayList, options?: AbortOptions): Uint8Array | Promise<Uint8Array> {
    throwIfAborted(options?.signal)
    this.#signer ??= this.createSigner(this.#raw)
    const signature = this.#signer(contiguous(message))
    return signature instanceof Uint8Array ? signature : unlessAborted(signature, options)
  }

  toString(): string {
    return `PrivateKey(${this.type}, ${this.publicKey.toString()})`
  }

  toJSON(): { type: Type; publicKey: string } {
    return { type: this.type, publicKey: this.publicKey.toString() }
  }

  protected abstract createSigner(raw: Uint8Array): Signer
}
