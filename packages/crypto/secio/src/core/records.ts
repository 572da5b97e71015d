/** What follows the handshake: four bytes of length, then ciphertext and its MAC. */
import { ByteQueue, concat } from '@weft/bytes'
import { SecioError } from '../errors.ts'
import type { DirectionKeys } from './agreement.ts'
import { type HashName, macLengths, type SecioCrypto, type StreamCipher } from './crypto.ts'

/** Bytes of a length. */
export const prefixLength = 4
// Bytes in the largest frame that is read once the remote is known, its MAC among them.
const maxFrameLength = 8 * 1024 * 1024

// What older peers read at once without trouble; several in one write cost no more.
const maxPlaintextLength = 64 * 1024
const maxFramesPerWrite = 4

/** Bytes with their length before them. */
export function withLength(parts: readonly Uint8Array[]): Uint8Array {
  const prefix = new Uint8Array(prefixLength)
  new DataView(prefix.buffer).setUint32(
    0,
    parts.reduce((sum, part) => sum + part.byteLength, 0)
  )
  return concat([prefix, ...parts])
}

/** A length as it was sent. */
export function lengthOf(prefix: Uint8Array): number {
  return new DataView(prefix.buffer, prefix.byteOffset, prefixLength).getUint32(0)
}

/** Encrypts one direction. */
export class Sealer {
  readonly #crypto: SecioCrypto
  readonly #hash: HashName
  readonly #macKey: Uint8Array
  readonly #cipher: StreamCipher

  constructor(crypto: SecioCrypto, hash: HashName, { key, iv, macKey }: DirectionKeys) {
    this.#crypto = crypto
    this.#hash = hash
    this.#macKey = macKey
    this.#cipher = crypto.cipher(key, iv)
  }

  /** One frame. */
  seal(plaintext: Uint8Array): Uint8Array {
    const ciphertext = this.#cipher.update(plaintext)
    return withLength([ciphertext, this.#crypto.hmac(this.#hash, this.#macKey, [ciphertext])])
  }

  /** Takes from a queue that is not empty what goes into one write. */
  sealQueue(queue: ByteQueue): Uint8Array[] {
    const out: Uint8Array[] = []
    for (let i = 0; i < maxFramesPerWrite && queue.byteLength > 0; i++) {
      out.push(this.seal(queue.take(Math.min(queue.byteLength, maxPlaintextLength))!))
    }
    return out
  }
}

/** Decrypts the other direction. */
export class Opener {
  readonly #crypto: SecioCrypto
  readonly #hash: HashName
  readonly #macKey: Uint8Array
  readonly #cipher: StreamCipher
  /** The part of a length that has come. */
  #prefix: Uint8Array = new Uint8Array(0)
  /** Bytes of the current frame that have not come. */
  #missing = 0
  /** What has come of the current frame. */
  readonly #frame = new ByteQueue()

  constructor(crypto: SecioCrypto, hash: HashName, { key, iv, macKey }: DirectionKeys) {
    this.#crypto = crypto
    this.#hash = hash
    this.#macKey = macKey
    this.#cipher = crypto.cipher(key, iv)
  }

  /** Whether what has come so far ended with a whole frame. */
  get isBetweenFrames(): boolean {
    return this.#missing === 0 && this.#prefix.byteLength === 0
  }

  /** Bytes that have come of a frame whose rest is missing. */
  get heldLength(): number {
    return this.#frame.byteLength
  }

  /** Throws `SecioError` for a length that no frame has; a frame holds a MAC at least. */
  checkLength(length: number): void {
    const least = macLengths[this.#hash]
    if (length >= least && length <= maxFrameLength) return
    const message = `a frame has ${length} bytes: at least ${least}, at most ${maxFrameLength} are read`
    throw new SecioError('ERR_SECIO_FRAME_LENGTH', message, { length })
  }

  /** The plaintext of a whole frame, without its length. Throws `SecioError` if the MAC is wrong. */
  open(frame: Uint8Array): Uint8Array {
    const split = frame.byteLength - macLengths[this.#hash]
    const ciphertext = frame.subarray(0, split)
    const mac = this.#crypto.hmac(this.#hash, this.#macKey, [ciphertext])
    if (!this.#crypto.equals(mac, frame.subarray(split))) {
      throw new SecioError('ERR_SECIO_MAC', 'a frame was not sealed by the remote, or was changed on its way')
    }
    return this.#cipher.update(ciphertext)
  }

  /**
   * Gives the plaintext of each frame that is complete to `deliver`. Throws `SecioError`, and then the connection must end:
   * nothing behind a bad frame can be opened.
   */
  read(chunk: Uint8Array, deliver: (plaintext: Uint8Array) => void): void {
    let rest = chunk
    while (rest.byteLength > 0) {
      rest = this.#missing === 0 ? this.#readLength(rest) : this.#readBody(rest, deliver)
    }
  }

  #readLength(chunk: Uint8Array): Uint8Array {
    const wanted = prefixLength - this.#prefix.byteLength
    const prefix = concat([this.#prefix, chunk.subarray(0, wanted)])
    if (prefix.byteLength < prefixLength) this.#prefix = prefix
    else {
      const length = lengthOf(prefix)
      this.checkLength(length)
      this.#prefix = new Uint8Array(0)
      this.#missing = length
    }
    return chunk.subarray(wanted)
  }

  #readBody(chunk: Uint8Array, deliver: (plaintext: Uint8Array) => void): Uint8Array {
    const piece = chunk.subarray(0, this.#missing)
    this.#missing -= piece.byteLength
    this.#frame.push(piece)
    if (this.#missing === 0) deliver(this.open(this.#frame.take(this.#frame.byteLength)!))
    // A frame that comes byte by byte costs no more than its bytes, and none of them is copied more than a few times.
    else this.#frame.keepLast()
    return chunk.subarray(piece.byteLength)
  }
}
