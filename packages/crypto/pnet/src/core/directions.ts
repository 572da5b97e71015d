/** The two directions of a protected connection: a nonce, and from then on everything through its keystream. */
import { type ByteQueue, concat, equals, fromUtf8 } from '@weft/bytes'
import { PnetError } from '../errors.ts'
import { Keystream, nonceLength } from './keystream.ts'

// A socket takes no more in one call, and what waits to be sealed stays with who can still take it back.
const maxPerWrite = 256 * 1024

/** What a node without a key begins with: random bytes never do. */
const unprotectedStart = fromUtf8('\x13/multistream/1.0.0\n')

/** What this side writes. */
export class Outgoing {
  readonly #keystream: Keystream

  /** `nonce` is what the remote was sent, as it is. */
  constructor(key: Uint8Array, nonce: Uint8Array) {
    this.#keystream = new Keystream(key, nonce)
  }

  /** Takes from a queue that is not empty what goes into one write. Throws `PnetError` when the keystream is used up. */
  take(queue: ByteQueue): Uint8Array {
    const length = Math.min(queue.byteLength, maxPerWrite)
    return this.#keystream.apply(taken(queue, length), length)
  }
}

/** What the remote wrote. Its nonce is waited for by nobody: it comes before the first byte that is read. */
export class Incoming {
  readonly #key: Uint8Array
  #nonce: Uint8Array = new Uint8Array(0)
  #keystream: Keystream | undefined

  constructor(key: Uint8Array) {
    this.#key = key
  }

  /** Whether the remote is in the middle of its nonce. */
  get isTruncated(): boolean {
    return this.#keystream === undefined && this.#nonce.byteLength > 0
  }

  /**
   * The plaintext of a chunk; `undefined` while there is none. Throws `PnetError` when the remote does not protect the
   * connection at all, or the keystream is used up.
   */
  open(chunk: Uint8Array): Uint8Array | undefined {
    if (this.#keystream !== undefined) return this.#keystream.apply([chunk], chunk.byteLength)
    const missing = nonceLength - this.#nonce.byteLength
    this.#nonce = concat([this.#nonce, chunk.subarray(0, missing)])
    if (equals(this.#nonce.subarray(0, unprotectedStart.byteLength), unprotectedStart)) {
      throw new PnetError('ERR_PNET_UNPROTECTED', 'the remote is in no private network')
    }
    if (chunk.byteLength < missing) return undefined
    this.#keystream = new Keystream(this.#key, this.#nonce)
    return chunk.byteLength === missing ? undefined : this.open(chunk.subarray(missing))
  }
}

function* taken(queue: ByteQueue, length: number): Generator<Uint8Array> {
  for (let left = length; left > 0; ) {
    const chunk = queue.shift(left)!
    left -= chunk.byteLength
    yield chunk
  }
}
