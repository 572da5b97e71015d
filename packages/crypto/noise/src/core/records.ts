/** The transport messages that follow a handshake: two bytes of length, then ciphertext and tag ("Wire Format"). */
import { type ByteQueue, concat, releaseMemory } from '@weft/bytes'
import { NoiseError } from '../errors.ts'
import type { CipherState } from './cipher-state.ts'
import { maxPlaintextLength, tagLength } from './constants.ts'

// What is sealed at once, 256 KiB, so that a queue of many megabytes is not held a second time as ciphertext.
const maxRecordsPerWrite = 4
// A remote that sends a record byte by byte would make a view for each: more than this are joined.
const maxPieces = 64

/** Takes from a queue that is not empty what goes into one write, in records as large as they may be. */
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

/** Parses records out of chunks that begin and end anywhere. */
export class RecordReader {
  private readonly _cipher: CipherState
  private readonly _ownsChunks: boolean
  /** The first byte of a length of which the second has not come; -1 without. */
  private _high = -1
  /** Bytes of the current record that have not come. */
  private _missing = 0
  private _pieces: Uint8Array[] = []
  /** The chunks that the pieces are views of. */
  private _chunks: Uint8Array[] = []

  /** With `ownsChunks`, nobody else has the buffer of a chunk that is the whole of it: it goes as soon as it is read. */
  constructor(cipher: CipherState, ownsChunks: boolean = false) {
    this._cipher = cipher
    this._ownsChunks = ownsChunks
  }

  /** Whether what has come so far ended with a whole record. */
  get isBetweenRecords(): boolean {
    return this._missing === 0 && this._high < 0
  }

  /**
   * Gives the plaintext of each record that is complete to `deliver`, as views that are its own. Throws `NoiseError`, and
   * then the connection must end: nothing behind a bad record can be opened.
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

  /** Nothing of them is needed any more. */
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
