import { NoiseError } from '../errors.ts'
import type { CipherKey } from './crypto.ts'

/**
 * Messages under one key, after which the channel ends. Noise reserves 2^64-1 and allows all nonces before it; a number
 * counts exactly to 2^53-1, which at 10 million records a second takes 28 years.
 */
export const nonceLimit: number = Number.MAX_SAFE_INTEGER

const noData = new Uint8Array(0)

/** A key and its message counter: Noise's CipherState (section 5.1). A failed message also uses up a nonce. */
export class CipherState {
  private readonly _key: CipherKey
  private readonly _nonce = new Uint8Array(12)
  private _next: number

  constructor(key: CipherKey, firstNonce: number = 0) {
    this._key = key
    this._next = firstNonce
  }

  /** Number of messages so far, including a failed one. */
  get count(): number {
    return this._next
  }

  /** @throws NoiseError when no nonce is left. */
  seal(plaintext: Uint8Array, ad: Uint8Array = noData): Uint8Array {
    return this._key.seal(this._advance(), ad, plaintext)
  }

  /** @throws NoiseError when no nonce is left or the tag is wrong. */
  open(ciphertext: Uint8Array, ad: Uint8Array = noData): Uint8Array {
    return this._key.open(this._advance(), ad, ciphertext) ?? wrongTag()
  }

  /** @throws NoiseError when no nonce is left. */
  sealRecord(parts: readonly Uint8Array[], length: number, out: Uint8Array[]): void {
    this._key.sealRecord(this._advance(), parts, length, out)
  }

  /** @throws NoiseError when no nonce is left or the tag is wrong. */
  openRecord(pieces: readonly Uint8Array[]): Uint8Array[] {
    return this._key.openRecord(this._advance(), pieces) ?? wrongTag()
  }

  /** The next nonce: 32 zero bits and the counter, little-endian (section 12.3). */
  private _advance(): Uint8Array {
    if (this._next >= nonceLimit) throw new NoiseError('ERR_NOISE_NONCE_EXHAUSTED', 'no nonce is left under this key')
    const nonce = this._nonce
    writeUint32(this._next, nonce, 4)
    writeUint32(Math.floor(this._next / 0x1_0000_0000), nonce, 8)
    this._next++
    return nonce
  }
}

function writeUint32(value: number, target: Uint8Array, offset: number): void {
  target[offset] = value
  target[offset + 1] = value >>> 8
  target[offset + 2] = value >>> 16
  target[offset + 3] = value >>> 24
}

function wrongTag(): never {
  throw new NoiseError('ERR_NOISE_TAG', 'a message was not sealed by the remote, or was changed on its way')
}
