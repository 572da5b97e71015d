/** The two directions of a protected connection: each has a nonce, followed by data encrypted with its keystream. */
import { type ByteQueue, concat, equals, fromUtf8 } from '@weft/bytes'
import { PnetError } from '../errors.ts'
import { Keystream, nonceLength } from './keystream.ts'

// A socket accepts no more in one call, and data that is not sealed yet can still be discarded.
const maxPerWrite = 256 * 1024

/** The first bytes of a node without a key; a random nonce never starts with them. */
const unprotectedStart = fromUtf8('\x13/multistream/1.0.0\n')

/** The outbound direction. */
export class Outgoing {
  readonly #keystream: Keystream

  /** `nonce` was sent to the remote in clear. */
  constructor(key: Uint8Array, nonce: Uint8Array) {
    this.#keystream = new Keystream(key, nonce)
  }

  /** Encrypts data for one write from a queue that is not empty. Throws `PnetError` when the keystream is exhausted. */
  take(queue: ByteQueue): Uint8Array {
    const length = Math.min(queue.byteLength, maxPerWrite)
    return this.#keystream.apply(taken(queue, length), length)
  }
}

/** The inbound direction. The remote's nonce is not awaited separately: it precedes the first data. */
export class Incoming {
  readonly #key: Uint8Array
  #nonce: Uint8Array = new Uint8Array(0)
  #keystream: Keystream | undefined

  constructor(key: Uint8Array) {
    this.#key = key
  }

  /** Whether the remote's nonce is incomplete. */
  get isTruncated(): boolean {
    return this.#keystream === undefined && this.#nonce.byteLength > 0
  }

  /**
   * The plaintext of a chunk; `undefined` while there is none. Throws `PnetError` if the remote does not protect the
   * connection, or the keystream is exhausted.
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
