/** The transport messages that follow a handshake: two bytes of length, then ciphertext and tag ("Wire Format"). */
import { type ByteQueue, concat, releaseMemory } from '@weft/bytes'
import { NoiseError } from '../errors.ts'
import type { CipherState } from './cipher-state.ts'
import { maxPlaintextLength, tagLength } from './constants.ts'

// The amount sealed at once, 256 KiB, so that a queue of many megabytes does not exist a second time as ciphertext.
const maxRecordsPerWrite = 4
// If a remote sends a record byte by byte, each byte would be a view: more than this are joined.
const maxPieces = 64

/** Takes data for one write from a queue that is not empty, in records of maximum size. */
export function sealQueue(cipher: CipherState, queue: ByteQueue): Uint8Array[] {
  const out: Uint8Array[] = []
  for (let i = 0; i < maxRecordsPerWrite && queue.byteLength > 0; i++) {
    const length = Math.min(queue.byteLength, maxPlaintextLength)
    const parts: Uint8Array[] = []
    for (let rest = length; rest > 0; ) {
      const part = queue.shift(rest)!
      parts.push(part)
      rest -= part.byteLength
    }
    cipher.sealRecord(parts, length, out)
  }
  return out
}

/** Parses records from chunks with arbitrary boundaries. */
export class RecordReader {
  private readonly _cipher: CipherState
  private readonly _ownsChunks: boolean
  /** The first byte of an incomplete length prefix; -1 if there is none. */
  private _high = -1
  /** Missing bytes of the current record. */
  private _missing = 0
  private _pieces: Uint8Array[] = []
  /** The chunks that the pieces are views of. */
  private _chunks: Uint8Array[] = []

  /**
   * With `ownsChunks`, the buffer of a chunk that spans all of it is owned by this object, and released as soon as it
   * is read.
   */
  constructor(cipher: CipherState, ownsChunks: boolean = false) {
    this._cipher = cipher
    this._ownsChunks = ownsChunks
  }

  /** Whether no record is incomplete. */
  get isBetweenRecords(): boolean {
    return this._missing === 0 && this._high < 0
  }

  /**
   * Passes the plaintext of each complete record to `deliver`, which owns it. Throws `NoiseError`; the connection must
   * then end, as nothing after an invalid record can be decrypted.
   */
  read(chunk: Uint8Array, deliver: (plaintext: Uint8Array) => void): void {
    for (let at = 0; at < chunk.byteLength; ) {
      if (this._missing === 0) {
        at = this._readLength(chunk, at)
        continue
      }
      const end = Math.min(chunk.byteLength, at + this._missing)
      const piece = chunk.subarray(at, end)
      this._missing -= end - at
      at = end
      if (this._missing > 0) this._keep(piece)
      else for (const plaintext of this._open(piece)) deliver(plaintext)
    }
    if (!this._ownsChunks) return
    if (this._pieces.length > 0) this._chunks.push(chunk)
    else releaseMemory(chunk)
  }

  private _readLength(chunk: Uint8Array, at: number): number {
    if (this._high < 0) {
      this._high = chunk[at]!
      return at + 1
    }
    const length = (this._high << 8) | chunk[at]!
    this._high = -1
    if (length < tagLength) {
      throw new NoiseError('ERR_NOISE_RECORD_LENGTH', `a record has ${length} bytes, its tag alone has ${tagLength}`, {
        length
      })
    }
    this._missing = length
    return at + 1
  }

  private _keep(piece: Uint8Array): void {
    this._pieces.push(piece)
    if (this._pieces.length <= maxPieces) return
    this._pieces = [concat(this._pieces)]
    this._releaseChunks()
  }

  /** They are no longer needed. */
  private _releaseChunks(): void {
    for (const chunk of this._chunks) releaseMemory(chunk)
    this._chunks = []
  }

  private _open(last: Uint8Array): Uint8Array[] {
    const pieces = this._pieces
    this._pieces = []
    // The tag itself may span pieces.
    let end = last
    while (end.byteLength < tagLength) end = concat([pieces.pop()!, end])
    pieces.push(end)
    const plaintext = this._cipher.openRecord(pieces)
    this._releaseChunks()
    return plaintext
  }
}
